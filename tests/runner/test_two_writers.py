"""The journal has two writers: a run, and the commands beside it that suppress somebody."""

from __future__ import annotations

import os
import shutil
import threading
from collections import Counter
from pathlib import Path

import pytest

from nurture_cli.cli.opening import writer_at
from nurture_cli.keys import read_keys
from nurture_cli.places import JOURNAL_FILE
from nurture_cli.runner.recover import recover_from_journal
from nurture_cli.store.backup import backup
from nurture_cli.store.database import writing
from nurture_cli.store.journal import verify
from nurture_cli.store.journal_lines import Line, SuppressionLine, read_header, read_lines
from nurture_cli.store.suppressions import suppress, unsubscribe
from tests.delivery.server import Fault, Server
from tests.runner.house import AT, House
from tests.runner.lives import KILLED, Life, Lives


def leave(house: House, address: str) -> None:
    """Somebody unsubscribes, by a command."""
    with writer_at(house.folder, house.database) as db, writing(db):
        unsubscribe(db, read_keys(house.folder).address_hash(address), source="a link", at=AT)


def told(house: House) -> list[Line]:
    """The lines of the journal, which is exactly as the database left it and tells of every suppression."""
    journal = house.folder / JOURNAL_FILE
    assert house.ask("SELECT journal_size FROM instance") == [journal.stat().st_size]
    assert house.ask("SELECT count(*) FROM suppression WHERE witnessed = 0") == [0]
    with house.opened() as db:
        verify(db, journal)
    return [line for _, line in read_lines(journal, read_header(journal)[0])]


@pytest.mark.slow
def test_people_leave_beside_a_run_and_both_write_to_the_journal(house: House, sink: Server, lives: Lives) -> None:
    house.build(sink.port, contacts=80, connections=2)
    codes: list[int] = []
    run = threading.Thread(target=lambda: codes.append(lives.live(Life(str(house.folder), AT, pause=0.002))))
    left = 0
    run.start()
    while run.is_alive():
        leave(house, f"x{left}@people.example")
        left += 1
    run.join()

    assert codes == [0]
    lines = told(house)
    suppressed = [number for number, line in enumerate(lines) if isinstance(line, SuppressionLine)]
    assert len(suppressed) == left
    assert len(lines) - left == len(sink.accepted) == 80
    assert max(suppressed) - min(suppressed) > left, "they left before the run, or after it"
    assert not house.run(AT + 60).journal_rebuilt


def test_whoever_is_suppressed_because_the_relay_knows_no_such_person_is_told_at_the_end_of_the_run(
    house: House,
) -> None:
    def decide(phase: str, argument: str) -> Fault | None:
        return Fault(say=b"550 5.1.1 no such person\r\n") if (phase, "c1@" in argument) == ("rcpt", True) else None

    with Server(decide=decide) as sink:
        house.build(sink.port, contacts=2)
        house.run()

    (line,) = [line for line in told(house) if isinstance(line, SuppressionLine)]
    assert (line.suppressed, line.reason) == (
        read_keys(house.folder).address_hash("c1@people.example").hex(),
        "hard-bounce",
    )


def test_a_run_tells_before_it_sends_of_those_of_whom_no_command_could(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=2)
    house.run(limit=1)
    with house.opened() as db, writing(db):  # as a command that was killed leaves it
        suppress(db, bytes(range(16)), reason="manual", source="by hand", at=AT)
    house.run(AT + 60)

    assert [type(line).__name__ for line in told(house)] == ["TouchLine", "SuppressionLine", "TouchLine"]


def test_whoever_leaves_after_a_run_was_killed_before_it_wrote_a_line_stays_out_of_a_backup(
    house: House, sink: Server, lives: Lives, tmp_path: Path
) -> None:
    house.build(sink.port, contacts=3)
    backup(house.database, tmp_path / "backup")
    assert lives.live(Life(str(house.folder), AT, point="before_journal", hit=2)) == KILLED
    leave(house, "c3@people.example")
    for file in house.folder.glob("nurture.db*"):
        file.unlink()
    shutil.copyfile(tmp_path / "backup", house.database)

    with house.opened() as db:
        recover_from_journal(db, house.folder / JOURNAL_FILE, AT)
    house.run(AT + 60)
    assert "c3@people.example" not in {mail.recipient for mail in sink.accepted}


def test_a_line_without_room_is_not_counted_though_others_have_written_meanwhile(
    house: House, sink: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.build(sink.port, contacts=5)
    write, lines = os.write, Counter[str]()

    def little_room(handle: int, data: bytes) -> int:
        kind = "suppression" if data.startswith(b'{"suppressed"') else "touch" if data.startswith(b'{"key"') else ""
        lines[kind] += 1
        return write(handle, data[:50] if (kind, lines[kind]) == ("touch", 3) else data)

    def leaves(point: str) -> None:
        if point == "after_sent_commit":
            leave(house, f"x{lines['touch']}@people.example")

    monkeypatch.setattr(os, "write", little_room)
    report = house.run(crash_point=leaves)
    assert "is full" in str(report.done.ended)
    assert lines["suppression"] > 0
    assert sum(not isinstance(line, SuppressionLine) for line in told(house)) == len(sink.accepted) == 2

    assert not house.run(AT + 60).journal_rebuilt
    assert house.written_to(mail.message_id for mail in sink.accepted) == Counter(range(1, 6))
