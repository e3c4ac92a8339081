"""A town lives: contacts come and act, humans interfere, files are edited, runs are killed; the promises hold.

What is promised is in `promises.py`, the town in `town.py`, the relay that misbehaves in `post.py`. A killed run is a
process of its own that ends as if by SIGKILL at one of the named instants.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from nurture_cli.clock import FixedClock
from nurture_cli.delivery import channels
from nurture_cli.delivery.crash_points import LEFTOVERS, SENDING, CrashPoint, go_on
from nurture_cli.planner.plan import make_plan
from nurture_cli.runner import dispatcher
from nurture_cli.runner.resolve import Resolution
from nurture_cli.runner.run import Orders, Report, run
from nurture_cli.runner.signals import Stop
from nurture_cli.store.database import open_reader
from tests.acceptance.post import ANSWERS, Post, really_open
from tests.acceptance.promises import CAPS, Known, Promises
from tests.acceptance.town import ASSETS, DAY, HOUR, Town
from tests.examples import examples

KILLED = 137

somebody = st.integers(0, 5)
zones = st.sampled_from([None, "Europe/Berlin", "America/New_York", "Asia/Kolkata"])
consents = st.sampled_from(["express", "express", "express", "implied", "implied", "unknown", "withdrawn"])
pauses = st.sampled_from([0, HOUR, 5 * HOUR, 12 * HOUR, DAY, DAY, DAY, 2 * DAY, 2 * DAY, 3 * DAY, 4 * DAY, 8 * DAY])
acts = st.sampled_from(
    [("downloaded", ""), ("visited", ""), ("visited", ""), ("registered", ""), ("requested_demo", ""),
     ("purchased", ""), ("clicked", "intro"), ("clicked", "paper"), ("replied", "filed")]
    + [("requested", asset) for asset in (*sorted(ASSETS), "nothing-of-ours")]
)  # fmt: skip
interferences = st.sampled_from(["suppress", "withdraw", "event", "stage"])
points = st.sampled_from([*SENDING, *LEFTOVERS, "before_dot", "after_dot", "after_250", "before_sent_commit"])


class Life(RuleBasedStateMachine):
    """Everything that can happen to a town, one thing after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="town-"))
        self.town = Town(self.folder)
        self.post = Post(self.folder)
        self.known = Known()
        channels.open_messenger = self.post.open_messenger  # type: ignore[assignment]
        self.promises = Promises(self.town, self.post, self.known)
        self.appended = 0
        self.renamed = 0

    def teardown(self) -> None:
        try:
            self.promises.the_files_are_whole()
        finally:
            shutil.rmtree(self.folder)

    # --- the world ----------------------------------------------------------------------------------------------

    @initialize(zone=zones, weekly=st.booleans())
    def a_town_begins(self, zone: str | None, weekly: bool) -> None:
        self.town.limit(CAPS if weekly else CAPS[:1])
        for tag in ("fair", None, "fair", None):
            self.town.appear("express", zone, tag=tag)
        for number, kinds in enumerate((["downloaded"], ["registered", "downloaded"], ["visited"], ["registered"])):
            for kind in kinds:
                self.town.does(self.town.people[number], kind)

    @precondition(lambda self: len(self.town.people) < 6)
    @rule(consent=consents, zone=zones, tag=st.sampled_from([None, "fair"]))
    def a_contact_appears(self, consent: str, zone: str | None, tag: str | None) -> None:
        self.town.appear(consent, zone, tag=tag)

    def _who(self, number: int) -> str:
        return self.town.people[number % len(self.town.people)]

    @rule(who=somebody, act=acts, ago=st.sampled_from([0, 60, 2 * DAY]))
    def a_contact_acts(self, who: int, act: tuple[str, str], ago: int) -> None:
        self.town.does(self._who(who), *act, ago=ago)

    @rule(who=somebody, consent=consents, leaves=st.booleans())
    def a_contact_leaves_or_comes_back(self, who: int, consent: str, leaves: bool) -> None:
        email = self._who(who)
        (self.town.suppress if leaves else self.town.lift)(email)
        self.town.consent(email, consent if leaves else "express")

    # --- humans -------------------------------------------------------------------------------------------------

    @rule(
        who=somebody,
        verb=st.sampled_from(["accept", "reject", "reject", "lost", "won"]),
        reason=st.sampled_from(["not-now", "no-budget"]),
    )
    def sales_answers(self, who: int, verb: str, reason: str) -> None:
        known = self.town.ask("SELECT c.email FROM handoff h JOIN contact c ON c.id = h.contact_id ORDER BY h.id DESC")
        self.town.answer(known[who % len(known)][0] if known else self._who(who), verb, reason)

    @rule(who=somebody)
    def a_contact_is_keen(self, who: int) -> None:
        for _ in range(2):
            self.town.does(self._who(who), "requested_demo")

    @rule(who=somebody, stage=st.sampled_from(["name", "lead", "hot", "customer"]))
    def a_human_changes_a_stage(self, who: int, stage: str) -> None:
        self.town.stage(self._who(who), stage)

    @rule(who=somebody, tag=st.sampled_from(["fair", "enough"]), present=st.booleans())
    def a_human_changes_a_tag(self, who: int, tag: str, present: bool) -> None:
        self.town.tag(self._who(who), tag, present=present)

    @precondition(lambda self: self._in_doubt())
    @rule(data=st.data(), wanted=st.sampled_from(["truth", "sent", "resend"]))
    def a_human_resolves_a_doubt(self, data: Any, wanted: str) -> None:
        key = data.draw(st.sampled_from(self._in_doubt()))
        arrived = key in {mail.key for mail in self.post.arrived()}
        match wanted:
            case "resend":
                self.known.again.add(key)
                self.town.resolve(key, Resolution.RESEND)
            case "truth" if not arrived:
                self.town.resolve(key, Resolution.FAILED)
            case _:
                self.known.assumed.add(key)
                self.town.resolve(key, Resolution.SENT)

    @rule()
    def the_files_of_the_outbox_are_carried_away(self) -> None:
        self.post.carry_away()

    # --- files --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.appended < 2)
    @rule(where=st.sampled_from(["alpha", "beta", "beta-stream"]))
    def a_campaign_grows(self, where: str) -> None:
        self.appended += 1
        asset = f"late-{self.appended}"
        self.town.write_asset(asset)
        match where:
            case "alpha":
                self.town.edit("alpha", lambda file: file["stages"]["name"].append({"send": asset}))
            case "beta":
                self.town.edit("beta", lambda file: file["stages"]["any"].insert(0, {"send": asset}))
            case _:
                self.town.edit("beta", lambda file: file["stages"]["any"][-1]["stream"].append(asset))

    @rule(
        length=st.sampled_from(["1 day", "2 days", "6 days", "4 hours"]), campaign=st.sampled_from(["alpha", "delta"])
    )
    def a_wait_gets_another_length(self, length: str, campaign: str) -> None:
        place = ("name", 1) if campaign == "alpha" else ("any", 1)
        self.town.edit(campaign, lambda file: file["stages"][place[0]][place[1]].update(wait=length))

    @rule(campaign=st.sampled_from(["alpha", "beta"]))
    def a_step_gets_another_name(self, campaign: str) -> None:
        self.renamed += 1
        new = f"stays-{self.renamed}"

        def rename(file: dict[str, Any]) -> None:
            sequence = "name" if campaign == "alpha" else "any"
            step = next(step for step in file["stages"][sequence] if "stream" in step)
            old, step["id"] = step["id"], new
            moved = dict.fromkeys(file.get("moved", {}), f"{sequence}/{new}")
            file["moved"] = moved | {f"{sequence}/{old}": f"{sequence}/{new}"}

        self.town.edit(campaign, rename)

    @rule(campaign=st.sampled_from(["beta", "gamma"]))
    def a_campaign_is_paused_or_goes_on(self, campaign: str) -> None:
        self.town.edit(campaign, lambda file: file.update(paused=not file.get("paused", False)))

    @rule(asset=st.sampled_from(["shared", "filed", "tick"]), text=st.sampled_from(["Hello.", "Good day."]))
    def a_template_is_rewritten(self, asset: str, text: str) -> None:
        self.town.write_asset(asset, text, **ASSETS[asset])

    # --- runs ---------------------------------------------------------------------------------------------------

    @rule(after=pauses)
    def a_run_happens(self, after: int) -> None:
        self.town.at += after
        planned, last = self._plan(), self._last_run()
        before = self._begin()
        report = self._run()
        self._end(before)
        if not report.leftovers:
            came_of_it = self._tried_since(last)
            assert came_of_it == planned, f"planned {planned - came_of_it} more, and not {came_of_it - planned}"
        self.promises.a_plan_sends_nothing_more_to_who_was_just_sent_to(self.post.run)
        self.promises.nobody_is_forgotten()
        self.promises.whom_sales_has_or_who_rests_is_left_in_peace()

    @rule(after=pauses, days=st.integers(2, 6))
    def days_pass_with_a_run_each(self, after: int, days: int) -> None:
        for _ in range(days):
            self.a_run_happens(after)
            after = DAY

    @rule(after=pauses, script=st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=4))
    def a_run_meets_a_relay_that_misbehaves(self, after: int, script: list[str]) -> None:
        self.town.at += after
        before = self._begin()
        self.post.script = list(script)
        self._run()
        self.post.script = []
        self._end(before)
        self.promises.nobody_is_forgotten()

    @rule(after=pauses, point=points, hit=st.sampled_from([1, 1, 1, 2, 3]))
    def a_run_is_killed(self, after: int, point: str, hit: int) -> None:
        self.town.at += after
        before = self._begin()
        child = os.fork()
        if child == 0:
            os._exit(self._die_at(point, hit))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, KILLED), (self.folder / "fault.txt").read_text()
        self._end(before)

    @rule(
        after=pauses,
        who=somebody,
        what=interferences,
        point=st.sampled_from(["before_claim", "after_claim", "after_sent_commit"]),
    )
    def something_happens_in_the_middle_of_a_run(self, after: int, who: int, what: str, point: str) -> None:
        self.town.at += after
        email, happened = self._who(who), False
        reached: set[str] = set()

        def interfere(name: str) -> None:
            nonlocal happened
            if name == point and not happened:
                happened = True
                self._look()
                reached.update(self._reached(self.post.run))
                self._interfere(email, what)

        before = self._begin()
        self._run(crash_point=interfere)
        if happened and email not in reached:
            self.known.barred[self.post.run].add(email)
        self._end(before)
        self.promises.nobody_is_forgotten()

    def _interfere(self, email: str, what: str) -> None:
        match what:
            case "suppress":
                self.town.suppress(email)
            case "withdraw":
                self.town.consent(email, "withdrawn")
            case "event":
                self.town.does(email, "clicked", "intro")
            case _:
                ((stage,),) = self.town.ask("SELECT stage FROM contact WHERE email = ?", email)
                self.town.stage(email, "customer" if stage != "customer" else "name")

    def _begin(self) -> set[str]:
        """Note what only now can be known; returns the touches in doubt that wait for a human."""
        self.post.run += 1
        self.known.instants[self.post.run] = self.town.at
        self.known.barred[self.post.run] = {email for email in self.town.people if self.town.barred(email)}
        resent = {key for key in self._in_doubt() if key.startswith("delta/")}  # as its file wants it
        self.known.again |= resent
        return set(self._in_doubt()) - resent

    def _end(self, doubts: set[str]) -> None:
        """Note which doubts counted as sent after three days."""
        self._look()
        self.known.assumed |= doubts - set(self._in_doubt())

    def _look(self) -> None:
        self.post.look(lambda id: str(self.town.ask("SELECT key FROM touch WHERE message_id = ?", id)[0][0]))

    def _run(self, crash_point: CrashPoint = go_on) -> Report:
        return run(self.town.project, self.town.database, FixedClock(self.town.at), Orders(crash_point=crash_point))

    def _die_at(self, point: str, hit: int) -> int:
        hits = 0

        def die(name: str) -> None:
            nonlocal hits
            hits += name == point
            if hits == hit:
                os._exit(KILLED)

        try:
            self._run(crash_point=die)
        except BaseException:
            (self.folder / "fault.txt").write_text(traceback.format_exc())
            return 1
        return 0

    def _plan(self) -> set[str]:
        db = open_reader(self.town.database)
        try:
            return {due.key for due in make_plan(self.town.project, db, self.town.at).due()}
        finally:
            db.close()

    def _tried_since(self, run: int) -> set[str]:
        """Sent, or failed because its template was rewritten while it was in doubt."""
        tried = "SELECT key FROM touch WHERE state IN ('sent', 'failed') AND run_id > ?"
        return {key for (key,) in self.town.ask(tried, run)}

    def _last_run(self) -> int:
        ((last,),) = self.town.ask("SELECT coalesce(max(id), 0) FROM run")
        return int(last)

    def _reached(self, run: int) -> set[str]:
        return {mail.to for mail in self.post.arrived() if mail.run == run}

    def _in_doubt(self) -> list[str]:
        return [key for (key,) in self.town.ask("SELECT key FROM touch WHERE state = 'unknown' ORDER BY id")]

    @invariant()
    def the_promises_hold(self) -> None:
        self.promises.check()


def live(examples: int, steps: int, **more: Any) -> None:
    """Let so many towns live."""
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


@pytest.mark.slow
def test_whatever_happens_to_a_town_the_promises_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "open_messenger", really_open)  # each life puts its own relay there
    monkeypatch.setattr(Stop, "wait", lambda self, seconds: None)  # nobody has to slow down for a relay of ours
    # Every answer comes at once: one that is slow on a busy machine would be settled in a commit of its own, and a life
    # that is lived again would take another turn.
    monkeypatch.setattr(dispatcher, "time", SimpleNamespace(monotonic=lambda: 0.0))
    live(int(os.environ.get("TOWNS", examples(15))), int(os.environ.get("TOWN_STEPS", "30")))
