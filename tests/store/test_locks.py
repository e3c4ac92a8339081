"""The two locks: one run at a time, freed by death, and safe when somebody deletes the lock's file."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from nurture_cli.errors import Busy, InputOutput
from nurture_cli.store.database import run_lock
from nurture_cli.store.locks import RUN_SUFFIX, WRITE_SUFFIX, beside, write_lock
from tests.store.conftest import Hold


def test_a_second_run_is_busy_at_once_and_free_after_the_first(path: Path, hold: Hold) -> None:
    holder = hold("run")
    with pytest.raises(Busy, match="Another run is using") as raised, run_lock(path):
        pytest.fail("two runs at once")
    assert raised.value.exit_code == 75

    holder.let_go()
    with run_lock(path) as lock:
        assert lock.still_ours()


def test_the_death_of_a_run_frees_its_lock(path: Path, hold: Hold) -> None:
    hold("run").kill()

    with run_lock(path) as lock:
        assert lock.still_ours()


def test_a_run_and_a_writer_do_not_keep_each_other_out(path: Path, hold: Hold) -> None:
    hold("run")
    hold("write")

    with pytest.raises(Busy), run_lock(path):
        pytest.fail("two runs at once")
    with pytest.raises(Busy), write_lock(path, 0):
        pytest.fail("two writers at once")


def test_a_lock_whose_file_is_deleted_is_noticed_by_its_holder(path: Path) -> None:
    with run_lock(path) as first:
        assert first.still_ours()
        beside(path, RUN_SUFFIX).unlink()
        assert not first.still_ours()
        with run_lock(path) as second:
            assert second.still_ours()
            assert not first.still_ours()
            with pytest.raises(Busy), run_lock(path):
                pytest.fail("two on one file")


def test_who_waited_for_a_deleted_file_takes_the_new_one(path: Path, hold: Hold) -> None:
    holder = hold("write")
    held: list[bool] = []

    def wait() -> None:
        with write_lock(path, 10):
            try:
                with write_lock(path, 0):
                    held.append(False)
            except Busy:
                held.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    beside(path, WRITE_SUFFIX).unlink()
    thread.join(10)
    holder.let_go()

    assert held == [True]


def test_two_names_of_one_database_have_one_lock(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.db"
    link.symlink_to(path)

    with run_lock(path), pytest.raises(Busy), run_lock(link):
        pytest.fail("two runs on one database")
    assert [file.name for file in link.parent.iterdir()] == ["link.db"]


def test_a_lock_that_cannot_be_made_is_an_error_of_input_and_output(path: Path) -> None:
    beside(path, RUN_SUFFIX).mkdir()
    with pytest.raises(InputOutput, match="cannot be opened") as raised, run_lock(path):
        pytest.fail("locked a folder")

    assert raised.value.exit_code == 74
