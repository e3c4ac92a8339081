"""A database that has lost its memory learns from the send journal what it must not send again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from nurture_cli.delivery.journal import read_header, read_lines, rebuild
from nurture_cli.errors import Refused
from nurture_cli.plural import how_many
from nurture_cli.store import ledger, recalled
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.instance import read_instance
from nurture_cli.store.runs import pass_over_runs


@dataclass(frozen=True, slots=True)
class Recalled:
    """What came of it: touches now in doubt, lines that were known, and lines about people who are not here."""

    in_doubt: int
    known: int
    missing: int


def recall(
    db: Connection, path: Path, at: int, *, forget_missing: bool = False, without_journal: bool = False
) -> Recalled:
    """Bring the database up to what the journal at `path` has seen, and make the two belong together again.

    Every send that the database does not know becomes a touch in doubt, so that nobody gets it twice. Raises Refused
    when sends went to people who are not in the database, unless `forget_missing`, and when there is no journal though
    the database has sent, unless `without_journal`: then one is made from what the database knows. Nothing was changed.
    """
    start, owner = read_header(path)
    instance = read_instance(db)
    if owner is None and not without_journal and not ledger.is_fresh(db):
        raise Refused(
            f"There is no send journal at {path}, so nobody can tell what was sent after the last run that this "
            "database knows. Nothing was changed.",
            "Put the journal back if you have it anywhere. If this database is the latest, or nothing was sent after "
            "it: nurture recover --without-journal",
        )
    ours = owner == instance.id
    counts: Counter[bool | None] = Counter()
    newest = 0
    end = start
    with writing(db):
        if owner is not None:
            for end_of_line, line in read_lines(path, start):
                end = end_of_line
                known = ours and end <= instance.journal_size
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
    if not ours:
        if path.exists():
            path.replace(path.with_name(f"{path.name}.{at}"))
        rebuild(db, path)
    return Recalled(in_doubt=counts[True], known=counts[False], missing=counts[None])
