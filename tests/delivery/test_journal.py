"""The send journal: the witness that notices a database without memory."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from nurture_cli.delivery.journal import Line, open_journal, read_header, read_lines, verify
from nurture_cli.errors import InputOutput, Refused
from nurture_cli.store import ledger
from nurture_cli.store.database import Connection, create, open_writer, writing
from nurture_cli.store.instance import read_instance
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


def line(number: int) -> Line:
    return Line(
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


def hand_over(db: Connection, number: int, *, as_far_as: str = "sent") -> None:
    """Bring a touch as far as `claimed`, `committing` or `sent` in the ledger."""
    with writing(db):
        entry = ledger.claim(db, Due(number), message_id=f"m{number}@x", run_id=1, at=AT)  # type: ignore[arg-type]
        assert entry is not None
        if as_far_as != "claimed":
            ledger.commit(db, entry, body_hash="h", at=AT)
        if as_far_as == "sent":
            ledger.settle_sent(db, entry, at=AT)


def test_the_first_run_begins_a_private_journal_that_belongs_to_its_database(db: Connection, path: Path) -> None:
    journal, rebuilt = open_journal(db, path)
    journal.close(db)

    assert read_header(path)[1] == read_instance(db).id
    assert not rebuilt
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_instance(db).journal_size == path.stat().st_size


def test_what_was_written_is_read_again_and_known(db: Connection, path: Path) -> None:
    journal, _ = open_journal(db, path)
    for number in (1, 2):
        journal.write(line(number))
        hand_over(db, number)
    journal.close(db)

    assert [seen for _, seen in read_lines(path, read_header(path)[0])] == [line(1), line(2)]
    assert verify(db, path).size == path.stat().st_size == read_instance(db).journal_size


def test_lines_hold_no_address(db: Connection, path: Path) -> None:
    journal, _ = open_journal(db, path)
    journal.write(line(1))
    journal.close(db)

    assert "@b.example" not in path.read_text()


def test_a_send_that_the_database_has_forgotten_is_refused(db: Connection, path: Path) -> None:
    journal, _ = open_journal(db, path)
    for number in (1, 2, 3):
        journal.write(line(number))
    hand_over(db, 1)

    with pytest.raises(Refused, match=r"knows 2 sends that this database has forgotten") as raised:
        verify(db, path)
    assert raised.value.hint is not None
    assert "nurture recover" in raised.value.hint
    journal.close(db)


def test_lines_that_the_database_knows_of_by_size_are_not_looked_at_again(db: Connection, path: Path) -> None:
    journal, _ = open_journal(db, path)
    journal.write(line(1))
    journal.close(db)

    assert verify(db, path).size == path.stat().st_size


def test_a_run_that_died_between_journal_and_commit_is_no_reason_to_refuse(db: Connection, path: Path) -> None:
    journal, _ = open_journal(db, path)
    for number in range(1, 9):
        journal.write(line(number))
        hand_over(db, number, as_far_as="claimed")

    assert verify(db, path).size == path.stat().st_size
    journal.close(db)


def test_more_uncommitted_lines_than_connections_mean_that_commits_were_lost(db: Connection, path: Path) -> None:
    journal, _ = open_journal(db, path)
    for number in range(1, 10):
        journal.write(line(number))
        hand_over(db, number, as_far_as="claimed")

    with pytest.raises(Refused, match=r"knows 9 sends that this database has forgotten"):
        verify(db, path)
    journal.close(db)


@pytest.mark.parametrize("torn", [b"{", b'{"key": "c/1/1/2", "cont', b"\0\0\0"])
def test_a_torn_last_line_is_cut_off(db: Connection, path: Path, torn: bytes) -> None:
    journal, _ = open_journal(db, path)
    journal.write(line(1))
    hand_over(db, 1)
    journal.close(db)
    with path.open("ab") as file:
        file.write(torn)
    again, _ = open_journal(db, path)
    again.write(line(2))
    hand_over(db, 2)
    again.close(db)

    assert [seen.key for _, seen in read_lines(path, read_header(path)[0])] == ["c/1/1/1", "c/1/1/2"]


def test_a_missing_journal_is_refused_once_something_was_sent(db: Connection, path: Path) -> None:
    open_journal(db, path)[0].close(db)
    path.unlink()
    assert verify(db, path).fresh
    open_journal(db, path)[0].close(db)
    hand_over(db, 1, as_far_as="committing")
    path.unlink()

    with pytest.raises(Refused, match=r"missing or empty, though this database has sent"):
        open_journal(db, path)
    assert not path.exists()


def test_the_journal_of_another_database_is_refused(db: Connection, path: Path) -> None:
    path.write_text('{"journal":1,"instance":"somebody else"}\n')

    with pytest.raises(Refused, match=r"belongs to another database"):
        open_journal(db, path)


def test_a_journal_shorter_than_the_database_remembers_is_written_anew(db: Connection, path: Path) -> None:
    journal, _ = open_journal(db, path)
    for number in (1, 2):
        journal.write(line(number))
        hand_over(db, number)
    journal.close(db)
    whole = path.read_text()
    path.write_text("".join(whole.splitlines(keepends=True)[:2]))
    again, rebuilt = open_journal(db, path)
    again.close(db)

    assert rebuilt
    assert path.read_text() == whole
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


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


def test_a_journal_that_was_changed_before_the_known_place_is_refused(db: Connection, path: Path) -> None:
    journal, _ = open_journal(db, path)
    journal.write(line(1))
    journal.close(db)
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
