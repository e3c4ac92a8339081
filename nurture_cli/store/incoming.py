"""Takes in many contacts at once: their rows wait aside, then are merged into the store in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from nurture_cli.errors import Refused
from nurture_cli.store.database import Connection, IntegrityError
from nurture_cli.store.queries import queries
from nurture_cli.store.waiting import aside, waiting

COLUMNS = (
    "row", "address_hash", "email", "first_name", "last_name", "company", "job_title", "role", "phone", "country",
    "language", "source", "consent_basis", "consent_source", "zone", "zone_given", "stage", "consent", "consent_at",
    "consent_until", "suppressed", "fields", "tags",
)  # fmt: skip
_TABLES = ("make_contacts", "make_known", "make_stages", "make_changes", "make_tags", "make_leaving")
_PORTION = 64  # rows in one statement: a quarter quicker than one by one
_PROOF = frozenset({"consent_at", "consent_basis", "consent_source"})
_MOST_TAGS = 10  # that are named
_MOST_ZONES = 5  # that are named, of those that are not known
_SQL = queries("incoming")


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge needs: the columns of the rows, the stages in order, and the name of the merge in histories."""

    columns: tuple[str, ...]
    stages: tuple[str, ...]
    now: int
    cause: str
    raise_consent: bool
    clears: bool  # some of the rows clear facts


