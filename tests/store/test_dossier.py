"""What is kept about one contact: all of it, and nothing of anybody else."""

from __future__ import annotations

import re

from nurture_cli.store.database import Connection
from nurture_cli.store.dossier import dossier
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows


def live(db: Connection, number: int) -> None:
    """Contact `number`, with one row of every kind."""
    rows.contact(db, number, company=f"of {number}", fields='{"vip":true}')
    rows.event(db, str(number), contact_id=number, kind="requested", asset="a", properties='{"n":1}')
    rows.suppression(db, address_hash=number.to_bytes(16, "big"))
    rows.enrollment(db, id=number, contact_id=number)
    rows.touch(db, str(number), id=number, contact_id=number, enrollment_id=number)
    for table, row in {
        "contact_tag": {"tag": f"t{number}"},
        "stage_move": {"from_stage": "a", "to_stage": "b", "at": AT, "cause": "c"},
        "passed_over": {"campaign": "d", "at": AT},
        "assignment": {"split": "s", "arm": "x", "at": AT},
        "task": {"touch_id": number, "title": "t", "body": "b", "made_at": AT},
        "standing": {"fit": 5, "fit_why": '[{"points":5}]', "heat": 1.0, "responses": 1, "weight": 1.0},
        "handoff": {"at": AT, "cause": "stage b", "stage": "b", "version": "1", "sort": "new"},
        "recycling": {"at": AT, "reason": "r", "interest": "keep", "rest_until": AT, "campaign": ""},
        "alert": {"signal": "s", "at": AT, "facts": '{"f":1}'},
    }.items():
        rows.insert(db, table, contact_id=number, **row)
    decided = {"kind": "set", "step": "s", "outcome": "o", "facts": '{"f":1}', "campaign_hash": "h", "at": AT}
    rows.insert(db, "decision", enrollment_id=number, hop=1, **decided)


def test_a_dossier_has_one_row_of_every_kind_and_none_of_somebody_else(db: Connection) -> None:
    live(db, 1)
    live(db, 2)
    for one, other in ((1, 2), (2, 1)):
        rows.insert(db, "referral", contact_id=one, referrer_id=other, at=AT)
    found = dossier(db, 2)

    assert {noun: len(kept) for noun, kept in found.items()} == dict.fromkeys(found, 1)
    assert found["contact"][0]["email"] == "c2@b.example"
    assert found["contact"][0]["fields"] == {"vip": True}
    assert found["events"][0]["properties"] == {"n": 1}
    assert found["decisions"][0]["facts"] == {"f": 1}
    assert [row["tag"] for row in found["tags"]] == ["t2"]
    assert found["standing"][0]["fit_why"] == [{"points": 5}]
    assert found["referred_by"] == found["referred"] == [{"email": "c1@b.example", "at": AT}]


def test_every_table_that_speaks_of_a_contact_is_asked(db: Connection) -> None:
    from nurture_cli.store.queries import queries

    asked = set(re.findall(r"(?:FROM|JOIN) (\w+)", " ".join(queries("dossier").values())))
    of_contacts = db.execute(
        "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND c.name = 'contact_id'"
    )

    # These say that and when a run must look, and nothing of the contact. A seal is a digest.
    silent = ("change", "contact_wake", "contact_seal")
    assert [name for (name,) in of_contacts if name not in asked and name not in silent] == []


def test_nobody_has_an_empty_dossier(db: Connection) -> None:
    live(db, 1)

    assert not any(dossier(db, 9).values())
