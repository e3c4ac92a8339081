"""A database that has lost its memory learns from the send journal what it must not send again, and who left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from nurture_cli.errors import Refused
from nurture_cli.plural import how_many
from nurture_cli.store import ledger, recalled, witness
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.instance import read_instance
from nurture_cli.store.journal import mend, rebuild
from nurture_cli.store.journal_lines import SuppressionLine, read_header, read_lines
from nurture_cli.store.runs import pass_over_runs


@dataclass(frozen=True, slots=True)
class Recalled:
    """What came of it: touches now in doubt, sends that were known, and sends to people who are not here.

    `suppressions`: how many were made or lifted, of which the database did not know.
    """

    in_doubt: int
    known: int
    missing: int
    suppressions: int = 0


def recall(
    db: Connection, path: Path, at: int, *, forget_missing: bool = False, without_journal: bool = False
) -> Recalled:
    """Bring the database up to what the journal at `path` has seen, and make the two belong together again.

    Every send that the database does not know becomes a touch in doubt, so that nobody gets it twice; whoever was
    suppressed is so again, unless that was lifted. Raises Refused when sends went to people who are not in the
    database, unless `forget_missing`, and when there is no journal though the database has written to it, unless
    `without_journal`: then one is made from what the database knows. Nothing was changed.
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
                    suppressed += not known and witness.recall(db, line)
                    continue
                counts[False if known else recalled.recall(db, line, at)] += 1
                newest = max(newest, line.run_id)
        if counts[None] and not forget_missing:
            raise Refused(
                f"{how_many(counts[None], 'send')} in the journal went to contacts who are not in this database.",
                "Nothing was changed. Import your contacts first, so that they are known again; use "
                "`--forget-missing` if they are gone for good.",
            )
        pass_over_runs(db, newest, at)
        if ours:
            ledger.record_journal(db, max(end, instance.journal_size))  # one that was cut is still found to be
    if ours:
        mend(db, path)
    else:
        if path.exists():
            path.replace(path.with_name(f"{path.name}.{at}"))
        rebuild(db, path)
    return Recalled(in_doubt=counts[True], known=counts[False], missing=counts[None], suppressions=suppressed)
