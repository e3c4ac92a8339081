"""Company facts: contacts are looked at when a colleague responds, and the work grows as the list does.

Also where one company has most of the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nurture_cli.planner.selection import Selection
from nurture_cli.report.forgotten import breaches, stuck
from nurture_cli.runner.apply import apply_plan
from tests.planner.nursery import CONFIG, DAY, HOUR, MONDAY, Nursery
from tests.planner.test_query_plans import GROWING, statements_of

EXAMPLE = Path(__file__).resolve().parents[2]
SCANNED = re.compile(r"SCAN (?P<table>\w+)")
GROWS = GROWING | {"standing", "company", "company_response", "colleague", "dirty", "token", "fact"}
STEP = 100  # instructions of SQLite's machine
COMPANY = 'company_people(within="14 days") >= 2 and company_interest >= 10'
STAGES = "stages: [early, middle, late, customer]"
ASKING = CONFIG.replace(
    STAGES,
    f"""
stages:
  - {{stage: early, kind: sla, within: 30 days}}
  - {{stage: middle, when: '{COMPANY} and did("requested")'}}
  - late
  - customer
radar:
  - {{signal: wakes-up, if: '{COMPANY}', task: Look}}
""",
)
ASKS_EVERYWHERE = f"""
enter: {{when: '{COMPANY}', backfill: true}}
exit: {{when: company_people() >= 100000}}
rules:
  - if: company_interest >= 100000
    stage: late
stages:
  any:
    - wait_for: company_people(within="1 day") >= 100000
      within: 30 days
      then: []
      else: []
"""


def crowd(nursery: Nursery, people: int) -> None:
    """So many contacts of one company, each with two responses."""
    nursery.db.execute("BEGIN")
    for number in range(people):
        name = f"p{number}"
        nursery.contact(name, company="Works", stage_at=nursery.at - 200 * DAY)
        nursery.did(name, "clicked", ago=60 + number)
        nursery.did(name, "downloaded", ago=9 * DAY)
    nursery.db.execute("COMMIT")


def planned(nursery: Nursery) -> None:
    nursery.plan()


def planned_again(nursery: Nursery) -> None:
    """Once more after a run, when one of them responded."""
    apply_plan(nursery.plan())
    nursery.did("p3", "clicked")
    nursery.pass_time(hours=1)
    nursery.plan()


def listed(nursery: Nursery) -> None:
    apply_plan(nursery.plan())
    project = nursery.project
    assert project.config is not None
    assert len(Selection(project, project.config, nursery.db, COMPANY, nursery.at)) > 100


def named_as_stuck(nursery: Nursery) -> None:
    apply_plan(nursery.plan())
    project = nursery.project
    assert project.config is not None
    found = breaches(nursery.db, project.config, nursery.at + 90 * DAY)
    assert len(found) > 100
    list(stuck(project, nursery.db, nursery.at, found))


def instructions(folder: Path, people: int, what: Callable[[Nursery], None]) -> int:
    """How many instructions of SQLite's machine it takes to do something with a company of so many."""
    nursery = Nursery(folder)
    nursery.write("nurture.yml", ASKING)
    nursery.campaign("c", ASKS_EVERYWHERE)
    crowd(nursery, people)
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += STEP
        return 0

    nursery.db.set_progress_handler(count, STEP)
    what(nursery)
    nursery.db.close()
    return counted


@pytest.mark.parametrize("what", [planned, planned_again, listed, named_as_stuck])
def test_the_work_grows_as_the_company_does(tmp_path: Path, what: Callable[[Nursery], None]) -> None:
    """Four times the people take about four times the instructions, and not sixteen times as many."""
    few, many = (instructions(tmp_path / str(people), people, what) for people in (150, 600))
    assert many < 6 * few


def test_no_condition_of_the_example_looks_through_a_table_for_each_contact(nursery: Nursery) -> None:
    """With the statistics of a big list in place, so that SQLite has every reason to choose badly."""
    nursery.folder = EXAMPLE
    for number in range(200):
        nursery.contact(f"p{number}", stage="awareness", company=f"Firm {number % 60}", role="buyer")
        nursery.did(f"p{number}", "clicked")
        nursery.did(f"p{number}", "downloaded", "zero-trust-ebook", ago=DAY)
    seen = statements_of(nursery)
    apply_plan(nursery.plan())
    nursery.did("p7", "visited")
    nursery.pass_time(hours=1)
    nursery.db.execute("ANALYZE")
    nursery.db.execute("UPDATE sqlite_stat1 SET stat = '1000000' || substr(stat, instr(stat, ' '))")
    nursery.db.execute("ANALYZE sqlite_schema")
    seen += statements_of(nursery)
    assert any("company_response" in sql for sql in seen)

    offending = set()
    for sql in seen:
        names = {alias: table for table, alias in re.findall(r"(?:main|temp)\.(\w+) (?:AS )?(\w+)", sql)}
        inside = {0: False}  # whether a part of the statement is done anew for each row around it
        for number, parent, _, detail in nursery.db.execute(f"EXPLAIN QUERY PLAN {sql}"):
            inside[number] = inside[parent] or detail.startswith("CORRELATED")
            found = SCANNED.search(detail)
            if found and inside[number] and names.get(found["table"], found["table"]) in GROWS:
                offending.add(f"{detail}: {' '.join(sql.split())[:160]}")
    assert offending == set()


