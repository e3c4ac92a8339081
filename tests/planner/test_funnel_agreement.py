"""Over days of runs in random worlds the planner and a plain interpreter move, hand over and give back the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings

from nurture_cli.errors import NurtureError
from nurture_cli.planner.plan import Plan, Planner, make_plan
from nurture_cli.project import Project
from nurture_cli.runner.apply import apply_plan, needs_applying
from nurture_cli.runner.rehearse import count_as_sent
from nurture_cli.store import sales
from nurture_cli.store.contacts import load_contacts, set_stage
from nurture_cli.store.create import scratch
from nurture_cli.store.database import Connection
from tests.examples import examples
from tests.planner.nursery import CONFIG, HOUR, Nursery
from tests.planner.test_journeys import add_happening, add_person
from tests.reference.campaigns import HALF_DAY, START, Story
from tests.reference.conditions import OnTheEdge, interest
from tests.reference.funnel import Alert, FunnelWorld
from tests.reference.funnels import Answer, FunnelStory, funnel_stories
from tests.reference.journeys import Sent

many = settings(max_examples=examples(50), deadline=None, suppress_health_check=list(HealthCheck))
VERBS = {"reject": sales.reject, "lost": sales.lose}


def project_of(story: Story) -> Project:
    return Project(
        root=Path("/nowhere"), config=story.config, campaigns=story.campaigns, assets=story.assets, diagnostics=(),
        sources={}, hash="", fingerprint="",
    )  # fmt: skip


def answer(db: Connection, world: FunnelWorld, one: Answer, at: int) -> None:
    """Somebody says something of a contact, on both sides."""
    contact = load_contacts(db, [one.contact])[one.contact]
    config = world.config
    if one.verb == "stage":
        if set_stage(db, contact, one.what, stages=config.stages, cause="contacts set", now=at):
            world.now = at
            world.put(one.contact, one.what)
        return
    db.execute("BEGIN")
    try:
        if one.verb == "accept":
            changed = sales.accept(db, contact, config, now=at).changed
        elif one.verb == "won":
            changed = sales.win(db, contact, config, 5.0, now=at).changed
        else:
            changed = VERBS[one.verb](db, contact, config, one.what, now=at).changed
        db.execute("COMMIT")
    except NurtureError:
        db.execute("ROLLBACK")
        changed = False
    assert changed == world.answer(one.contact, one.verb, one.what, at)


def noticed(db: Connection, at: int) -> set[int]:
    """About whom something changed since the last run."""
    return {
        row[0]
        for row in db.execute(
            "SELECT contact_id FROM change"
            " UNION SELECT id FROM contact WHERE id > (SELECT contact_cursor FROM instance)"
            " UNION SELECT contact_id FROM recycling WHERE closed_at IS NULL AND rest_until <= :at"
            " UNION SELECT contact_id FROM enrollment WHERE ended_at IS NOT NULL AND wake_at <= :at",
            {"at": at},
        )
    }


def check_radar(plan: Plan, world: FunnelWorld, changed: set[int], at: int) -> list[Alert]:
    """What the radar noticed is right, and of whoever changed it noticed everything; in the order of the file."""
    world.look_around(at)
    noticed = {
        Alert(cid, signal, history == 1, at)
        for cid, signal, history in plan.db.execute("SELECT cid, signal, history FROM temp.alert")
    }
    right = [alert for one in world.funnel.radar for cid in sorted(world.contacts) for alert in world.notices(one, cid)]
    assert noticed <= set(right)
    assert {alert for alert in right if alert.contact in changed} <= noticed
    return [alert for alert in right if alert in noticed]


def check_written(plan: Plan, decided: list[list[tuple[object, ...]]]) -> None:
    """What was planned is what was written: moves, hand-offs, alerts."""
    db, at = plan.db, plan.at
    written = [
        db.execute("SELECT contact_id, from_stage, to_stage, cause FROM stage_move WHERE at = ? ORDER BY id", (at,)),
        db.execute("SELECT contact_id, cause, stage FROM handoff WHERE at = ? ORDER BY contact_id", (at,)),
        db.execute("SELECT contact_id, signal FROM main.alert WHERE at = ? ORDER BY 1, 2", (at,)),
    ]
    assert [list(map(tuple, rows)) for rows in written] == decided


def decisions(plan: Plan) -> list[list[tuple[object, ...]]]:
    """What a plan decided about the funnel."""
    asked = (
        "SELECT cid, old, new, cause FROM temp.stage_change ORDER BY n",
        "SELECT cid, cause, stage FROM temp.handing ORDER BY cid",
        "SELECT cid, signal FROM temp.alert ORDER BY 1, 2",
    )
    return [list(map(tuple, plan.db.execute(sql))) for sql in asked]


def check_same(db: Connection, world: FunnelWorld, at: int) -> None:
    """Both sides know the same of everybody."""
    assert dict(db.execute("SELECT id, stage FROM contact")) == {c.id: c.stage for c in world.contacts.values()}
    furthest = {c.id: c.furthest_stage for c in world.contacts.values()}
    assert dict(db.execute("SELECT id, furthest_stage FROM contact")) == furthest
    moves = db.execute("SELECT contact_id, from_stage, to_stage, at FROM stage_move ORDER BY contact_id, id")
    assert list(map(tuple, moves)) == sorted(world.happened.moves, key=lambda move: move[0])
    handed = db.execute("SELECT contact_id, at, stage, state, closed_at FROM handoff ORDER BY contact_id, id")
    ours = [(one.contact, one.at, one.stage, one.state, one.closed) for one in world.happened.handoffs]
    assert list(map(tuple, handed)) == sorted(ours, key=lambda one: one[0])
    rests = db.execute("SELECT contact_id, at, rest_until, campaign, closed_why FROM recycling ORDER BY id")
    assert list(map(tuple, rests)) == [
        (one.contact, one.at, one.until, one.campaign, one.closed) for one in world.happened.rests
    ]
    tasks = {row[0] for row in db.execute("SELECT key FROM task WHERE key LIKE 'radar/%'")}
    told = [one for one in world.happened.alerts if not one.history]
    assert tasks == {f"radar/{one.signal}/{one.contact}/{one.at}" for one in told}
    within = db.execute("SELECT contact_id, campaign, pass, end_reason FROM enrollment ORDER BY 1, 2, 3")
    assert list(map(tuple, within)) == sorted(
        (one.contact, one.campaign, one.number, one.ended) for passages in world.passages.values() for one in passages
    )


def check_promises(db: Connection, world: FunnelWorld, first: dict[int, str], at: int) -> None:
    """Whatever happened: read from the tables alone, but for the plain sum of interest."""
    replayed = dict(first)
    furthest = dict(first)
    for cid, old, new in db.execute("SELECT contact_id, from_stage, to_stage FROM stage_move ORDER BY id"):
        assert replayed[cid] == old
        replayed[cid] = new
        furthest[cid] = max(furthest[cid], new, key=world.config.stages.index)
    stored = list(db.execute("SELECT id, stage, coalesce(nullif(furthest_stage, ''), stage) FROM contact"))
    assert {cid: (stage, far) for cid, stage, far in stored} == {cid: (replayed[cid], furthest[cid]) for cid in first}
    with_sales = {row[0] for row in db.execute("SELECT contact_id FROM handoff WHERE closed_at IS NULL")}
    resting = {row[0] for row in db.execute("SELECT contact_id FROM recycling WHERE closed_at IS NULL")}
    for cid, name in db.execute("SELECT contact_id, campaign FROM enrollment WHERE ended_at IS NULL"):
        assert cid not in resting, f"{cid} rests, and is in {name}"
        assert cid not in with_sales or world.campaigns[name].with_sales, f"{cid} is with Sales, and in {name}"
    kinds = ", ".join(f"'{kind}'" for kind in world.funnel.interest.points)
    assert not list(
        db.execute(
            "SELECT 1 FROM handoff h WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.contact_id = h.contact_id"
            f" AND e.machine = 0 AND e.at <= h.at AND e.kind IN ({kinds}))"
        )
    )
    check_standing(db, world, at)


def check_standing(db: Connection, world: FunnelWorld, at: int) -> None:
    """What was worked out run by run is what would be worked out at once, but for what changed in this very run."""
    changed = noticed(db, at)
    sql = "SELECT contact_id, fit, pow(2.0, heat - (:at - 1577836800) / :half_life) FROM main.standing"
    bound = {"at": at, "half_life": float(world.funnel.interest.half_life)}
    for cid, fit, warm in db.execute(sql, bound):
        assert cid in changed or fit == world.fit[cid]
        assert warm == pytest.approx(interest(cid, world._facts(cid), at), rel=1e-9, abs=1e-9)


@given(funnel_stories())
@many
def test_the_planner_does_with_a_funnel_what_the_plain_interpreter_does(told: FunnelStory) -> None:
    """At every run, with replay of the stage history and the promises of the funnel."""
    story, db = told.story, scratch(START)
    world = FunnelWorld(story.config, story.campaigns, story.assets, began=START)
    try:
        live(told, db, world, project_of(story))
    except OnTheEdge:
        reject()
    finally:
        db.close()


def live(told: FunnelStory, db: Connection, world: FunnelWorld, project: Project) -> None:
    story, first = told.story, dict[int, str]()
    planner = Planner(project, db)
    for half in range(max(story.runs) + 1):
        at = START + half * HALF_DAY
        for number, person in enumerate(story.people, 1):
            if person.when == half:
                add_person(db, world, number, person, at - 60, told.companies[number - 1])
                first[number] = person.stage
        for number, what in enumerate(story.happenings):
            if what.when == half and what.contact in world.contacts:
                imported = story.people[what.contact - 1].when == half  # together with what happened long before
                add_happening(db, world, number, what, at - (5 * HALF_DAY if imported else 30))
        for said in told.answers:
            if said.when == half and said.contact in world.contacts:
                answer(db, world, said, at - 20)
        if half not in story.runs:
            continue
        changed = noticed(db, at)
        plan = planner.plan(at)
        decided = decisions(plan)
        signals = check_radar(plan, world, changed, at)
        if needs_applying(plan):
            apply_plan(plan)
        due = [one for one in plan.due() if one.handoff_id is None]  # briefs for Sales stay where they are
        count_as_sent(plan)
        planned = [Sent(d.contact_id, d.campaign, d.step, d.asset, at) for d in due]
        check_written(plan, decided)
        expected, held = world.decide(at, signals)

        assert planned == expected
        assert plan.counts.held_by_reason == held
        check_same(db, world, at)
        check_promises(db, world, first, at)


# --- what random worlds meet too seldom, told by hand ---------------------------------------------------------------

GATES = CONFIG.replace(
    "stages: [early, middle, late, customer]",
    """
