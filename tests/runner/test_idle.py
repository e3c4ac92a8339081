"""The quick answer for cron: nothing to do is said only when a run would find nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from nurture_cli.keys import read_keys
from nurture_cli.places import DATABASE
from nurture_cli.project import load_project
from nurture_cli.runner.idle import nothing_to_do
from nurture_cli.runner.run import run
from nurture_cli.store.database import open_writer, run_lock, writing
from tests.conftest import Nurture

CAMPAIGN = """\
campaign: welcome
title: Welcome
enter: {when: did("downloaded"), backfill: true}
exit: {when: stage == "customer"}
stages:
  any:
    - send: welcome
    - wait: 2 days
    - exit: done
"""
HOUR, DAY = 3600, 86400
ANN = "ann@people.example"


@pytest.fixture
def project(tmp_path: Path, nurture: Nurture, clock: SteppingClock) -> Path:
    """A project with one contact in the middle of a wait, and a run that left nothing undone."""
    folder = tmp_path / "project"
    assert nurture("init", folder).code == 0
    (folder / "campaigns" / "welcome.yml").write_text(CAMPAIGN, "utf-8")
    change(
        folder,
        "INSERT INTO contact (email, address_hash, stage, stage_at, consent, consent_basis, consent_source, created_at,"
        f" updated_at) VALUES ('{ANN}', X'{read_keys(folder).address_hash(ANN).hex()}', 'awareness', 0, 'express',"
        " 'form', 'site', 0, 0)",
    )
    event(folder, "downloaded", clock.at)
    for _ in range(2):
        assert run(load_project(folder), folder / DATABASE, clock).exit_code == 0
    assert idle(folder, clock)
    return folder


def idle(folder: Path, clock: SteppingClock) -> bool:
    return nothing_to_do(folder, folder / DATABASE, clock.at)


def change(folder: Path, sql: str, *values: object) -> None:
    db = open_writer(folder / DATABASE)
    with writing(db):
        db.execute(sql, values)
    db.close()


def event(folder: Path, kind: str, at: int) -> None:
    change(
        folder,
        "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)"
        " VALUES (1, ?, 'welcome', ?, ?, 't', ?)",
        kind, at, at, f"{kind}{at}",
    )  # fmt: skip


def written(folder: Path) -> dict[str, tuple[int, int]]:
    """When each file was written last, and its size; the memory that SQLite's readers share does not count."""
    files = [path for path in folder.iterdir() if path.is_file() and path.suffix != ".db-shm"]
    return {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}


