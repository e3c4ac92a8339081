"""The notes of what departs: they outlive a process, and say nothing where they cannot be trusted."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.store import departures
from nurture_cli.store.departures import Departures, begin_notes, notes_of

RUN = 7


@pytest.fixture
def notes() -> Iterator[Departures]:
    """Notes with room for a thousand touches."""
    found = begin_notes(1000)
    if found is None:
        pytest.skip("there is no shared memory here")
    yield found
    found.discard()


def never_left(name: str, *touches: int) -> list[bool]:
    """What is known of touches of a run whose notes have this name."""
    with notes_of({RUN: name}) as departed:
        return [departed.never_left(RUN, touch) for touch in touches]


def test_what_was_noted_departed_and_what_was_not_never_left(notes: Departures) -> None:
    for touch in (1, 2**40, 1000):
        notes.note(touch)
    notes.close()

    assert never_left(notes.name, 1, 2**40, 1000, 3) == [False, False, False, True]


def test_notes_outlive_a_process_that_is_killed_right_after_them(notes: Departures) -> None:
    child = os.fork()
    if child == 0:
        notes.note(5)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    notes.close()

    assert never_left(notes.name, 5, 6) == [False, True]


def test_several_threads_note_as_much_as_there_is_room_for(notes: Departures) -> None:
    def note(first: int) -> None:
        for touch in range(first, first + 250):
            notes.note(touch)

    threads = [threading.Thread(target=note, args=(first,)) for first in range(1, 1001, 250)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    notes.close()

    assert never_left(notes.name, *range(1, 1002)) == [False] * 1000 + [True]


def test_nobody_knows_while_the_run_lives_and_its_notes_stay(notes: Departures) -> None:
    with notes_of({RUN: notes.name}) as departed:
        assert not departed.never_left(RUN, 1)
        assert departed.runs == []
        departed.discard()
    notes.close()

    assert never_left(notes.name, 1) == [True]


def test_nobody_knows_of_another_run_or_of_notes_that_are_gone(notes: Departures) -> None:
    notes.close()
    with notes_of({RUN: notes.name}) as departed:
        assert not departed.never_left(RUN + 1, 1)
        departed.discard()

    assert never_left(notes.name, 1) == [False]
    with notes_of({RUN: notes.name}) as departed:
        assert departed.runs == [RUN]


@pytest.mark.parametrize("harm", [b"", b"nonsense", b"\0" * 4096])
def test_nobody_knows_where_the_file_is_another_one(notes: Departures, harm: bytes) -> None:
    notes.close()
    (departures.MEMORY / f"nurture-{notes.name}").write_bytes(harm)

    assert never_left(notes.name, 1) == [False]


def test_nobody_knows_what_a_link_says(notes: Departures) -> None:
    notes.close()
    file = departures.MEMORY / f"nurture-{notes.name}"
    file.rename(there := file.with_name(f"{file.name}-there"))
    try:
        file.symlink_to(there)
        assert never_left(notes.name, 1) == [False]
    finally:
        there.unlink()


def test_nobody_knows_after_a_restart(notes: Departures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes.close()
    another = tmp_path / "boot"
    another.write_text("another\n")
    monkeypatch.setattr(departures, "_BOOT", another)

    assert never_left(notes.name, 1) == [False]


def test_where_memory_is_a_disk_there_are_no_notes(notes: Departures, monkeypatch: pytest.MonkeyPatch) -> None:
    notes.close()
    monkeypatch.setattr(departures, "file_system", lambda _: "ext4")

    assert begin_notes(1) is None
    assert never_left(notes.name, 1) == [False]


def test_where_memory_or_the_boot_is_unknown_there_are_no_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "_BOOT", tmp_path / "nowhere")
    assert begin_notes(1) is None

    monkeypatch.undo()
    monkeypatch.setattr(departures, "MEMORY", tmp_path / "nowhere")
    monkeypatch.setattr(departures, "file_system", lambda _: "tmpfs")
    assert begin_notes(1) is None


def test_a_memory_that_is_full_leaves_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    name = secrets.token_hex(16)
    monkeypatch.setattr(departures.secrets, "token_hex", lambda _: name)

    assert begin_notes(2**45) is None
    assert not (departures.MEMORY / f"nurture-{name}").exists()
