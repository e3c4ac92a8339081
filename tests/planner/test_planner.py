"""A planner that is kept from one instant to the next."""

from __future__ import annotations

from nurture_cli.planner.plan import Planner
from nurture_cli.planner.tables import about_contacts
from nurture_cli.store.database import forget_temporary
from tests.planner.nursery import DAY, Nursery


def due(planner: Planner, at: int) -> list[str]:
    return [one.key for one in planner.plan(at).due()]


def test_statements_stay_prepared_and_nothing_of_an_earlier_instant_is_left(nursery: Nursery) -> None:
    """Due, waiting, due again.

    stages: {any: [{send: a}, {wait: 2 days}, {send: b}]}
    """
    for name in ("ann", "ben"):
        nursery.contact(name)
        nursery.did(name)
    planner = Planner(nursery.project, nursery.db)
    first = due(planner, nursery.at)
    made = nursery.db.execute("PRAGMA temp.schema_version").fetchone()

    assert len(first) == 2
    assert due(planner, nursery.at + 5 * DAY) == due(Planner(nursery.project, nursery.db), nursery.at + 5 * DAY)
    assert due(planner, nursery.at) == first
    again = nursery.db.execute("PRAGMA temp.schema_version").fetchone()
    assert due(planner, nursery.at + DAY) == first
    assert nursery.db.execute("PRAGMA temp.schema_version").fetchone() == again > made


def test_a_planner_works_on_after_others_had_the_connection(nursery: Nursery) -> None:
    """One that is due.

    stages: {any: [{send: a}]}
    """
    nursery.contact("ann")
    nursery.did("ann")
    planner = Planner(nursery.project, nursery.db)
    expected = due(planner, nursery.at)

    forget_temporary(nursery.db)  # as an import does
    assert due(planner, nursery.at) == expected
    Planner(nursery.project, nursery.db).plan(nursery.at + DAY)
    assert due(planner, nursery.at) == expected != []


def test_whatever_is_decided_of_a_contact_can_be_left_out() -> None:
    """The tables whose rows go when somebody changes while a plan is made."""
    assert {"token", "candidate", "asked", "stage_change", "tag_delta", "handing", "todo"} <= set(about_contacts())
    assert not {"campaign", "node", "log", "shelf", "contact_now", "standing", "colleague"} & set(about_contacts())