def touch_file(name: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        path = folder / name
        os.utime(path, ns=(1, path.stat().st_mtime_ns + 1))

    return act


WHAT_MAKES_WORK: dict[str, Callable[[Path], None]] = {
    "an event": lambda folder: event(folder, "visited", 5),
    "a request": lambda folder: event(folder, "requested", 5),
    "a change of the contact": lambda folder: change(folder, "UPDATE contact SET role = 'buyer'"),
    "a suppression": lambda folder: change(
        folder,
        "INSERT INTO suppression (address_hash, reason, source, at) SELECT address_hash, 'manual', 't', 1 FROM contact",
    ),
    "a suppression of a stranger, of which the journal does not know": lambda folder: change(
        folder, "INSERT INTO suppression (address_hash, reason, source, at) VALUES (randomblob(16), 'manual', 't', 1)"
    ),
    "a new contact": lambda folder: change(
        folder,
        "INSERT INTO contact (email, address_hash, stage, stage_at, created_at, updated_at)"
        " VALUES ('ben@people.example', zeroblob(16), 'awareness', 0, 0, 0)",
    ),
    "an edited campaign": touch_file("campaigns/welcome.yml"),
    "an edited template": touch_file("templates/welcome.md"),
    "edited settings": touch_file("nurture.yml"),
    "a new file": lambda folder: (folder / "campaigns" / "other.yml").write_text(CAMPAIGN, "utf-8").__class__(),
    "a removed journal": lambda folder: (folder / "nurture.journal").unlink(),
    "a broken database": lambda folder: (folder / DATABASE).write_bytes(b"no database"),
    "a missing database": lambda folder: (folder / DATABASE).unlink(),
}


@pytest.mark.parametrize("what", WHAT_MAKES_WORK)
def test_anything_new_is_for_the_run_itself(project: Path, clock: SteppingClock, what: str) -> None:
    WHAT_MAKES_WORK[what](project)

    assert not idle(project, clock)


def test_an_edit_between_reading_the_files_and_the_run_is_for_the_next_run(project: Path, clock: SteppingClock) -> None:
    read = load_project(project)
    touch_file("campaigns/welcome.yml")(project)

    assert run(read, project / DATABASE, clock).exit_code == 0
    assert not idle(project, clock)
    assert run(load_project(project), project / DATABASE, clock).exit_code == 0
    assert idle(project, clock)


def test_settings_that_cannot_be_looked_at_are_for_the_run_itself(project: Path, clock: SteppingClock) -> None:
    (project / "nurture.yml").unlink()
    (project / "nurture.yml").symlink_to("nurture.yml")

    assert not idle(project, clock)
    assert load_project(project).errors


def test_the_lock_link_of_an_editor_and_other_links_disturb_neither_idling_nor_a_run(
    project: Path, clock: SteppingClock
) -> None:
    (project / "campaigns" / ".#welcome.yml").symlink_to("ada@laptop.4711:1764400000")
    (project / "templates" / "sub").symlink_to("..")

    assert not idle(project, clock)
    assert run(load_project(project), project / DATABASE, clock).exit_code == 0
    assert idle(project, clock)


def test_settings_behind_a_link_are_settings(project: Path, clock: SteppingClock) -> None:
    (project / "nurture.yml").rename(project / "nurture.work.yml")
    (project / "nurture.yml").symlink_to("nurture.work.yml")
    assert run(load_project(project), project / DATABASE, clock).exit_code == 0
    assert idle(project, clock)

    touch_file("nurture.work.yml")(project)
    assert not idle(project, clock)


def test_a_wait_that_is_over_is_for_the_run_itself(project: Path, clock: SteppingClock) -> None:
    clock.advance(2 * DAY - 1)
    assert idle(project, clock)
    clock.advance(1)
    assert not idle(project, clock)


def test_a_clock_set_back_is_for_the_run_itself(project: Path, clock: SteppingClock) -> None:
    clock.advance(-DAY)

    assert not idle(project, clock)


def test_while_another_run_is_on_the_run_itself_answers(project: Path, clock: SteppingClock) -> None:
    with run_lock(project / DATABASE):
        assert not idle(project, clock)


def test_a_condition_that_time_makes_true_is_idle_until_then(project: Path, clock: SteppingClock) -> None:
    text = CAMPAIGN.replace('did("downloaded")', 'not did("downloaded", within="30d")').replace("{when:", "\n  when:")
    text = text.replace(", backfill: true}", "\n  backfill: true", 1).replace(
        'stage == "customer"}', 'stage == "customer"'
    )
    (project / "campaigns" / "welcome.yml").write_text(text, "utf-8")
    for _ in range(2):
        run(load_project(project), project / DATABASE, clock)

    assert idle(project, clock)
    db = open_writer(project / DATABASE)
    ((event, look),) = db.execute("SELECT e.at, w.at FROM contact_wake w JOIN event e ON e.contact_id = w.contact_id")
    assert look == event + 30 * DAY
    db.execute("UPDATE contact_wake SET at = ?", (clock.now() + HOUR,))  # before the wait for the next mail is over
    db.close()
    clock.advance(HOUR - 1)
    assert idle(project, clock)
    clock.advance(1)
    assert not idle(project, clock)


def test_an_idle_run_writes_nothing(project: Path, clock: SteppingClock, nurture: Nurture) -> None:
    before = written(project)
    answer = nurture("run", cwd=project)

    assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert written(project) == before


LIMITS = {
    "daily: 1": (HOUR, DAY),
    "hourly: 1": (HOUR // 2, HOUR),
    "hourly: 1, daily: 1": (HOUR, DAY),
    "ramp: [1, 1, 20], daily: 100": (HOUR, DAY),  # the first day of the ramp ends with that of its one mail
}


@pytest.mark.parametrize("limit", LIMITS)
def test_behind_a_limit_nobody_is_looked_at_before_there_is_room(
    project: Path, clock: SteppingClock, limit: str
) -> None:
    settings = project / "nurture.yml"
    settings.write_text(
        settings.read_text("utf-8").replace("type: outbox\n", f"type: outbox\n    {limit}\n", 1), "utf-8"
    )
    settings.write_text(settings.read_text("utf-8").replace(", daily", "\n    daily"), "utf-8")
    keys = read_keys(project)
    for number in (2, 3):
        address = f"c{number}@people.example"
        change(
            project,
            "INSERT INTO contact (email, address_hash, stage, stage_at, consent, consent_basis, consent_source,"
            f" created_at, updated_at) VALUES ('{address}', X'{keys.address_hash(address).hex()}', 'awareness', 0,"
            " 'express', 'form', 'site', 0, 0)",
        )
        change(
            project,
            "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)"
            " VALUES (?, 'downloaded', 'welcome', ?, ?, 't', ?)",
            number, clock.at, clock.at, f"d{number}",
        )  # fmt: skip
    clock.advance(DAY)  # the mail of the contact before no longer counts
    early, room = LIMITS[limit]
    began = clock.at
    sent = [run(load_project(project), project / DATABASE, clock).done.sent for _ in range(2)]
    assert sent == [1, 0]
    clock.advance(early)
    assert idle(project, clock)
    clock.advance(began + room - 1 - clock.at)
    assert idle(project, clock)
    event(project, "visited", clock.at)
    assert not idle(project, clock), "something is new"
    assert run(load_project(project), project / DATABASE, clock).done.sent == 0
    assert idle(project, clock)

    clock.advance(1)

    assert not idle(project, clock)
    assert run(load_project(project), project / DATABASE, clock).done.sent == 1
