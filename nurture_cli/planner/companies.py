"""The interest and the responses of whole companies, worked out once for each company and not for each of its people.

`temp.company` holds the companies that were worked out, with their interest at the instant of the plan;
`temp.company_response` says how many of their people responded last at an instant or later. So the number of people
who responded in any stretch of time up to the plan's instant is one look into an index. For a company that is not in
`temp.company`, and as of an earlier instant, `scores.py` counts person by person.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import replace

from nurture_cli.language.expression import Condition
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.compile import Scope, looks_at_company
from nurture_cli.planner.scores import NOW, STORED, faded, response_of
from nurture_cli.planner.tables import make_companies
from nurture_cli.planner.world import World
from nurture_cli.store.database import Connection

EVERYBODY = "SELECT id FROM main.contact"
CHANGED = "SELECT cid FROM temp.dirty"


def look_at_companies(conditions: Iterable[Condition]) -> bool:
    """Whether any of these conditions asks about a contact's colleagues."""
    return any(looks_at_company(condition.body) for condition in conditions)


def load_companies(db: Connection, world: World, at: int, contacts: str) -> None:
    """Work out the companies of these contacts (SQL that selects ids), within a plan at instant `at`."""
    _work_out(db, world, ("temp.standing", STORED), contacts, Parameters(now=at))


def stored_scope(
    db: Connection, world: World, at: int, asked: Iterable[Condition], *, among: Collection[int] | None = None
) -> Scope:
    """The scope for asking these conditions at instant `at` outside of a plan, of everybody or of the contacts `among`.

    The scores are those that the last run left.
    """
    make_companies(db)
    if look_at_companies(asked):
        some = "SELECT value FROM json_each(:ids)"
        parameters = Parameters(now=at, ids=json.dumps(sorted(among or ())))
        _work_out(db, world, (STORED,), EVERYBODY if among is None else some, parameters)
    return replace(world.scope, overlay=False)


def _work_out(db: Connection, world: World, standings: tuple[str, ...], contacts: str, parameters: Parameters) -> None:
    """Add the companies of these contacts that are not there yet; a contact is read from the first of `standings`."""
    scoring = world.scope.scores
    wanted = " UNION ".join(
        f"SELECT s.company FROM {standing} s WHERE s.contact_id IN ({contacts}) AND s.company IS NOT NULL"
        " AND s.company NOT IN (SELECT name FROM temp.company)"
        for standing in standings
    )
    interest = faded("p.heat", NOW, scoring, parameters)
    last = f"SELECT max(e.at) FROM main.event e WHERE {response_of('p.contact_id', scoring, parameters)}"
    people = " UNION ALL ".join(
        f"SELECT p.contact_id, p.company, {interest} * p.weight, ({last} AND e.at <= {NOW}) FROM {standing} p"
        f" WHERE p.company IN ({wanted})"
        + "".join(f" AND p.contact_id NOT IN (SELECT contact_id FROM {newer})" for newer in standings[:place])
        for place, standing in enumerate(standings)
    )
    db.execute(f"INSERT INTO temp.colleague (cid, company, interest, last) {people}", parameters)
    db.execute(
        "INSERT INTO temp.company_response (name, at, people)"
        " SELECT DISTINCT company, last, count(*) OVER (PARTITION BY company ORDER BY last DESC)"
        " FROM temp.colleague WHERE last IS NOT NULL"
    )
    db.execute("INSERT INTO temp.company (name, interest) SELECT company, sum(interest) FROM temp.colleague GROUP BY 1")
    db.execute("DELETE FROM temp.colleague")
