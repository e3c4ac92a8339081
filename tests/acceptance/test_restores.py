"""Backups are made and restored, logs are lost, journals are cut, runs are put off, stopped and killed, in any order.

Whatever the order, nobody gets the same mail twice, and nobody gets one who has left: either a run knows what was sent
and who left, or it refuses until `recover` has told the database. A run that has forgotten nothing is never refused.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from nurture_cli.cli.opening import writer_at
from nurture_cli.delivery import channels
from nurture_cli.delivery.crash_points import LEFTOVERS, SENDING
from nurture_cli.errors import Refused
from nurture_cli.inbound.suppressions import SuppressionOptions, import_suppressions
from nurture_cli.keys import read_keys
from nurture_cli.places import JOURNAL_FILE
from nurture_cli.runner import dispatcher
from nurture_cli.runner.recover import recover_from_journal
from nurture_cli.runner.resolve import Resolution, resolve
from nurture_cli.runner.run import Report
from nurture_cli.runner.signals import Stop
from nurture_cli.store.backup import backup
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.suppressions import lift, suppress, unsubscribe
from tests.acceptance.post import ANSWERS, Post
from tests.examples import examples
from tests.runner.house import AT, DAY, HOUR, House

KILLED = 137
STEPS = ("send: a", "wait: 1 day", "send: b", "wait: 1 day", "send: c")

scripts = st.lists(st.sampled_from(("accepted", *ANSWERS)), max_size=6)
pauses = st.sampled_from([60, HOUR, DAY, DAY, 2 * DAY])
sizes = st.one_of(st.none(), st.integers(1, 3))
points = st.sampled_from([*SENDING, *SENDING, *LEFTOVERS])
places = st.sampled_from(["after_claim", "before_dot", "after_sent_commit"])
hits = st.integers(1, 4)
people = st.integers(1, 5)


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
        self.again: set[str] = set()  # what a human wanted to be delivered once more
        self.asked = 0
        self.left: set[int] = set()  # contacts who must not be written to
        self.untold: set[int] = set()  # of these, those who may be forgotten: the journal is yet to be told
        self.out: set[int] = set()  # who had left when the last step was over
        self.seen: Counter[str] = Counter()  # what had arrived by then

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
        self._forget()

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
            self._forget()

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
        with writer_at(self.folder, self.house.database) as db:
            recover_from_journal(db, self.folder / JOURNAL_FILE, self.at)
        self.forgetful = False
        self._all_is_told()

    # --- runs ---------------------------------------------------------------------------------------------------

    @rule(after=pauses, script=scripts, limit=sizes)
    def a_run_happens(self, after: int, script: list[str], limit: int | None) -> None:
        self._run(after, script, limit=limit)

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

    # --- who leaves, and who comes back -------------------------------------------------------------------------

    @rule(who=people, manual=st.booleans())
    def somebody_leaves(self, who: int, manual: bool) -> None:
        self._leave(who, manual=manual)

    @rule(who=people)
    def somebody_leaves_and_the_command_dies_before_the_journal_is_told(self, who: int) -> None:
        child = os.fork()
        if child == 0:
            os.write = lambda *_: os._exit(KILLED)
            try:
                self._leave(who, manual=False)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        self.left.add(who)
        self.untold.add(who)

    @rule(several=st.sets(people), reason=st.sampled_from(["unsubscribed", "complaint", "hard-bounce"]))
    def a_list_of_those_who_left_is_imported(self, several: set[int], reason: str) -> None:
        file = self.folder / "left.csv"
        file.write_text("email,reason\n" + "".join(f"{_address(who)},{reason}\n" for who in several))

        def read(db: Connection) -> None:
            import_suppressions(db, read_keys(self.folder), file, SuppressionOptions(), now=self.at)

        self._tell(several, read)
        self.left |= several

    @rule(who=people)
    def somebody_wants_to_be_written_to_again(self, who: int) -> None:
        def take_back(db: Connection) -> None:
            with writing(db):
                lift(db, self._hash(who), why="asked", at=self.at)

        self._tell(set(), take_back)
        self.left.discard(who)

    @rule(after=pauses, script=scripts, who=people, hit=hits)
    def somebody_leaves_beside_a_run(self, after: int, script: list[str], who: int, hit: int) -> None:
        before: list[Counter[str]] = []

        def leaves() -> None:
            before.append(self._arrived())
            self._leave(who, manual=False)

        self._run(after, script, crash_point=_at("after_claim", hit, leaves))
        for arrived in before:
            assert not any(name.startswith(_address(who)) for name in self._arrived() - arrived)

    # --- contacts and humans ------------------------------------------------------------------------------------

    @rule(who=people, asset=st.sampled_from("abc"))
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
        self._all_is_told()
        return report

    def _leave(self, who: int, *, manual: bool) -> None:
        def leave(db: Connection) -> None:
            with writing(db):
                if manual:
                    suppress(db, self._hash(who), reason="manual", source="a friend", at=self.at)
                else:
                    unsubscribe(db, self._hash(who), source="a link", at=self.at)

        self._tell({who}, leave)
        self.left.add(who)

    def _tell(self, several: set[int], act: Callable[[Connection], None]) -> None:
        """A command that changes who may be written to; it tells the journal, if that is as the database left it."""
        whole = self._whole()
        with writer_at(self.folder, self.house.database) as db:
            act(db)
        if whole:
            assert self._whole()
            assert self._unwitnessed() == 0
        self.untold = self.untold - several if whole else self.untold | several

    def _forget(self) -> None:
        """The database is an older one: who left is known from the journal alone, if that was told."""
        self.forgetful = True
        self.left -= self.untold
        self.untold.clear()

    def _all_is_told(self) -> None:
        assert self._whole()
        assert self._unwitnessed() == 0
        self.untold.clear()
        hashes = set(self.house.ask("SELECT address_hash FROM suppression WHERE lifted_at IS NULL"))
        out = {who for who in range(1, 6) if self._hash(who) in hashes}
        assert self.left <= out
        self.left = out  # who bounced, too

    def _whole(self) -> bool:
        """Whether the journal is exactly as the database left it."""
        journal = self.folder / JOURNAL_FILE
        ((id, size),) = self.house.ask("SELECT id, journal_size FROM instance")
        if not journal.exists():
            return bool(size == 0)
        raw = journal.read_bytes()
        return len(raw) == size and id in raw.partition(b"\n")[0].decode()

    def _unwitnessed(self) -> int:
        (count,) = self.house.ask("SELECT count(*) FROM suppression WHERE witnessed = 0")
        return int(count)

    def _hash(self, who: int) -> bytes:
        return read_keys(self.folder).address_hash(_address(who))

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
        arrived = self._arrived()
        for name, times in arrived.items():
            assert times == 1 or name in self.again, f"{name} arrived {times} times"
        for name in arrived - self.seen:
            assert not name.startswith(tuple(map(_address, self.out))), f"{name} arrived, who had left"
        self.seen, self.out = arrived, set(self.left)


def _address(who: int) -> str:
    return f"c{who}@people.example"


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
    # Every answer comes at once: one that is slow on a busy machine would be settled in a commit of its own, and a life
    # that is lived again would take another turn.
    monkeypatch.setattr(dispatcher, "time", SimpleNamespace(monotonic=lambda: 0.0))
    run_state_machine_as_test(
        Restores,
        settings=settings(
            max_examples=int(os.environ.get("LIVES", examples(40))),
            stateful_step_count=int(os.environ.get("LIFE_STEPS", "25")),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
