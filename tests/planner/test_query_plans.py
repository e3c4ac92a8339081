"""The hot path looks things up: no statement of a plan with little to do scans a table that grows with the list."""

from __future__ import annotations

import re

from nurture_cli.planner.plan import make_plan
from tests.planner.nursery import Nursery

GROWING = {
    "contact", "contact_tag", "event", "touch", "enrollment", "decision", "passed_over", "assignment", "bookmark",
}  # fmt: skip
SCANNED = re.compile(r"SCAN (?:main\.)?(?P<table>\w+)")


def statements_of(nursery: Nursery) -> list[str]:
    """Every statement of a plan, with its values filled in."""
    project, seen = nursery.project, list[str]()
    nursery.db.set_trace_callback(seen.append)
    plan = make_plan(project, nursery.db, nursery.at)
    list(plan.due())
    list(plan.held())
    nursery.db.set_trace_callback(None)
    return [sql for sql in seen if sql.lstrip().upper().startswith(("INSERT", "UPDATE", "SELECT", "DELETE"))]


def test_no_statement_of_the_hot_path_scans_a_growing_table(nursery: Nursery) -> None:
    """With the statistics of a big list in place, so that SQLite has every reason to choose badly.

    exit: {when: stage == "customer"}
    pace: {gap: 1 day, window: "Mon-Sun 06:00-22:00"}
    rules:
      - if: did("requested_demo")
        stage: late
    stages:
      early:
        - send: a
        - wait: 1 day
        - wait_for: clicked("a")
          within: 2 days
          then: [{stream: [b, c], every: 1 day}]
          else: [{branch: [{if: tag("hot"), then: [{send: d}]}, {else: []}]}]
        - split: {name: s, arms: {x: {weight: 1, then: [{send: e}]}, y: {weight: 1, then: [{send: f}]}}}
        - set: {tag: done}
      any: [{send: a}]
    """
    for number in range(300):
        nursery.contact(f"p{number}")
        nursery.did(f"p{number}")
    for _ in range(5):
        nursery.run()
        nursery.pass_time(days=1)
    nursery.run()
    nursery.db.execute("ANALYZE")
    nursery.db.execute("UPDATE sqlite_stat1 SET stat = '1000000' || substr(stat, instr(stat, ' '))")
    nursery.db.execute("ANALYZE sqlite_schema")
    nursery.did("p7", "visited")
    nursery.pass_time(hours=1)
    nursery.plan()  # the temporary tables are there, so that their statements can be explained

    offending = set()
    for sql in statements_of(nursery):
        aliases = dict(re.findall(r"main\.(\w+) (?:AS )?(\w+)", sql))
        names = {alias: table for table, alias in aliases.items()}
        for *_, detail in nursery.db.execute(f"EXPLAIN QUERY PLAN {sql}"):
            found = SCANNED.search(detail)
            if found is None and "BLOOM" not in detail:
                continue
            table = names.get(found["table"], found["table"]) if found else "bloom"
            if table in GROWING or table == "bloom":
                offending.add(f"{detail}: {' '.join(sql.split())[:160]}")
    assert offending == set()