@dataclass(frozen=True, slots=True)
class Lacking:
    """How many of the file's contacts lack what mail needs, without those who are suppressed or withdrew."""

    consent: int
    basis: int  # of those who have consent
    source: int
    basis_or_source: int


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge did: it took in `new + changed + same` rows; the other numbers are about some of them."""

    new: int
    changed: int
    same: int
    leaving: int  # are suppressed by what the file says, and were not before
    suppressed: int  # are suppressed now, for whatever reason
    consent_kept: int  # the file says more consent than we have; ours stays
    proof_kept: int  # the file says another time or source for the consent that they gave; ours stays
    stage_kept: int  # the file would move them back to an earlier stage
    zones_unknown: int  # their zone is no IANA name
    zones_etc: int  # their zone is an offset with the sign turned round, such as Etc/GMT+2
    lacking: Lacking
    tags: tuple[tuple[str, int], ...]  # how many rows have which, the most frequent first
    other_tags: int  # how many more tags there are
    strange_zones: tuple[tuple[str, int, int], ...]  # unknown zones: text, first row, number of rows

    @property
    def notes(self) -> dict[str, int]:
        """The numbers about some of the rows."""
        return {
            "leaving": self.leaving, "suppressed": self.suppressed, "consent_kept": self.consent_kept,
            "proof_kept": self.proof_kept, "stage_kept": self.stage_kept,
            "zones_unknown": self.zones_unknown, "zones_etc": self.zones_etc,
        }  # fmt: skip


def contacts_waiting(db: Connection) -> AbstractContextManager[None]:
    """Temporary tables for the rows of a contacts file; call outside of a transaction."""
    return waiting(db, [_SQL[name] for name in _TABLES])


def lay_down_contacts(db: Connection, columns: Sequence[str], portions: Iterable[Sequence[Sequence[Any]]]) -> None:
    """Let rows of a contacts file wait, in these columns of `incoming`; the others stay NULL.

    Each of `portions` has a sequence of values for each column, one value for each row.
    """
    unknown = set(columns) - set(COLUMNS)
    if unknown:
        raise ValueError(f"There are no such columns: {sorted(unknown)}")
    one = f"({', '.join('?' * len(columns))})"
    insert = f"INSERT INTO incoming ({', '.join(columns)}) VALUES {one}"  # noqa: S608  names out of COLUMNS
    insert_portion = insert + f", {one}" * (_PORTION - 1)
    width = len(columns)
    cells: list[Any] = [None] * (_PORTION * width)
    with aside(db):
        for portion in portions:
            if len(portion[0]) == _PORTION:
                for place, column in enumerate(portion):
                    cells[place::width] = column
                db.execute(insert_portion, cells)
            else:
                db.executemany(insert, zip(*portion, strict=True))


def note_leaving(db: Connection, address_hash: bytes, reason: str) -> None:
    """Note that a row bars its address from mail, though the row itself is left out."""
    db.execute(_SQL["note_leaving"], {"address_hash": address_hash, "reason": reason})


def merge_contacts(db: Connection, merge: Merge) -> Merged:
    """Take the rows that wait into the store, inside `writing`."""
    names: dict[str, Any] = {
        "now": merge.now, "cause": merge.cause, "first_stage": merge.stages[0], "raise_consent": merge.raise_consent,
        "last_id": _number(db, "last_contact"),
    }  # fmt: skip
    if _number(db, "any_erased"):
        db.execute(_SQL["refuse_erased"])
        db.execute(_SQL["drop_refused"])
    if names["last_id"]:
        db.executemany(_SQL["add_stage"], [(stage, place) for place, stage in enumerate(merge.stages)])
        db.execute(_SQL["find_known"], names)
    try:
        new = db.execute(_SQL["insert_new"], names).rowcount
    except IntegrityError as error:
        raise Refused(
            "Addresses of this file belong to contacts whose address hash was changed behind nurture's back; "
            "nothing was imported.",
            "Run `nurture doctor`.",
        ) from error
    if merge.clears:
        db.execute(_SQL["clear_new"], names)
    rows = _number(db, "count_incoming")
    # The other rows have to be looked at only when some of them repeat each other, or carry tags.
    if new + _number(db, "count_known") < rows or "tags" in merge.columns:
        db.execute(_SQL["find_rest"])
    db.execute(_SQL["refuse_repeated_contacts"])
    if "suppressed" in merge.columns:
        db.execute(_SQL["find_leaving"])
    if "consent" in merge.columns:
        db.execute(_SQL["find_withdrawn_again"])
    db.execute(_SQL["forget_refused"])
    rows -= db.execute(_SQL["drop_refused"]).rowcount
    changed = _change_known(db, names)
    if "consent" in merge.columns and _number(db, "any_withdrawn"):
        db.execute(_SQL["find_withdrawn"], names)
    db.execute(_SQL["replace_weaker_suppressions"], names)
    leaving = db.execute(_SQL["suppress_leaving"], names).rowcount
    suppressed = _number(db, "count_suppressed_new", names) + _number(db, "count_suppressed_known", names)
    consent_kept, stage_kept = db.execute(_SQL["count_held"], names).fetchone()
    proof_kept = _number(db, "count_proof_kept", names) if _PROOF.intersection(merge.columns) else 0
    zones_unknown, zones_etc = db.execute(_SQL["count_zones"]).fetchone() if "zone" in merge.columns else (0, 0)
    tags = db.execute(_SQL["count_tags"]).fetchall() if "tags" in merge.columns else []
    return Merged(
        new=new,
        changed=changed,
        same=rows - new - changed,
        leaving=leaving,
        suppressed=suppressed,
        consent_kept=consent_kept,
        proof_kept=proof_kept,
        stage_kept=stage_kept,
        zones_unknown=zones_unknown,
        zones_etc=zones_etc,
        lacking=Lacking(*db.execute(_SQL["count_lacking"], names).fetchone()),
        tags=tuple(tags[:_MOST_TAGS]),
        other_tags=max(0, len(tags) - _MOST_TAGS),
        strange_zones=tuple(db.execute(_SQL["unknown_zones"], {"most": _MOST_ZONES})) if zones_unknown else (),
    )


def anybody_stays(db: Connection) -> bool:
    """Whether the waiting rows hold any contact who, by their row, has not left."""
    return bool(_number(db, "any_staying"))


def anybody_agrees(db: Connection) -> bool:
    """Whether the waiting rows give consent to any contact who, by their row, has not left."""
    return bool(_number(db, "any_agreeing"))


def _change_known(db: Connection, names: dict[str, Any]) -> int:
    """Write what differs for contacts that were there before, and all tags; return how many of those changed."""
    if db.execute(_SQL["find_changes"], names).rowcount:
        db.execute(_SQL["record_stage_moves"], names)
        db.execute(_SQL["change_contacts"], names)
    db.execute(_SQL["find_tags"])
    changed = _number(db, "count_changed", names)
    db.execute(_SQL["add_tags"])
    return changed


def _number(db: Connection, query: str, names: dict[str, Any] | None = None) -> int:
    number: int = db.execute(_SQL[query], names or {}).fetchone()[0]
    return number
