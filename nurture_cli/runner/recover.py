"""What `nurture recover` does: an outdated database learns from the send journal what was sent, and who left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from nurture_cli.errors import Refused
from nurture_cli.plural import how_many
from nurture_cli.store import forgotten_touches, ledger, suppression_lines
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.instance import read_instance
from nurture_cli.store.journal import mend, rebuild
from nurture_cli.store.journal_lines import SuppressionLine, read_header, read_lines
from nurture_cli.store.runs import doubt_notes, pass_over_runs


@dataclass(frozen=True, slots=True)
class Recovered:
    """How many sends are now in doubt, were known, or went to contacts who are not in the database.

    `suppressions`: how many were made or lifted that the database did not know.
    """

    in_doubt: int
    known: int
    missing: int
    suppressions: int = 0


def recover_from_journal(
    db: Connection, path: Path, at: int, *, forget_missing: bool = False, without_journal: bool = False
) -> Recovered:
    """Bring the database up to what the journal at `path` has seen, and make the two belong together again.

    Every send that the database does not know becomes a touch in doubt, so that nobody gets it twice; suppressions that
    it does not know are in force again, unless they were lifted. Raises Refused, with nothing changed, when sends went
    to contacts who are not in the database, unless `forget_missing`; and when the journal to which the database has
    written is missing, unless `without_journal`: then a new one is made from what the database knows.
    """
    start, owner = read_header(path)
    instance = read_instance(db)
    if owner is None and not without_journal and not ledger.is_fresh(db):
        raise Refused(
            f"There is no send journal at {path}, so nurture cannot tell what was sent, and who left, after the last "
            "run that this database knows. Nothing was changed.",
            "If you still have the journal, put it back. If this database is the latest, or nothing was sent after "
            "it: nurture recover --without-journal",
        )
    ours = owner == instance.id
    counts: Counter[bool | None] = Counter()
    newest = suppressed = 0
    end = start
    with writing(db):
        if owner is not None:
            for end_of_line, line in read_lines(path, start):
                end = end_of_line
                known = ours and end <= instance.journal_size
                if isinstance(line, SuppressionLine):
                    suppressed += not known and suppression_lines.take_over(db, line)
                    continue
                counts[False if known else forgotten_touches.park(db, line, at)] += 1
                newest = max(newest, line.run_id)
        if counts[None] and not forget_missing:
            raise Refused(
                f"{how_many(counts[None], 'send')} in the journal went to contacts who are not in this database.",
                "Nothing was changed. Import your contacts first, so that they are known again; use "
                "`--forget-missing` if they are gone for good.",
            )
        pass_over_runs(db, newest, at)
        doubt_notes(db)
        if ours:
            ledger.record_journal(
                db, max(end, instance.journal_size)
            )  # so that a journal that was cut is still found to be
    if ours:
        mend(db, path)
    else:
        if path.exists():
            path.replace(path.with_name(f"{path.name}.{at}"))
        rebuild(db, path)
    return Recovered(in_doubt=counts[True], known=counts[False], missing=counts[None], suppressions=suppressed)
