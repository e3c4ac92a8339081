"""However many wait behind the limit of a channel, only the first of them are looked at, and the plan is the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.planner.plan import Plan, make_plan
from tests.examples import examples
from tests.planner.nursery import CONFIG, Nursery

CHANNELS = """\
channels:
  mail: {type: outbox, hourly: 2, daily: 3}
  letter: {type: outbox, folder: letters, daily: 1}
  pigeon: {type: outbox, folder: pigeons}
"""
FAST = """
priority: 60
pace: {gap: 2 hours}
stages: {any: [{send: a}, {wait: 1 hour}, {send: b}, {send: c}]}
"""
SLOW = """
priority: 40
pace: {window: "Mon-Sat 08:00-12:00"}
stages:
  any:
    - send: d
    - id: more
      stream: [a, e, f]
      every: 1 day
"""


def limited(folder: Path, channels: str = CHANNELS) -> Nursery:
    """Two campaigns that everybody is in, whose assets go by three channels, two of them narrow."""
    nursery = Nursery(folder)
    nursery.write("nurture.yml", CONFIG.replace("channels:\n  mail: {type: outbox}\n", channels))
    for asset, channel in zip("abcdef", ("mail", "letter", "pigeon", "mail", "letter", "mail"), strict=True):
        nursery.write_asset(asset, channel=channel)
    nursery.campaign("fast", FAST)
    nursery.campaign("slow", SLOW)
    return nursery


def told(plan: Plan) -> tuple[list[str], set[tuple[str, str]]]:
    """What a plan has due, in order, and all that waits in it, whatever it waits for."""
    due = [f"{one.email} {one.campaign} {one.asset}" for one in plan.due()]
    return due, {(one.email, one.campaign) for one in plan.held()}


def plan_of_everybody(nursery: Nursery) -> Plan:
    """The plan that looks at each place and request, whatever holds it back; for use inside a transaction."""
    nursery.db.execute("UPDATE enrollment SET wake_at = 0 WHERE ended_at IS NULL AND state = 'held'")
    nursery.db.execute("UPDATE request SET wake_at = 0 WHERE state = 'open'")
    return make_plan(nursery.project, nursery.db, nursery.at)


def looked_at(nursery: Nursery) -> int:
    """How many places a plan looks at now."""
    nursery.plan()
    count: int = nursery.db.execute("SELECT count(*) FROM temp.token").fetchone()[0]
    return count


def test_a_run_looks_at_no_more_than_have_room_however_many_wait(tmp_path: Path) -> None:
    nursery = limited(
        tmp_path, "channels:\n  mail: {type: outbox, daily: 3}\n  letter: {type: outbox}\n  pigeon: {type: outbox}\n"
    )
    for number in range(60):
        nursery.contact(f"p{number:02}")
        nursery.did(f"p{number:02}")
    first = nursery.run()
    nursery.run()

    assert first == ["p00 a", "p01 a", "p02 a"]
    assert looked_at(nursery) == 0, "there is no room"
    nursery.pass_time(days=1)
    assert looked_at(nursery) <= 2 * (3 + 6), (
        "twice the room, and what else waits of these and of those who were sent to"
    )
    nursery.pass_time(days=-1)
    served = set(first)
    for _ in range(19):
        nursery.pass_time(days=1)
        sent = [touch for touch in nursery.run() if touch.endswith((" a", " d", " f"))]
        assert len(sent) == 3
        served |= set(sent)
    assert {f"p{number:02} a" for number in range(57)} <= served


def test_those_ahead_who_are_held_by_something_else_by_now_leave_their_room_to_those_behind(tmp_path: Path) -> None:
    nursery = limited(tmp_path)
    for number in range(40):
        nursery.contact(f"p{number:02}")
        nursery.did(f"p{number:02}")
    nursery.run()
    nursery.db.execute("UPDATE contact SET consent = 'withdrawn' WHERE email BETWEEN 'p05' AND 'p30'")
    nursery.db.execute("DELETE FROM change")  # as if something changed them of which no row tells
    nursery.pass_time(days=1)

    due, _ = told(nursery.plan())
    assert due
    assert nursery.db.execute("SELECT count(*) FROM temp.candidate WHERE held = 'no-consent'").fetchone()[0] > 0
    nursery.db.execute("BEGIN")
    assert told(plan_of_everybody(nursery))[0] == due
    nursery.db.execute("ROLLBACK")


DOINGS = st.one_of(
    st.tuples(st.just("pass"), st.sampled_from((1, 2, 5, 11, 24))),
    st.tuples(st.just("new"), st.integers(1, 4)),
    st.tuples(st.just("ask"), st.integers(0, 30)),
    st.tuples(st.just("respond"), st.integers(0, 30)),
    st.tuples(st.just("withdraw"), st.integers(0, 30)),
    st.tuples(st.just("agree"), st.integers(0, 30)),
    st.tuples(st.just("run"), st.just(0)),
    st.tuples(st.just("run"), st.just(0)),
)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(DOINGS, min_size=5, max_size=25))
def test_the_plan_is_that_of_looking_at_everybody(doings: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        nursery = limited(Path(folder))
        names: list[str] = []
        for kind, number in [("new", 4), ("new", 4), ("run", 0), *doings, ("run", 0)]:
            name = names[number % len(names)] if names else ""
            match kind:
                case "pass":
                    nursery.pass_time(hours=number)
                case "new":
                    for _ in range(number):
                        names.append(f"p{len(names):02}")
                        nursery.contact(names[-1])
                        nursery.did(names[-1])
                case "ask":
                    asset = "abcdef"[number % 6]
                    nursery.did(name, "requested", asset)
                case "respond":
                    nursery.did(name, "clicked", "a")
                case "withdraw":
                    nursery.change(name, consent="withdrawn")
                case "agree":
                    nursery.change(name, consent="express")
                case _:
                    expected = told(nursery.plan())
                    nursery.db.execute("BEGIN")
                    assert told(plan_of_everybody(nursery)) == expected
                    nursery.db.execute("ROLLBACK")
                    nursery.run()
