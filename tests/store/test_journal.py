"""The send journal: the witness that notices a database without memory."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from nurture_cli.errors import InputOutput, Refused
from nurture_cli.runner.recover import recover_from_journal
from nurture_cli.store import ledger
from nurture_cli.store.backup import backup
from nurture_cli.store.create import create
from nurture_cli.store.database import Connection, DiskFull, open_writer, writing
from nurture_cli.store.instance import read_instance
from nurture_cli.store.journal import Journal, mend, open_journal, verify
from nurture_cli.store.journal_lines import SuppressionLine, TouchLine, encoded, header, read_header, read_lines
from tests.store.conftest import KEYS

AT = 1772528400


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Connection]:
    """A database with one contact in one campaign."""
    create(tmp_path / "nurture.db", AT, KEYS)
    store = open_writer(tmp_path / "nurture.db")
    with writing(store):
        store.execute(
            "INSERT INTO contact (id, email, address_hash, stage, stage_at, created_at, updated_at)"
            " VALUES (1, 'a@b.example', x'00112233445566778899aabbccddeeff', 'early', 0, 0, 0)"
        )
        store.execute(
            "INSERT INTO enrollment (id, contact_id, campaign, pass, entered_at, state, sequence, step, arrived_at,"
            " anchor_at) VALUES (1, 1, 'c', 1, 0, 'moving', 'early', 'early/a', 0, 0)"
        )
    yield store
    store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal lies."""
    return tmp_path / "nurture.journal"


def line(number: int) -> TouchLine:
    return TouchLine(
        key=f"c/1/1/{number}", contact="00112233445566778899aabbccddeeff", campaign="c", step="early/a", hop=number,
        asset=f"a{number}", family=f"a{number}", once_scope="*", channel="mail", reaches_contact=True, stream=False,
        due_at=AT, campaign_hash="h", asset_hash="h", body_hash="h", message_id=f"m{number}@x", run_id=1, at=AT,
    )  # fmt: skip


class Due:
    """A touch to be claimed, of which the journal will tell by `line(number)`."""

    contact_id, enrollment_id, request_id, handoff_id, reason = 1, 1, None, None, "due"

    def __init__(self, number: int) -> None:
        for name, value in asdict(line(number)).items():
            setattr(self, name, value)


def deliver(db: Connection, journal: Journal, *numbers: int, as_far_as: str = "sent") -> None:
    """Bring touches as far as `committing` (with their lines or, `unwitnessed`, without) or `sent`, in one commit."""
    with writing(db):
        for number in numbers:
            entry = ledger.claim(db, Due(number), message_id=f"m{number}@x", run_id=1, at=AT)  # type: ignore[arg-type]
            assert entry is not None
            ledger.mark_committing(db, entry, body_hash="h", at=AT)
            if as_far_as == "sent":
                ledger.settle_sent(db, entry, at=AT)
        lines = encoded(map(line, numbers))
        ledger.grow_journal(db, len(lines))
    if as_far_as != "unwitnessed":
        journal.write(lines)


def test_the_first_run_begins_a_private_journal_that_belongs_to_its_database(db: Connection, path: Path) -> None:
    journal = open_journal(db, path)
    journal.close()

    assert read_header(path)[1] == read_instance(db).id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_instance(db).journal_size == path.stat().st_size


def test_what_was_written_is_read_again_and_known(db: Connection, path: Path) -> None:
    journal = open_journal(db, path)
    deliver(db, journal, 1)
    deliver(db, journal, 2, 3)
    journal.close()

    assert [seen for _, seen in read_lines(path, read_header(path)[0])] == [line(1), line(2), line(3)]
    assert verify(db, path).size == path.stat().st_size == read_instance(db).journal_size


def test_lines_hold_no_address(db: Connection, path: Path) -> None:
    journal = open_journal(db, path)
    deliver(db, journal, 1)
    journal.close()

    assert "@b.example" not in path.read_text()