stages:
  - early
  - {stage: first, kind: gate, when: did("clicked")}
  - {stage: second, kind: gate, when: did("replied")}
  - middle
  - {stage: late, when: did("downloaded")}
  - {stage: customer, when: did("purchased")}
sales: {channel: task, won: customer}
""",
)


def stage_of(nursery: Nursery, name: str) -> str:
    found: str = nursery.db.execute("SELECT stage FROM contact WHERE id = ?", (nursery.id_of(name),)).fetchone()[0]
    return found


def test_who_passes_one_gate_stays_before_the_next(nursery: Nursery) -> None:
    nursery.write("nurture.yml", GATES)
    nursery.contact("ann")
    nursery.did("ann", "clicked")
    nursery.run()
    assert stage_of(nursery, "ann") == "early"
    nursery.did("ann", "replied")

    nursery.run()

    assert stage_of(nursery, "ann") == "middle"


def test_who_was_put_before_a_gate_by_hand_passes_it_by_its_criteria_alone(nursery: Nursery) -> None:
    nursery.write("nurture.yml", GATES)
    nursery.contact("ann", stage="second")
    nursery.did("ann", "downloaded")
    nursery.run()
    assert stage_of(nursery, "ann") == "second"
    nursery.did("ann", "replied")

    nursery.run()

    assert stage_of(nursery, "ann") == "late"


def test_who_meets_the_criteria_of_the_gate_it_was_put_into_passes(nursery: Nursery) -> None:
    nursery.write("nurture.yml", GATES)
    nursery.contact("ann", stage="second")
    nursery.did("ann", "replied")

    nursery.run()

    assert stage_of(nursery, "ann") == "middle"


def test_a_gate_that_opens_by_time_alone_lets_through_to_the_furthest_stage_behind_it(nursery: Nursery) -> None:
    text = GATES.replace('first, kind: gate, when: did("clicked")', 'first, when: did("visited")')
    nursery.write("nurture.yml", text.replace('did("replied")', '\'not did("clicked", within="2 days")\''))
    nursery.contact("ann")
    nursery.did("ann", "clicked")
    nursery.did("ann", "downloaded")
    nursery.run()
    assert stage_of(nursery, "ann") == "early"
    nursery.pass_time(days=3)

    nursery.run()

    assert stage_of(nursery, "ann") == "late"


def test_nobody_stays_at_a_gate_before_sales_who_may_not_be_handed_over(nursery: Nursery) -> None:
    text = GATES.replace("- middle", "- {stage: middle, handoff: sales}").replace(
        "kind: gate, when: did", "when: did", 1
    )
    text = text.replace('did("replied")', 'role == "buyer"')
    nursery.write("nurture.yml", text)
    nursery.contact("ann", role="buyer")
    nursery.run()
    assert stage_of(nursery, "ann") == "early"
    nursery.did("ann", "visited")

    nursery.run()

    assert stage_of(nursery, "ann") == "middle"


LEADS = CONFIG.replace(
    "stages: [early, middle, late, customer]",
    """
