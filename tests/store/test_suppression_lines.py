"""Whoever left stays out: the send journal as the second witness of suppressions."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nurture_cli.errors import InputOutput, Refused
from nurture_cli.runner.recover import Recovered, recover_from_journal
from nurture_cli.store import journal as journals
from nurture_cli.store import ledger
from nurture_cli.store.backup import backup
from nurture_cli.store.create import create
from nurture_cli.store.database import Connection, DiskFull, open_writer, run_lock, writing
from nurture_cli.store.incoming_suppressions import lay_down_suppressions, merge_suppressions, suppressions_waiting
from nurture_cli.store.instance import read_instance
from nurture_cli.store.journal import catch_up, mend, open_journal, rebuild, verify, witnessing
from nurture_cli.store.journal_lines import LONGEST_LINE, Line, SuppressionLine, read_header, read_lines
from nurture_cli.store.suppressions import (
    import_source,
    imported_suppressions,
    lift,
    list_suppressions,
    suppress,
    suppression_history,
    take_back_import,
)
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.inbound.processes import die, forked
from tests.store import rows
from tests.store.conftest import KEYS
from tests.store.rows import one


def who(number: int) -> bytes:
    """The hash of an address."""
    return number.to_bytes(16, "big")


@pytest.fixture
def journal(path: Path) -> Path:
    """Where the journal of the new database lies."""
    return path.with_name("nurture.journal")


def leave(db: Connection, *numbers: int, reason: str = "unsubscribed", at: int = AT) -> None:
    """Some people leave, and nobody has told the journal."""
    with writing(db):
        for number in numbers:
            assert suppress(db, who(number), reason=reason, source="by hand", at=at)


def come_back(db: Connection, number: int, at: int = AT) -> None:
    """Somebody may be written to again, and nobody has told the journal."""
    with writing(db):
        assert lift(db, who(number), why="asked", at=at)


def told(journal: Path) -> list[Line]:
    """All lines."""
    return [line for _, line in read_lines(journal, read_header(journal)[0])]


def out(db: Connection) -> dict[int, str]:
    """Who is suppressed, and why."""
    return {int.from_bytes(found.address_hash, "big"): found.reason for found in list_suppressions(db)}


def together(db: Connection, journal: Path) -> bool:
    """Whether the journal tells of every suppression, and the database knows of every line."""
    size = read_instance(db).journal_size
    return journal.stat().st_size == size and one(db, "SELECT count(*) FROM suppression WHERE witnessed = 0") == 0


def test_a_project_that_never_sent_has_a_journal_as_soon_as_somebody_left(writer: Connection, journal: Path) -> None:
    catch_up(writer, journal)
    assert not journal.exists()
    leave(writer, 1)
    catch_up(writer, journal)

    line = SuppressionLine(who(1).hex(), 1, "unsubscribed", "by hand", AT, None, None)
    assert (told(journal), together(writer, journal)) == ([line], True)
    assert read_header(journal)[1] == read_instance(writer).id
    assert not mend(writer, journal)


def _suppressed(db: Connection) -> None:
    leave(db, 2)


def _replaced_by_a_stronger_reason(db: Connection) -> None:
    leave(db, 1, reason="complaint")


def _lifted(db: Connection) -> None:
    come_back(db, 1)


def _told_by_an_event(db: Connection) -> None:
    rows.contact(db, 2, address_hash=who(2))
    rows.event(db, contact_id=2, kind="unsubscribed")


def _replaced_by_an_event(db: Connection) -> None:
    rows.contact(db, 1, address_hash=who(1))
    rows.event(db, kind="complained")


def _imported(db: Connection) -> None:
    with suppressions_waiting(db):
        lay_down_suppressions(db, ((row, who(row), "complaint", import_source("x.csv"), AT + 5) for row in range(1, 4)))
        with writing(db):
            merge_suppressions(db, AT + 5)


def _imported_and_taken_back(db: Connection) -> None:
    _imported(db)
    imported = imported_suppressions(db, "x.csv")
    assert imported is not None
    with writing(db):
        assert take_back_import(db, imported, why="the wrong file", at=AT + 9) == 1


@pytest.mark.parametrize(
    "happens",
    [
        _suppressed, _replaced_by_a_stronger_reason, _lifted, _told_by_an_event, _replaced_by_an_event, _imported,
        _imported_and_taken_back,
    ],
)  # fmt: skip
def test_the_journal_is_told_and_a_backup_learns_of_it_whichever_way_it_happened(
    writer: Connection, path: Path, journal: Path, happens: Callable[[Connection], None]
) -> None:
    leave(writer, 1)
    catch_up(writer, journal)
    backup(path, path.with_name("backup"))
    happens(writer)
    before = out(writer)
    catch_up(writer, journal)
    assert together(writer, journal)

    restored = open_writer(path.with_name("backup"))
    with pytest.raises(Refused, match=r"knows \d suppressions? that this database has forgotten"):
        verify(restored, journal)
    assert recover_from_journal(restored, journal, AT).suppressions > 0
    assert out(restored) == before
    verify(restored, journal)
    assert recover_from_journal(restored, journal, AT) == Recovered(in_doubt=0, known=0, missing=0, suppressions=0)
    restored.close()


def test_many_are_told_in_portions_and_in_their_order(
    writer: Connection, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "BATCH", 2)
    leave(writer, 9)
    catch_up(writer, journal)
    leave(writer, *range(1, 6))
    come_back(writer, 9)
    catch_up(writer, journal)

    lines = [(line.number, line.lifted_at) for line in told(journal) if isinstance(line, SuppressionLine)]
    assert lines == [(1, None), (1, AT), (2, None), (3, None), (4, None), (5, None), (6, None)]
    assert together(writer, journal)


@pytest.mark.parametrize("words", ["x" * 100_000, "ö\n\"'\\" * 30_000, "\x01\u2028\x7f"])
def test_whatever_was_written_about_it_a_line_can_be_read_again(writer: Connection, journal: Path, words: str) -> None:
    with writing(writer):
        suppress(writer, who(1), reason="manual", source=words, at=AT)
        lift(writer, who(1), why=words, at=AT)
    catch_up(writer, journal)

    (line,) = told(journal)
    assert isinstance(line, SuppressionLine)
    assert (line.source, line.lifted_why) == (words[:1000], words[:1000])
    assert max(map(len, journal.read_bytes().splitlines())) < LONGEST_LINE


def _longer(journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(journal.read_bytes().splitlines(keepends=True)[1].replace(b'"number":1', b'"number":7'))


def _torn(journal: Path) -> None:
    with journal.open("ab") as file:
        file.write(b'{"suppressed":')


def _shorter(journal: Path) -> None:
    os.truncate(journal, journal.stat().st_size - 5)


def _anothers(journal: Path) -> None:
    id = read_header(journal)[1] or ""
    journal.write_text(journal.read_text().replace(id, "0" * len(id)))


@pytest.mark.parametrize("happened", [_longer, _torn, _shorter])
def test_whoever_leaves_after_a_run_was_killed_is_told_before_the_next_one(
    writer: Connection, path: Path, journal: Path, happened: Callable[[Path], None]
) -> None:
    leave(writer, 1)
    catch_up(writer, journal)
    happened(journal)
    before = journal.read_bytes()
    with run_lock(path), witnessing(writer, journal):  # a run that is on has the journal open, and does it itself
        leave(writer, 2)
    assert journal.read_bytes() == before
    with witnessing(writer, journal):
        leave(writer, 3)

    assert together(writer, journal)
    assert {line.suppressed for line in told(journal) if isinstance(line, SuppressionLine)} == {
        who(1).hex(), who(2).hex(), who(3).hex(),
    }  # fmt: skip


@pytest.mark.parametrize("happened", [_anothers, Path.unlink])
def test_a_journal_that_is_not_the_databases_is_left_alone(
    writer: Connection, journal: Path, happened: Callable[[Path], None]
) -> None:
    leave(writer, 1)
    catch_up(writer, journal)
    happened(journal)
    before = journal.read_bytes() if journal.exists() else None
    with witnessing(writer, journal):
        leave(writer, 2)

    assert (journal.read_bytes() if journal.exists() else None) == before
    with pytest.raises(Refused):
        mend(writer, journal)
    recover_from_journal(writer, journal, AT, without_journal=True)
    catch_up(writer, journal)
    assert together(writer, journal)
    assert {line.suppressed for line in told(journal) if isinstance(line, SuppressionLine)} == {
        who(1).hex(), who(2).hex(),
    }  # fmt: skip


def test_a_journal_that_vanished_after_somebody_left_is_missed(writer: Connection, journal: Path) -> None:
    leave(writer, 1)
    catch_up(writer, journal)
    journal.unlink()
    leave(writer, 2)
    with pytest.raises(Refused, match="missing or empty, though this database has written to it"):
        catch_up(writer, journal)

    assert not journal.exists()
    with pytest.raises(Refused, match="missing or empty, though this database has written to it"):
        mend(writer, journal)


def test_death_between_the_commit_and_the_line_is_mended(writer: Connection, path: Path, journal: Path) -> None:
    leave(writer, 1)
    catch_up(writer, journal)
    leave(writer, 2)

    def tell() -> None:
        os.write = lambda *_: die()  # type: ignore[assignment]
        db = open_writer(path)
        catch_up(db, journal)

    assert forked(tell) == -9
    assert journal.stat().st_size < read_instance(writer).journal_size
    assert mend(writer, journal)
    assert (len(told(journal)), together(writer, journal)) == (2, True)


def test_without_room_for_all_lines_none_is_left_behind_and_the_next_run_tells(
    writer: Connection, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(writer, 1)
    catch_up(writer, journal)
    before, write = journal.read_bytes(), os.write
    leave(writer, 2, 3)
    with monkeypatch.context() as full:
        full.setattr(os, "write", lambda handle, data: write(handle, data[:100]))
        with pytest.raises(DiskFull):
            catch_up(writer, journal)
    assert journal.read_bytes() == before

    assert mend(writer, journal)
    assert (len(told(journal)), together(writer, journal)) == (3, True)


def test_a_command_that_cannot_write_to_the_journal_does_its_work_all_the_same(
    writer: Connection, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(writer, 1)
    catch_up(writer, journal)

    def refused(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "write", refused)
    with witnessing(writer, journal):
        leave(writer, 2)
    assert out(writer) == {1: "unsubscribed", 2: "unsubscribed"}

    leave(writer, 3)
    monkeypatch.undo()
    mend(writer, journal)
    monkeypatch.setattr(os, "write", refused)
    leave(writer, 4)
    with pytest.raises(InputOutput, match="cannot be read or written: Permission denied"):
        catch_up(writer, journal)


def test_a_run_that_has_the_journal_open_and_a_command_beside_it_write_one_after_the_other(
    writer: Connection, path: Path, journal: Path
) -> None:
    opened = open_journal(writer, journal)
    other = open_writer(path)
    leave(other, 1)
    catch_up(other, journal)
    with writing(writer):
        ledger.grow_journal(writer, 3)
    opened.write(b"{}\n")
    leave(other, 2)
    catch_up(other, journal)
    opened.close()
    other.close()

    assert together(writer, journal)
    assert journal.read_bytes().splitlines()[2] == b"{}"
    assert len(journal.read_bytes().splitlines()) == 4


def test_what_was_lifted_stays_lifted_and_what_came_later_stays_in_force(
    writer: Connection, path: Path, journal: Path
) -> None:
    leave(writer, 1, 2, reason="manual")
    catch_up(writer, journal)
    backup(path, path.with_name("backup"))
    come_back(writer, 1)
    leave(writer, 3, 4)
    catch_up(writer, journal)
    come_back(writer, 3)
    catch_up(writer, journal)
    leave(writer, 3, at=AT)  # in the same second once more
    leave(writer, 2, reason="complaint")
    catch_up(writer, journal)

    restored = open_writer(path.with_name("backup"))
    leave(restored, 5)  # after the backup was restored, under a number that the journal tells of
    come_back(restored, 2, at=AT + 60)
    with pytest.raises(Refused, match="knows 5 suppressions that"):
        verify(restored, journal)
    recover_from_journal(restored, journal, AT + 99)
    assert out(restored) == {2: "complaint", 3: "unsubscribed", 4: "unsubscribed", 5: "unsubscribed"}
    assert [found.lifted_at for found in suppression_history(restored, who(3))] == [AT, None]
    catch_up(restored, journal)
    assert together(restored, journal)
    restored.close()

    # The journal with both histories in it is understood from the backup once more.
    again = open_writer(Path(shutil.copy(path.with_name("backup"), path.with_name("again"))))
    recover_from_journal(again, journal, AT + 99)
    assert out(again) == {2: "complaint", 3: "unsubscribed", 4: "unsubscribed", 5: "unsubscribed"}
    again.close()


def test_the_journal_of_another_name_is_compared_line_by_line(writer: Connection, path: Path, journal: Path) -> None:
    leave(writer, 1, 2, 3, reason="manual")
    catch_up(writer, journal)
    come_back(writer, 1)
    catch_up(writer, journal)
    backup(path, path.with_name("backup"))
    come_back(writer, 2)
    leave(writer, 4, 1)
    catch_up(writer, journal)
    rebuild(writer, journal)  # under another name

    restored = open_writer(path.with_name("backup"))
    come_back(restored, 3, at=AT + 60)
    with pytest.raises(Refused, match="belongs to another database"):
        mend(restored, journal)
    assert recover_from_journal(restored, journal, AT + 99).suppressions == 3
    assert out(restored) == {1: "unsubscribed", 4: "unsubscribed"}
    assert together(restored, journal)
    restored.close()


def test_a_database_made_anew_learns_who_had_left(writer: Connection, path: Path, journal: Path) -> None:
    leave(writer, 1, 2, 3)
    catch_up(writer, journal)
    come_back(writer, 2)
    catch_up(writer, journal)
    new = path.with_name("new")
    create(new, AT, KEYS)

    db = open_writer(new)
    leave(db, 3, reason="complaint")
    leave(db, 2)  # of the same instant, as from the same file
    with pytest.raises(Refused, match="belongs to another database"):
        mend(db, journal)
    assert recover_from_journal(db, journal, AT + 99).suppressions == 2
    assert out(db) == {1: "unsubscribed", 3: "complaint"}
    assert together(db, journal)
    db.close()
