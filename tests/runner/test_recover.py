"""A database that lost its memory: the run refuses; `recover` learns from the journal what must not go out again."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.errors import Refused
from nurture_cli.keys import read_keys
from nurture_cli.places import JOURNAL_FILE
from nurture_cli.runner.recover import Recovered, recover_from_journal
from nurture_cli.runner.resolve import Resolution, resolve
from nurture_cli.store.backup import backup
from nurture_cli.store.create import create
from nurture_cli.store.database import writing
from nurture_cli.store.journal_lines import read_lines
from tests.delivery.server import Fault, Server
from tests.runner.house import AT, DAY, House

STEPS = ("send: a", "wait: 1 day", "send: b")


def recovered(house: House, at: int = AT, **more: bool) -> Recovered:
    with house.opened() as db:
        return recover_from_journal(db, house.folder / JOURNAL_FILE, at, **more)


def twice(sink: Server) -> list[str]:
    """Message-IDs that arrived more than once."""
    return [name for name, times in Counter(mail.message_id for mail in sink.accepted).items() if times > 1]


def forget_everything(house: House) -> None:
    """The database is made anew, as after `rm nurture.db`; the key and the journal are still there."""
    for name in ("nurture.db", "nurture.db-wal", "nurture.db-shm"):
        (house.folder / name).unlink(missing_ok=True)
    create(house.database, AT, read_keys(house.folder))


def test_yesterdays_backup_is_refused_until_it_is_recovered(house: House, sink: Server, tmp_path: Path) -> None:
    house.build(sink.port, contacts=3, steps=STEPS)
    backup = tmp_path / "backup"
    shutil.copyfile(house.database, backup)
    house.run(AT)
    house.run(AT + DAY)
    shutil.copyfile(backup, house.database)
    with pytest.raises(Refused, match=r"knows 6 sends that this database has forgotten"):
        house.run(AT + 2 * DAY)

    assert recovered(house, AT + 2 * DAY) == Recovered(in_doubt=6, known=0, missing=0)
    assert recovered(house, AT + 2 * DAY) == Recovered(in_doubt=0, known=6, missing=0)
    assert house.ask("SELECT state, held_reason, step, hop FROM enrollment") == [("held", "in-doubt", "early/b", 3)] * 3
    house.run(AT + 2 * DAY + 60)
    assert set(house.ask("SELECT state FROM touch")) == {"unknown"}
    house.run(AT + 5 * DAY + 60)
    house.run(AT + 9 * DAY)
    assert set(house.ask("SELECT state FROM touch")) == {"sent"}
    assert (len(sink.accepted), twice(sink)) == (6, [])


def test_what_the_journal_recalls_is_not_sent_again_by_a_campaign_that_resends(
    house: House, sink: Server, tmp_path: Path
) -> None:
    house.build(sink.port, contacts=3, on_unknown="resend")
    shutil.copyfile(house.database, tmp_path / "backup")
    house.run(AT)
    restore(house, tmp_path / "backup")

    assert recovered(house, AT + DAY) == Recovered(in_doubt=3, known=0, missing=0)
    for day in range(1, 6):
        house.run(AT + day * DAY)

    assert set(house.states().values()) == {"sent"}
    assert (len(sink.accepted), twice(sink)) == (3, [])


@pytest.fixture
def undecided() -> Iterator[tuple[Server, list[bool]]]:
    """A relay that puts everything off as long as the list has something in it."""
    busy: list[bool] = [True]

    def decide(phase: str, _: str) -> Fault | None:
        return Fault(say=b"450 4.2.0 later\r\n") if busy and phase == "rcpt" else None

    with Server(decide=decide) as sink:
        yield sink, busy


def restore(house: House, backup: Path) -> None:
    """Put a backup in the place of the database."""
    for name in ("nurture.db-wal", "nurture.db-shm"):
        (house.folder / name).unlink(missing_ok=True)
    shutil.copyfile(backup, house.database)


def test_what_had_been_put_off_before_the_backup_is_forgotten_all_the_same(
    house: House, undecided: tuple[Server, list[bool]], tmp_path: Path
) -> None:
    sink, busy = undecided
    house.build(sink.port, contacts=5, stop_after=100)
    house.run()
    assert set(house.states().values()) == {"planned"}
    shutil.copyfile(house.database, tmp_path / "backup")
    busy.clear()
    house.run(AT + DAY)
    assert len(sink.accepted) == 5
    restore(house, tmp_path / "backup")

    with pytest.raises(Refused, match=r"knows 5 sends that this database has forgotten"):
        house.run(AT + 2 * DAY)
    assert recovered(house, AT + 2 * DAY) == Recovered(in_doubt=5, known=0, missing=0)
    for day in range(2, 9):
        house.run(AT + day * DAY)
    assert (len(sink.accepted), twice(sink)) == (5, [])
    assert set(house.states().values()) == {"sent"}


@pytest.mark.parametrize("state", ["planned", "claimed", "failed"])
def test_a_row_that_tells_of_less_than_the_journal_is_overtaken(
    house: House, sink: Server, tmp_path: Path, state: str
) -> None:
    house.build(sink.port, contacts=3)
    backups: list[Path] = []

    def in_between(point: str) -> None:
        if point == "after_claim" and not backups:
            backups.append(tmp_path / "backup")
            backup(house.database, backups[0])

    house.run(crash_point=in_between)
    restore(house, backups[0])
    if state != "claimed":
        change = f"UPDATE touch SET state = '{state}', next_try_at = at"
        with house.opened() as db, writing(db):
            db.execute(change)

    with pytest.raises(Refused, match=r"knows 3 sends"):
        house.run(AT + 60)
    assert recovered(house, AT + 60) == Recovered(in_doubt=3, known=0, missing=0)
    assert recovered(house, AT + 60) == Recovered(in_doubt=0, known=3, missing=0)
    assert set(house.states().values()) == {"unknown"}
    house.run(AT + 120)
    house.run(AT + 4 * DAY)
    assert (len(sink.accepted), twice(sink)) == (3, [])
    assert set(house.states().values()) == {"sent"}


def test_a_single_forgotten_send_is_not_passed_over(house: House, sink: Server, tmp_path: Path) -> None:
    house.build(sink.port, contacts=3)
    house.run(limit=1)
    shutil.copyfile(house.database, tmp_path / "backup")
    house.run(AT + 60, limit=1)
    restore(house, tmp_path / "backup")

    with pytest.raises(Refused, match=r"knows 1 send that"):
        house.run(AT + 120)


def test_runs_after_a_recall_have_numbers_that_no_forgotten_run_had(house: House, sink: Server, tmp_path: Path) -> None:
    house.build(sink.port, contacts=4)
    shutil.copyfile(house.database, tmp_path / "backup")
    for minute in range(3):
        house.run(AT + 60 * minute, limit=1)
    restore(house, tmp_path / "backup")
    recovered(house, AT + 300)
    house.run(AT + 360)

    assert house.ask("SELECT run_id, state FROM touch ORDER BY run_id") == [
        (1, "unknown"), (2, "unknown"), (3, "unknown"), (4, "sent"),
    ]  # fmt: skip


def test_what_was_skipped_meanwhile_is_told_of_apart(house: House, sink: Server, tmp_path: Path) -> None:
    house.build(sink.port, contacts=1)
    house.write_asset("a", "{{ contact.nonsense.more }}")
    house.run()
    assert house.states() == {1: "failed"}
    shutil.copyfile(house.database, tmp_path / "backup")
    house.write_asset("a")
    house.run(AT + 60)
    restore(house, tmp_path / "backup")
    with house.opened() as db:
        resolve(db, "c/1/1/1", Resolution.FAILED, AT + 120)

    assert recovered(house, AT + 180).in_doubt == 1
    assert recovered(house, AT + 180).in_doubt == 0
    assert house.ask("SELECT key, state FROM touch ORDER BY key") == [
        ("c/1/1/1", "skipped"), ("recalled/c/1/1/1", "unknown"),
    ]  # fmt: skip


def test_a_new_database_beside_an_old_journal_takes_over_what_it_knows(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=3, steps=("send: a",))
    house.run()
    forget_everything(house)
    with house.opened() as db, writing(db):
        # The import comes in another order: contact 3 is now number 1 and so on.
        for number in (3, 2, 1):
            house.add_contact(db, number)
            db.execute("UPDATE contact SET created_at = ? WHERE id = ?", (AT - DAY, number))
    with pytest.raises(Refused, match=r"belongs to another database"):
        house.run(AT + 60)

    assert recovered(house, AT + 60) == Recovered(in_doubt=3, known=0, missing=0)
    report = house.run(AT + 120)
    assert report.done.sent == 0
    assert (len(sink.accepted), twice(sink)) == (3, [])
    old = list(house.folder.glob("nurture.journal.*"))
    assert len(old) == 1


def test_people_who_have_another_number_now_are_known_by_their_address(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=2, steps=("send: a",))
    house.run()
    forget_everything(house)
    with house.opened() as db, writing(db):
        house.add_contact(db, 2)
        db.execute("DELETE FROM event")
        db.execute("UPDATE contact SET id = 1")
        house.add_contact(db, 3)  # somebody new has a number of their own

    with pytest.raises(Refused, match=r"1 send in the journal went to contacts who are not in this database"):
        recovered(house)
    assert house.states() == {}
    assert recovered(house, forget_missing=True) == Recovered(in_doubt=1, known=0, missing=1)
    house.run(AT + 60)

    touches = house.ask("SELECT contact_id, key, state FROM touch ORDER BY contact_id")
    assert touches == [(1, "recalled/c/1/2/1", "unknown"), (3, "c/1/3/1", "sent")]
    assert (len(sink.accepted), twice(sink)) == (3, [])


def test_an_answered_request_is_recalled_with_its_request(house: House, sink: Server, tmp_path: Path) -> None:
    house.build(sink.port, contacts=1, steps=("wait: 300 days",))
    house.run()
    backup = tmp_path / "backup"
    shutil.copyfile(house.database, backup)
    with house.opened() as db, writing(db):
        db.execute(
            "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)"
            " VALUES (1, 'requested', 'b', ?, ?, 't', 'wish')",
            (AT, AT),
        )
    house.run(AT + 60)
    shutil.copyfile(backup, house.database)

    assert recovered(house, AT + 120) == Recovered(in_doubt=1, known=0, missing=0)
    assert house.ask("SELECT id, asset, state, held_reason FROM request") == [(1, "b", "open", "in-doubt")]
    house.run(AT + 4 * DAY)
    assert house.ask("SELECT key, state FROM touch") == [("request/1", "sent")]
    assert house.ask("SELECT state FROM request") == ["sent"]
    assert len(sink.accepted) == 1


def test_a_journal_that_is_lost_for_good_is_made_anew_from_the_database(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=2)
    house.run()
    journal = house.folder / JOURNAL_FILE
    before = journal.read_text()
    journal.unlink()
    with pytest.raises(Refused, match=r"missing or empty"):
        house.run(AT + 60)
    with pytest.raises(Refused, match=r"nurture cannot tell what was sent"):
        recovered(house)
    assert not journal.exists()

    assert recovered(house, without_journal=True) == Recovered(in_doubt=0, known=0, missing=0)
    assert journal.read_text().splitlines()[1:] == before.splitlines()[1:]  # under another name
    assert house.run(AT + 120).exit_code == 0


def test_an_altered_journal_that_was_moved_away_is_made_anew(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=2)
    house.run()
    journal = house.folder / JOURNAL_FILE
    with journal.open("a") as file:
        file.write("nonsense\n")
    with pytest.raises(Refused, match=r"was altered"):
        recovered(house)

    journal.rename(house.folder / "altered")
    recovered(house, without_journal=True)
    assert len(list(read_lines(journal, len(journal.read_text().splitlines()[0]) + 1))) == 2
    assert house.run(AT + 120).exit_code == 0


def test_a_deleted_log_of_the_database_is_noticed(house: House, sink: Server, tmp_path: Path) -> None:
    house.build(sink.port, contacts=3)
    copy = tmp_path / "copy"
    shutil.copyfile(house.database, copy)  # what a power cut leaves of the file when the log is gone
    house.run()
    shutil.copyfile(copy, house.database)
    (house.folder / "nurture.db-wal").unlink(missing_ok=True)

    with pytest.raises(Refused, match=r"has forgotten"):
        house.run(AT + 60)
    assert len(sink.accepted) == 3


def numbered(house: House, **numbers: int) -> None:
    """The database made anew, with the contacts `c1`, `c2`, … under these numbers."""
    forget_everything(house)
    with house.opened() as db, writing(db):
        for name in numbers:
            house.add_contact(db, int(name[1:]))
        db.execute("DELETE FROM event")
        db.execute("UPDATE contact SET id = id + 100")
        for name, number in numbers.items():
            db.execute("UPDATE contact SET id = ? WHERE email = ?", (number, f"{name}@people.example"))


def test_a_database_may_be_made_anew_more_than_once(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=1, steps=("send: a",))
    house.run()
    numbered(house, c1=2)
    assert recovered(house) == Recovered(in_doubt=1, known=0, missing=0)
    assert house.ask("SELECT key FROM touch") == ["recalled/c/1/1/1"]
    with house.opened() as db, writing(db):
        house.add_contact(db, 7)
        db.execute("DELETE FROM event")
        db.execute("UPDATE contact SET id = 1 WHERE id = 7")
        db.execute(
            "INSERT INTO event (contact_id, kind, at, recorded_at, source, key)"
            " VALUES (1, 'downloaded', ?, ?, 't', 'x')",
            (AT, AT),
        )
    house.run(AT + 60)
    assert house.ask("SELECT key FROM touch ORDER BY key") == ["c/1/1/1", "recalled/c/1/1/1"]

    numbered(house, c1=3, c7=2)
    assert recovered(house) == Recovered(in_doubt=2, known=0, missing=0)
    assert sorted(house.states()) == [2, 3]
    numbered(house, c1=3, c7=2)
    assert recovered(house) == Recovered(in_doubt=2, known=0, missing=0)
    assert sorted(house.states()) == [2, 3]


def test_an_answered_request_is_recalled_more_than_once(house: House, sink: Server) -> None:
    def asks(number: int, asset: str) -> None:
        with house.opened() as db, writing(db):
            db.execute(
                "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)"
                " VALUES (?, 'requested', ?, ?, ?, 't', 'wish')",
                (number, asset, AT, AT),
            )

    house.build(sink.port, contacts=2, steps=("wait: 300 days",))
    asks(1, "b")
    house.run()
    for _ in range(2):
        numbered(house, c1=1, c2=2)
        asks(2, "c")  # has the number of the other request
        assert recovered(house) == Recovered(in_doubt=1, known=0, missing=0)
        assert house.ask("SELECT key, contact_id FROM touch") == [("recalled/request/1", 1)]
        assert house.ask("SELECT contact_id, asset FROM request ORDER BY id") == [(2, "c"), (1, "b")]