stages:
  - early
  - {stage: late, when: interest >= 20, handoff: sales, back: [{to: early, for: [no-budget, not-now]}]}
  - {stage: mine, back: [{to: early, for: [no-budget]}]}
  - {stage: customer, when: did("purchased")}
sales: {channel: task, accepted: mine, won: customer}
recycling: {no-budget: {rest: 2 days, interest: reset}, not-now: {interest: halve}}
""",
)


def say(nursery: Nursery, name: str, verb: str, reason: str = "") -> None:
    config = nursery.project.config
    assert config is not None
    contact = load_contacts(nursery.db, [nursery.id_of(name)])[nursery.id_of(name)]
    match verb:
        case "accept":
            assert sales.accept(nursery.db, contact, config, now=nursery.at).changed
        case "won":
            assert sales.win(nursery.db, contact, config, 900.0, now=nursery.at).changed
        case _:
            assert VERBS[verb](nursery.db, contact, config, reason, now=nursery.at).changed


def test_three_lead_periods_are_three_intervals(nursery: Nursery) -> None:
    """C4: being a lead can be repeated."""
    nursery.write("nurture.yml", LEADS)
    nursery.contact("ann")
    expected = []
    for verb, reason in (("reject", "no-budget"), ("lost", "no-budget"), ("won", "")):
        nursery.did("ann", "requested")
        nursery.run()
        began = nursery.at
        nursery.pass_time(days=1, hours=1)
        nursery.run()
        if verb == "lost":
            say(nursery, "ann", "accept")
            nursery.pass_time(hours=1)
        say(nursery, "ann", verb, reason)
        expected.append((began, nursery.at, {"reject": "rejected"}.get(verb, verb)))
        nursery.run()
        nursery.pass_time(days=5)
        nursery.run()

    assert [
        tuple(row) for row in nursery.db.execute("SELECT at, closed_at, state FROM handoff ORDER BY id")
    ] == expected
    assert stage_of(nursery, "ann") == "customer"


def test_the_same_plan_twice_decides_the_same_and_the_run_after_it_does_that(nursery: Nursery) -> None:
    nursery.write("nurture.yml", LEADS + "radar: [{signal: keen, if: interest >= 5, task: Call}]\n")
    for name in ("ann", "bob"):
        nursery.contact(name)
    nursery.did("ann", "requested")
    nursery.did("bob", "clicked")
    project = nursery.project
    once = decisions(make_plan(project, nursery.db, nursery.at))
    plan = make_plan(project, nursery.db, nursery.at)
    assert decisions(plan) == once
    assert [len(part) for part in once] == [1, 1, 2]

    apply_plan(plan)

    check_written(plan, once)
    assert decisions(make_plan(project, nursery.db, nursery.at + HOUR)) == [[], [], []]


def test_who_no_longer_matches_may_come_in_later_also_when_somebody_changes_stage(nursery: Nursery) -> None:
    """Somebody was there before a campaign without back-fill began, and loses the tag while another one moves.

    enter: {when: tag("fair"), backfill: false}
    stages: {any: [{send: a}]}
    """
    nursery.write("nurture.yml", LEADS)
    nursery.contact("ann")
    nursery.contact("bob")
    nursery.db.execute("INSERT INTO contact_tag VALUES (1, 'fair')")
    nursery.run()
    nursery.db.execute("DELETE FROM contact_tag")
    nursery.did("bob", "requested")
    nursery.run()
    nursery.db.execute("INSERT INTO contact_tag VALUES (1, 'fair')")

    assert nursery.run() == ["ann a"]
