"""Backups are made and restored, logs are lost, journals are cut, runs are put off, stopped and killed, in any order.

Whatever the order, nobody gets the same mail twice: either a run knows what was sent, or it refuses until `recover` has
told the database. A run that has forgotten nothing is never refused.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from nurture_cli.delivery import channels
from nurture_cli.delivery.crash_points import RECOVERING, SENDING
from nurture_cli.errors import Refused
from nurture_cli.places import JOURNAL_FILE
from nurture_cli.runner.recall import recall
from nurture_cli.runner.resolve import Resolution, resolve
from nurture_cli.runner.run import Report
from nurture_cli.runner.signals import Stop
from nurture_cli.store.backup import backup
from nurture_cli.store.database import writing
from tests.acceptance.post import ANSWERS, Post
from tests.runner.house import AT, DAY, HOUR, House

KILLED = 137
STEPS = ("send: a", "wait: 1 day", "send: b", "wait: 1 day", "send: c")

scripts = st.lists(st.sampled_from(("accepted", *ANSWERS)), max_size=6)
pauses = st.sampled_from([60, HOUR, DAY, DAY, 2 * DAY])
sizes = st.one_of(st.none(), st.integers(1, 3))
points = st.sampled_from([*SENDING, *SENDING, *RECOVERING])
places = st.sampled_from(["after_claim", "before_dot", "after_sent_commit"])
hits = st.integers(1, 4)


class Restores(RuleBasedStateMachine):
    """A small house to which bad things happen."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="restores-"))
        self.post = Post(self.folder)
        channels.open_messenger = self.post.open_messenger  # type: ignore[assignment]
        self.house = House(self.folder)
        self.house.build(9, contacts=5, steps=STEPS, stop_after=100)
        for name in "abc":
            self.house.write_asset(name, subject=name)
        self.at = AT
        self.backups: list[Path] = []
        self.forgetful = False  # whether the database may know less than the journal
        self.again: set[str] = set()  # what a human wanted to be handed over once more
        self.asked = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    # --- the database -------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.backups) < 4)
    @rule()
    def a_backup_is_made(self) -> None:
        copy = self.folder / f"backup-{len(self.backups)}"
        backup(self.house.database, copy)
        self.backups.append(copy)

    @precondition(lambda self: self.backups)
    @rule(data=st.data())
    def a_backup_is_restored(self, data: Any) -> None:
        copy = data.draw(st.sampled_from(self.backups))
        self._without_log()
        shutil.copyfile(copy, self.house.database)
        self.forgetful = True

    @rule(hit=hits, point=st.sampled_from(SENDING), script=scripts, share=st.floats(0, 1))
    def a_run_is_killed_and_a_part_of_the_log_is_lost(
        self, hit: int, point: str, script: list[str], share: float
    ) -> None:
        self._kill(60, point, hit, script)
        log = self.folder / "nurture.db-wal"
        if log.exists():
            with log.open("r+b") as file:
                file.truncate(int(log.stat().st_size * share))
            (self.folder / "nurture.db-shm").unlink(missing_ok=True)
            self.forgetful = True

    @precondition(lambda self: not self.forgetful)
    @rule(lost=st.integers(1, 3), torn=st.booleans(), script=scripts)
    def the_end_of_the_journal_is_lost_and_a_run_notices(self, lost: int, torn: bool, script: list[str]) -> None:
        journal = self.folder / JOURNAL_FILE
        lines = journal.read_bytes().splitlines(keepends=True) if journal.exists() else []
        if len(lines) <= lost:
            return
        kept = b"".join(lines[:-lost])
        journal.write_bytes(kept + lines[-lost][:20] if torn else kept)
        report = self._run(60, script)
        assert report is not None
        assert report.journal_rebuilt

    @rule()
    def the_database_learns_from_the_journal(self) -> None:
        with self.house.opened() as db:
            recall(db, self.folder / JOURNAL_FILE, self.at)
        self.forgetful = False

    # --- runs ---------------------------------------------------------------------------------------------------

    @rule(after=pauses, script=scripts, most=sizes)
    def a_run_happens(self, after: int, script: list[str], most: int | None) -> None:
        self._run(after, script, most=most)

    @rule(after=pauses, script=scripts, point=points, hit=hits)
    def a_run_is_killed(self, after: int, script: list[str], point: str, hit: int) -> None:
        self._kill(after, point, hit, script)

    @rule(after=pauses, script=scripts, point=st.sampled_from(["after_claim", "after_sent_commit"]), hit=hits)
    def a_run_is_asked_to_stop(self, after: int, script: list[str], point: str, hit: int) -> None:
        def ask() -> None:
            os.kill(os.getpid(), signal.SIGTERM)

        self._run(after, script, crash_point=_at(point, hit, ask))

    @precondition(lambda self: len(self.backups) < 4)
    @rule(
        after=pauses,
        script=scripts,
        point=st.sampled_from(["after_claim", "before_dot", "after_sent_commit"]),
        hit=hits,
    )
    def a_backup_is_made_beside_a_run(self, after: int, script: list[str], point: str, hit: int) -> None:
        self._run(after, script, crash_point=_at(point, hit, self.a_backup_is_made))

    # --- contacts and humans ------------------------------------------------------------------------------------

    @rule(who=st.integers(1, 5), asset=st.sampled_from("abc"))
    def a_contact_asks_for_an_asset(self, who: int, asset: str) -> None:
        self.asked += 1
        row = {"who": who, "asset": asset, "at": self.at, "key": f"asked/{self.asked}"}
        with self.house.opened() as db, writing(db):
            db.execute(
                "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)"
                " VALUES (:who, 'requested', :asset, :at, :at, 't', :key)",
                row,
            )

    @precondition(lambda self: self._in_doubt())
    @rule(data=st.data(), again=st.booleans())
    def a_human_resolves_a_doubt(self, data: Any, again: bool) -> None:
        key, name = data.draw(st.sampled_from(self._in_doubt()))
        if again:
            self.again.add(name)
            chosen = Resolution.RESEND
        else:
            arrived = name in self._arrived()
            chosen = Resolution.SENT if arrived else Resolution.FAILED
        with self.house.opened() as db:
            resolve(db, key, chosen, self.at)

    # --- what is done and seen ----------------------------------------------------------------------------------

    def _run(self, after: int, script: list[str], **orders: Any) -> Report | None:
        """A run, which may be refused only if the database has forgotten something."""
        self.at += after
        self.post.script = list(script)
        try:
            report = self.house.run(self.at, **orders)
        except Refused as error:
            if not self.forgetful:
                raise
            note(f"refused: {error.sentence}")
            return None
        finally:
            self.post.script = []
        self.forgetful = False  # the journal knew nothing more
        return report

    def _kill(self, after: int, point: str, hit: int, script: list[str]) -> None:
        self.at += after
        child = os.fork()
        if child == 0:
            os._exit(self._die(point, hit, script))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        fault = self.folder / "fault.txt"
        assert code in (0, KILLED) or (self.forgetful and "Refused" in fault.read_text()), fault.read_text()

    def _die(self, point: str, hit: int, script: list[str]) -> int:
        self.post.script = list(script)
        try:
            self.house.run(self.at, crash_point=_at(point, hit, lambda: os._exit(KILLED)))
        except BaseException:
            (self.folder / "fault.txt").write_text(traceback.format_exc())
            return 1
        return 0

    def _without_log(self) -> None:
        for name in ("nurture.db-wal", "nurture.db-shm"):
            (self.folder / name).unlink(missing_ok=True)

    def _arrived(self) -> Counter[str]:
        return Counter(f"{mail.to} {mail.asset}" for mail in self.post.arrived())

    def _in_doubt(self) -> list[tuple[str, str]]:
        rows = "SELECT t.key, c.email || ' ' || t.asset FROM touch t JOIN contact c ON c.id = t.contact_id"
        return list(self.house.ask(f"{rows} WHERE t.state = 'unknown' ORDER BY t.key"))

    def check_invariants(self, *words: Any, **more: Any) -> None:
        for name, times in self._arrived().items():
            assert times == 1 or name in self.again, f"{name} arrived {times} times"


def _at(point: str, hit: int, act: Any) -> Any:
    """A crash point that acts when `point` is passed for the `hit`th time."""
    hits = 0

    def passed(name: str) -> None:
        nonlocal hits
        hits += name == point
        if hits == hit and name == point:
            act()

    return passed


@pytest.mark.slow
def test_nobody_gets_a_mail_twice_whatever_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "open_messenger", channels.open_messenger)  # each life puts its own relay there
    monkeypatch.setattr(Stop, "wait", lambda self, seconds: None)
    run_state_machine_as_test(
        Restores,
        settings=settings(
            max_examples=int(os.environ.get("LIVES", "30")),
            stateful_step_count=int(os.environ.get("LIFE_STEPS", "25")),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
