"""The room kept back on the disk: laid before anything is sent, given back once, for the record of what was sent."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.errors import InputOutput
from nurture_cli.store.ballast import SIZE, Ballast
from nurture_cli.store.create import create
from nurture_cli.store.database import DiskFull, open_reader, open_writer, writing
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows
from tests.store.conftest import KEYS
from tests.store.rows import one


@pytest.fixture
def room(path: Path) -> Path:
    """Where the room is kept."""
    return path.with_name("nurture.db.ballast")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path) -> None:
    status = os.statvfs(disk)
    (disk / "filler").write_bytes(b"x" * (status.f_bavail * status.f_frsize))


def test_the_room_is_laid_once_for_its_owner_alone(path: Path, room: Path) -> None:
    Ballast(path).lay()
    first = room.read_bytes()
    Ballast(path).lay()

    assert len(first) == SIZE
    assert room.read_bytes() == first
    assert len(set(first)) > 200, "a file system could compress it away"
    assert oct(room.stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("size", [0, 10, SIZE - 1, SIZE + 1, 3 * SIZE])
def test_a_room_of_another_size_is_laid_anew(path: Path, room: Path, size: int) -> None:
    room.write_bytes(b"x" * size)
    Ballast(path).lay()

    assert room.stat().st_size == SIZE
    assert b"xxxx" not in room.read_bytes()


def test_the_room_is_for_all_messages_that_may_be_under_way(path: Path, room: Path) -> None:
    sizes = []
    for messages in (4, 1):
        Ballast(path, messages).lay()
        sizes.append(room.stat().st_size)

    assert sizes == [4 * SIZE, SIZE]


def test_a_room_that_cannot_be_laid_is_an_error_of_input_and_output(path: Path, room: Path) -> None:
    room.mkdir()
    with pytest.raises(InputOutput, match="cannot be written") as raised:
        Ballast(path).lay()

    assert not isinstance(raised.value, DiskFull)
    assert raised.value.exit_code == 74


def test_what_goes_well_keeps_the_room(path: Path, room: Path) -> None:
    ballast = Ballast(path)
    ballast.lay()

    assert ballast.rescue(lambda: 7) == 7
    assert room.exists()
    assert not ballast.released


def test_the_room_is_given_back_once(path: Path, room: Path) -> None:
    def act() -> int:
        tries.append(room.exists())
        if len(tries) in (1, 3):
            raise DiskFull("full")
        return len(tries)

    tries: list[bool] = []
    ballast = Ballast(path)
    ballast.lay()
    assert ballast.rescue(act) == 2
    assert ballast.released
    with pytest.raises(DiskFull):
        ballast.rescue(act)

    assert tries == [True, False, False]


def test_another_error_is_not_tried_again(path: Path, room: Path) -> None:
    def act() -> None:
        tries.append(1)
        raise InputOutput("The disk failed.")

    tries: list[int] = []
    ballast = Ballast(path)
    ballast.lay()
    with pytest.raises(InputOutput, match="failed"):
        ballast.rescue(act)

    assert tries == [1]
    assert room.exists()
    assert not ballast.released


def test_on_a_disk_that_is_full_the_record_is_written_all_the_same(small_disk: Path) -> None:
    path = small_disk / "nurture.db"
    create(path, AT, KEYS)
    db = open_writer(path)
    with writing(db):
        rows.contact(db)
    ballast = Ballast(path)
    ballast.lay()
    fill(small_disk)

    def record() -> None:
        with writing(db):
            for number in range(20):
                rows.event(db, f"{len(tries)}/{number}", properties='{"text": "' + "x" * 500 + '"}')

    tries: list[int] = []
    with pytest.raises(DiskFull, match="full") as raised:
        record()
    assert raised.value.exit_code == 74
    assert not db.in_transaction
    ballast.rescue(record)
    assert ballast.released
    reader = open_reader(path)
    assert one(reader, "SELECT count(*) FROM event") == 20
    reader.close()
    (small_disk / "filler").unlink()
    db.close()


def test_a_disk_without_room_is_told_before_anything_is_sent(small_disk: Path) -> None:
    path = small_disk / "nurture.db"
    create(path, AT, KEYS)
    fill(small_disk)
    with pytest.raises(DiskFull) as raised:
        Ballast(path).lay()

    assert raised.value.exit_code == 74
    assert not path.with_name("nurture.db.ballast").exists()
    with pytest.raises(DiskFull):
        create(small_disk / "other.db", AT, KEYS)
    assert not (small_disk / "other.db").exists()