@pytest.mark.parametrize("known", ["nothing", "planned", "claimed", "failed", "skipped"])
def test_a_single_line_of_which_the_database_does_not_know_is_refused(db: Connection, path: Path, known: str) -> None:
    journal = open_journal(db, path)
    deliver(db, journal, 1)
    if known != "nothing":  # an earlier attempt at the same touch came to this
        with writing(db):
            entry = ledger.claim(db, Due(2), message_id="m2@x", run_id=0, at=AT - 9)  # type: ignore[arg-type]
            assert entry is not None
            if known == "planned":
                ledger.settle_put_off(db, entry, at=AT - 9, next_try_at=AT, reason="later")
            elif known in ("failed", "skipped"):
                ledger.settle_broken(db, entry, at=AT - 9, reason="no", made_from="x")
            if known == "skipped":
                ledger.resolve_failed(db, replace(entry, state="failed"), at=AT - 9, reason="given up")
    journal.write(encoded([line(2)]))
    journal.close()

    with pytest.raises(Refused, match=r"knows 1 send that this database has forgotten") as raised:
        verify(db, path)
    assert raised.value.hint is not None
    assert "nurture recover" in raised.value.hint


def test_a_database_that_did_not_note_the_length_at_every_send_is_asked_for_its_touches(
    db: Connection, path: Path
) -> None:
    journal = open_journal(db, path)
    noted = read_instance(db).journal_size
    deliver(db, journal, 1, as_far_as="committing")
    deliver(db, journal, 2, 3)
    with writing(db):
        ledger.record_journal(db, noted)
        entry = ledger.claim(db, Due(4), message_id="m4@x", run_id=1, at=AT)  # type: ignore[arg-type]
        assert entry is not None
        ledger.settle_put_off(db, entry, at=AT, next_try_at=AT + 9, reason="later")
    journal.write(encoded([line(4)]))
    journal.close()

    assert verify(db, path).size == path.stat().st_size


def test_lines_that_the_database_knows_of_by_size_are_not_looked_at_again(db: Connection, path: Path) -> None:
    journal = open_journal(db, path)
    deliver(db, journal, 1)
    journal.close()
    path.write_text(path.read_text().replace("c/1/1/1", "c/1/1/9"))

    assert verify(db, path).size == path.stat().st_size


def test_a_run_that_died_before_its_line_was_written_leaves_a_journal_that_is_mended(
    db: Connection, path: Path
) -> None:
    journal = open_journal(db, path)
    deliver(db, journal, 1)
    deliver(db, journal, 2, as_far_as="unwitnessed")
    journal.close()

    assert mend(db, path)
    assert not mend(db, path)
    assert [seen for _, seen in read_lines(path, read_header(path)[0])] == [line(1), line(2)]


def test_a_line_for_which_there_is_no_room_leaves_no_half_behind(
    db: Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = open_journal(db, path)
    before, write = path.read_bytes(), os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:100]))

    with pytest.raises(DiskFull):
        journal.write(encoded([line(1), line(2)]))
    assert path.read_bytes() == before
    journal.close()


@pytest.mark.parametrize("torn", [b"{", b'{"key": "c/1/1/2", "cont', b"\0\0\0"])
def test_a_torn_last_line_is_cut_off(db: Connection, path: Path, torn: bytes) -> None:
    journal = open_journal(db, path)
    deliver(db, journal, 1)
    journal.close()
    with path.open("ab") as file:
        file.write(torn)
    again = open_journal(db, path)
    deliver(db, again, 2)
    again.close()

    assert [seen for _, seen in read_lines(path, read_header(path)[0])] == [line(1), line(2)]


def test_a_missing_journal_is_refused_once_something_was_sent(db: Connection, path: Path) -> None:
    open_journal(db, path).close()
    path.unlink()
    assert verify(db, path).fresh
    journal = open_journal(db, path)
    deliver(db, journal, 1, as_far_as="committing")
    journal.close()
    path.unlink()

    with pytest.raises(Refused, match=r"missing or empty, though this database has written to it"):
        open_journal(db, path)
    assert not path.exists()


def test_the_journal_of_another_database_is_refused(db: Connection, path: Path) -> None:
    path.write_text('{"journal":1,"instance":"somebody else"}\n')

    with pytest.raises(Refused, match=r"belongs to another database"):
        open_journal(db, path)


