"""A disk that fills up in the middle of a run: what went out is recorded, the run stops, and the next one goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.errors import InputOutput
from nurture_cli.store.database import DiskFull
from tests.delivery.server import Fault, Server
from tests.runner.house import AT, House

KIB = 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def fill(disk: Path, leave: int) -> None:
    """Fill the disk up but for `leave` KiB, in one system call: bit by bit it would take room that a run frees."""
    status = os.statvfs(disk)
    size = status.f_bavail * status.f_frsize - leave * KIB
    with (disk / "filler").open("wb") as filler:
        while size > 0:
            try:
                os.posix_fallocate(filler.fileno(), 0, size)
            except OSError:  # the run has written meanwhile
                size -= 4 * KIB
            else:
                return


@pytest.mark.slow
@pytest.mark.parametrize("leave", [0, 6, 14, 24, 40, 60, 84])
@pytest.mark.parametrize("connections", [1, 4, 8])
def test_a_disk_that_fills_up_during_a_run_leaves_nothing_unrecorded(
    small_disk: Path, connections: int, leave: int
) -> None:
    def swallow(phase: str, _: str) -> Fault | None:
        if phase == "mail" and armed:
            armed.clear()
            fill(small_disk, leave)
        return None

    armed: list[bool] = []
    with Server(decide=swallow) as sink:
        house = House(small_disk).build(sink.port, contacts=60, connections=connections)
        house.run(AT - 60, limit=1)
        armed.append(True)
        first: InputOutput | None = None
        try:
            first = house.run().done.stopped_by  # type: ignore[assignment]
        except InputOutput as error:
            first = error
        taken = house.written_to(mail.message_id for mail in sink.accepted)
        recorded = {contact for contact, state in house.states().items() if state == "sent"}
        (small_disk / "filler").unlink()
        house.run(AT + 60)
        after = house.written_to(mail.message_id for mail in sink.accepted)

    assert isinstance(first, DiskFull) or recorded == set(range(1, 61))
    assert set(taken) == recorded
    assert after == dict.fromkeys(range(1, 61), 1)
    assert set(house.states().values()) == {"sent"}


def test_a_disk_that_is_full_from_the_start_sends_nothing(small_disk: Path) -> None:
    with Server() as sink:
        house = House(small_disk).build(sink.port, contacts=3)
        fill(small_disk, 0)
        with pytest.raises(InputOutput) as raised:
            house.run()

    assert raised.value.exit_code == 74
    assert sink.accepted == []