# --- a colleague responds: nothing else is new about the contact ----------------------------------------------------

# One campaign or funnel for each place in which a condition may stand: what somebody of a company does changes what
# another one gets.
PLACES = {
    "enter": "enter: {{when: '{0}', backfill: true}}\nstages: {{any: [{{send: a}}]}}",
    "exit": "exit: {{when: '{0}'}}\nstages: {{any: [{{send: a}}, {{wait: 3 days}}, {{send: b}}]}}",
    "goal": "goal: {{when: '{0}'}}\nstages: {{any: [{{send: a}}, {{wait: 3 days}}, {{send: b}}]}}",
    "rule": "rules: [{{if: '{0}', stage: middle}}]\nstages: {{any: [{{send: a}}], middle: [{{send: b}}]}}",
    "wait_for": "stages: {{any: [{{wait_for: '{0}', within: forever, then: [{{send: a}}]}}]}}",
    "branch": "stages: {{any: [{{wait: 60 hours}}, {{branch: [{{if: '{0}', then: [{{send: a}}]}}, {{else: []}}]}}]}}",
    "until": "stages: {{any: [{{stream: [a, b, c], every: 2 days, until: '{0}'}}, {{send: d}}]}}",
    "item of a stream": "stages: {{any: [{{stream: [{{send: a, if: '{0}'}}, b], every: 1 day}}]}}",
    "segment": 'enter: {{when: in_segment("busy"), backfill: true}}\nstages: {{any: [{{send: a}}]}}',
    "criteria": "stages: {{middle: [{{send: a}}]}}",
    "signal": "stages: {{late: [{{send: a}}]}}",
}
OF_COMPANY = {
    "people ever": "company_people() >= 2",
    "people lately": 'company_people(within="6h") >= 2',
    "interest": "company_interest >= 12",
}
FUNNELS = {
    "criteria": "stages: [early, {{stage: middle, when: '{0}'}}, late, customer]",
    "signal": STAGES + "\nradar: [{{signal: busy, if: '{0}', stage: late, quiet: 1 day}}]",
    "segment": STAGES + "\nsegments: {{busy: '{0}'}}",
}
# Hours after the beginning; the last responses of a day are more than interest counts.
RESPONSES = {1: "ann", 30: "bob", 50: "ann", 51: "ann", 58: "bob", 60: "ann", 61: "eve"}


def told(folder: Path, place: str, condition: str, *, everybody: bool) -> tuple[list[str], list[tuple[object, ...]]]:
    """What goes out, and where everybody is, over some days of runs; perhaps every run is made to look at everybody."""
    nursery = Nursery(folder)
    nursery.write("nurture.yml", CONFIG.replace(STAGES, FUNNELS.get(place, STAGES).format(condition)))
    nursery.campaign("c", PLACES[place].format(condition), enter="{when: True, backfill: true}")
    nursery.campaign("d", "stages: {any: [{send: f}]}", enter='{when: tag("never"), backfill: true}')
    for name, company in (("ann", "One"), ("bob", "one "), ("cid", "One"), ("eve", "Two")):
        nursery.contact(name, company=company)
    sent = []
    for hour in sorted({*RESPONSES, *range(0, 84, 12)}):
        nursery.at = MONDAY + hour * HOUR
        if hour in RESPONSES:
            nursery.did(RESPONSES[hour], "clicked")
        if everybody:
            nursery.db.execute("INSERT INTO change (contact_id) SELECT id FROM contact")
        sent += [f"{hour} {touch}" for touch in nursery.run()]
    where = "SELECT contact_id, state, step, end_reason FROM enrollment ORDER BY contact_id, campaign"
    stages = nursery.db.execute("SELECT id, stage FROM contact").fetchall()
    placed = nursery.db.execute(where).fetchall() + stages
    nursery.db.close()
    return sent, placed


@pytest.mark.parametrize("fact", OF_COMPANY)
@pytest.mark.parametrize("place", PLACES)
def test_a_contact_whose_colleague_responds_is_looked_at_wherever_the_condition_stands(
    tmp_path: Path, place: str, fact: str
) -> None:
    """A plan that looks at those about whom something is new decides what one that looks at everybody does."""
    few, all_of_them = (told(tmp_path / str(n), place, OF_COMPANY[fact], everybody=bool(n)) for n in (0, 1))

    assert few == all_of_them
    assert any(touch.split()[1] in ("bob", "cid") for touch in few[0])


def test_a_project_that_asks_nothing_about_companies_pays_nothing_for_them(nursery: Nursery) -> None:
    """Nobody is looked at because of a colleague, and no company is worked out.

    stages: {any: [{wait_for: responses() >= 9, within: forever, then: [{send: a}]}]}
    """
    for name in ("ann", "bob"):
        nursery.contact(name, company="One")
        nursery.did(name)
    nursery.run()
    nursery.did("ann", "clicked")

    asked = statements_of(nursery)

    assert nursery.db.execute("SELECT cid FROM temp.dirty").fetchall() == [(nursery.id_of("ann"),)]
    assert [sql for sql in asked if "temp.company" in sql or "WITH news" in sql] == []