def test_a_journal_shorter_than_the_database_remembers_is_written_anew(db: Connection, path: Path) -> None:
    journal = open_journal(db, path)
    deliver(db, journal, 1, 2)
    journal.close()
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))

    assert verify(db, path).behind
    assert mend(db, path)
    assert read_header(path)[1] == read_instance(db).id
    assert [seen for _, seen in read_lines(path, read_header(path)[0])] == [line(1), line(2)]
    assert read_instance(db).journal_size == path.stat().st_size
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_backup_of_before_the_journal_was_written_anew_is_refused_until_it_was_told_everything(
    db: Connection, path: Path, tmp_path: Path
) -> None:
    journal = open_journal(db, path)
    deliver(db, journal, 1)
    with writing(db):  # attempts that came to nothing have lines, too, and are left out when it is written anew
        tries = [replace(line(2), run_id=number) for number in range(9)]
        ledger.grow_journal(db, len(encoded(tries)))
    journal.write(encoded(tries))
    backup(tmp_path / "nurture.db", tmp_path / "copy.db")
    deliver(db, journal, 2, 3)
    journal.close()
    path.write_bytes(path.read_bytes()[:-9])
    assert mend(db, path)

    old = open_writer(tmp_path / "copy.db")
    try:
        with pytest.raises(Refused, match=r"belongs to another database"):
            mend(old, path)
        assert recover_from_journal(old, path, AT).in_doubt == 2
        assert not mend(old, path)
    finally:
        old.close()


@pytest.mark.parametrize(
    "text",
    [
        "not a header\n",
        '{"journal":1}\n',
        "[]\n",
        "{header}nonsense\n",
        '{header}{{"key": 1}}\n',
        "{header}" + "x" * 70_000,
    ],
)
def test_an_altered_journal_is_refused(db: Connection, path: Path, text: str) -> None:
    header = json.dumps({"journal": 1, "instance": read_instance(db).id}) + "\n"
    path.write_text(text.format(header=header) if "{header}" in text else text)

    with pytest.raises(Refused, match=r"was altered"):
        verify(db, path)


SUPPRESSED = SuppressionLine("0" * 32, 1, "unsubscribed", "phone", AT, None, None)


@pytest.mark.parametrize(
    "edit",
    [
        {"suppressed": "zz" * 16}, {"suppressed": "00"}, {"reason": "gone"}, {"number": "1"}, {"number": True},
        {"number": 1 << 63}, {"at": None}, {"lifted_at": "today"}, {"source": "\ud800"},
        {"contact": "zz" * 16}, {"key": "nonsense"}, {"key": "c/1/x/1"}, {"key": "request/x"}, {"hop": "1"},
        {"stream": 1}, {"run_id": 1 << 63}, {"body_hash": None},
    ],
)  # fmt: skip
def test_a_line_that_was_edited_into_nonsense_is_refused(db: Connection, path: Path, edit: dict[str, object]) -> None:
    one = next(one for one in (asdict(line(1)), asdict(SUPPRESSED)) if set(edit) <= set(one))
    lines = [json.dumps(told) + "\n" for told in ({"journal": 1, "instance": read_instance(db).id}, one, one | edit)]
    path.write_text("".join(lines[:2]))
    assert len(list(read_lines(path, len(lines[0])))) == 1
    path.write_text("".join(lines[::2]))

    with pytest.raises(Refused, match=r"was altered"):
        verify(db, path)
    with pytest.raises(Refused, match=r"was altered"):
        recover_from_journal(db, path, AT)


@pytest.mark.parametrize("key", ["request/7", "handoff/1/1", "handoff/1/1/3", "recalled/recalled/c/1/1/3", "a/b/1/2/3"])
def test_a_line_is_read_under_each_kind_of_key(db: Connection, path: Path, key: str) -> None:
    path.write_bytes(header(read_instance(db).id) + encoded([replace(line(1), key=key)]))
    assert [told.key for _, told in read_lines(path, read_header(path)[0]) if isinstance(told, TouchLine)] == [key]


def test_a_journal_that_was_changed_before_the_known_place_is_refused(db: Connection, path: Path) -> None:
    journal = open_journal(db, path)
    deliver(db, journal, 1)
    journal.close()
    path.write_text(path.read_text().replace("early", "EARLYBIRD") + "{}\n")

    with pytest.raises(Refused, match=r"was altered"):
        verify(db, path)


def test_a_journal_of_a_newer_version_is_not_guessed_at(db: Connection, path: Path) -> None:
    path.write_text('{"journal":2,"instance":"x"}\n')

    with pytest.raises(Refused, match=r"newer version"):
        verify(db, path)


def test_a_journal_that_cannot_be_read_is_said_so(db: Connection, path: Path) -> None:
    path.mkdir()

    with pytest.raises(InputOutput, match=r"cannot be read or written: Is a directory"):
        verify(db, path)
