"""Contacts as values: found in any spelling, changed one fact at a time, and never changed by the same fact twice."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from nurture_cli.errors import WrongUsage
from nurture_cli.keys import Keys
from nurture_cli.records import Contact
from nurture_cli.store import contacts
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.fields import dump_fields
from nurture_cli.store.suppressions import is_suppressed, suppress, suppression_of
from tests.conftest import A_TUESDAY_MORNING as AT

STAGES = ("name", "engaged", "lead", "customer")
LATER = AT + 3600


@pytest.fixture
def ann(db: Connection, keys: Keys) -> Contact:
    """Ann, just added; nothing has changed since a run looked."""
    with writing(db):
        contacts.add_contact(db, keys, "Ann@Company.example", stage="name", now=AT)
        db.execute("DELETE FROM change")
    return found(db, keys)


def found(db: Connection, keys: Keys, address: str = "ann@company.example") -> Contact:
    contact = contacts.find_contact(db, keys, address)
    assert contact is not None
    return contact


def is_queued(db: Connection) -> bool:
    return db.execute("SELECT 1 FROM change").fetchone() is not None


def test_a_new_contact_has_an_address_a_stage_and_nothing_else(db: Connection, keys: Keys, ann: Contact) -> None:
    assert ann == Contact(
        id=ann.id, email="Ann@company.example", address_hash=keys.address_hash("ann@company.example"), stage="name",
        stage_at=AT, first_name=None, last_name=None, company=None, job_title=None, role=None, phone=None, country=None,
        language=None, source=None, zone=None, zone_given=None, consent="unknown", consent_basis=None,
        consent_source=None, consent_at=None, consent_until=None, fields={}, tags=frozenset(), created_at=AT,
        updated_at=AT,
    )  # fmt: skip


def test_a_contact_is_found_in_any_spelling_and_only_with_the_projects_own_key(
    db: Connection, keys: Keys, ann: Contact
) -> None:
    for spelling in ("ANN@COMPANY.EXAMPLE", " ann@company.example ", "ann@ＣＯＭＰＡＮＹ.example"):
        assert found(db, keys, spelling) == ann
    assert contacts.find_contact(db, keys, "bob@company.example") is None
    assert contacts.find_contact(db, Keys(bytes(32)), "ann@company.example") is None


def test_what_is_no_address_is_wrong_usage(db: Connection, keys: Keys) -> None:
    for call in (
        lambda: contacts.find_contact(db, keys, "not-an-address"),
        lambda: contacts.add_contact(db, keys, "not-an-address", stage="name", now=AT),
    ):
        with pytest.raises(WrongUsage) as raised:
            call()
        assert raised.value.exit_code == 2
        assert str(raised.value) == "`not-an-address` is not an email address. An address needs an @."
    assert contacts.count_contacts(db) == 0


def test_the_same_address_is_not_added_twice(db: Connection, keys: Keys, ann: Contact) -> None:
    with pytest.raises(WrongUsage, match="already"):
        contacts.add_contact(db, keys, "ANN@company.example", stage="lead", now=LATER)

    assert list(contacts.iterate_contacts(db)) == [ann]


def test_facts_are_written_cleared_and_kept(db: Connection, keys: Keys, ann: Contact) -> None:
    assert contacts.set_fields(
        db, ann, {"first_name": "Ann", "zone": "Europe/Berlin", "employees": 20, "vip": True}, AT
    )
    assert contacts.set_fields(db, found(db, keys), {"first_name": None, "employees": None, "company": "C"}, LATER)
    after = found(db, keys)

    assert (after.first_name, after.company, after.zone, after.fields) == (None, "C", "Europe/Berlin", {"vip": True})
    assert (after.created_at, after.updated_at) == (AT, LATER)
    assert is_queued(db)


def test_what_is_there_already_is_no_change(db: Connection, keys: Keys, ann: Contact) -> None:
    contacts.set_fields(db, ann, {"first_name": "Ann", "employees": 20}, AT)
    contacts.set_consent(db, ann, "express", basis="form", source="fair", at=AT, until=None, now=AT)
    contacts.add_tag(db, ann.id, "fair")
    db.execute("DELETE FROM change")
    ann = found(db, keys)

    assert not contacts.set_fields(db, ann, {"first_name": "Ann", "employees": 20, "vip": None, "phone": None}, LATER)
    assert not contacts.set_consent(db, ann, "express", basis="form", source="fair", at=AT, until=None, now=LATER)
    assert not contacts.set_stage(db, ann, "name", stages=STAGES, cause="c", now=LATER)
    assert not contacts.set_address(db, keys, ann, "Ann@COMPANY.example", LATER)
    assert not contacts.add_tag(db, ann.id, "fair")
    assert not contacts.remove_tag(db, ann.id, "unfair")
    assert not is_queued(db)
    assert found(db, keys) == ann


def test_custom_fields_are_stored_as_the_same_text_whatever_their_order() -> None:
    assert dump_fields({"b": "ä", "a": 1}) == dump_fields({"a": 1, "b": "ä"}) == '{"a":1,"b":"ä"}'
    with pytest.raises(ValueError, match="JSON"):
        dump_fields({"a": float("nan")})


def test_a_stage_is_changed_in_either_direction_and_remembered(db: Connection, keys: Keys, ann: Contact) -> None:
    assert contacts.set_stage(db, ann, "customer", stages=STAGES, cause="fair/step", now=LATER)
    back = found(db, keys)
    assert contacts.set_stage(db, back, "name", stages=STAGES, cause="contacts set", now=LATER + 1, reason="no-budget")

    assert contacts.stage_moves(db, ann.id) == [
        ("name", "customer", LATER, "fair/step"),
        ("customer", "name", LATER + 1, "contacts set"),
    ]
    assert (found(db, keys).stage, found(db, keys).stage_at) == ("name", LATER + 1)
    assert db.execute("SELECT reason FROM stage_move ORDER BY id").fetchall() == [("",), ("no-budget",)]


def test_the_furthest_stage_is_kept_until_a_contact_is_as_far_again(db: Connection, keys: Keys, ann: Contact) -> None:
    furthest = []
    for step, stage in enumerate(("lead", "name", "engaged", "customer", "former", "name")):
        contacts.set_stage(db, found(db, keys), stage, stages=STAGES, cause="c", now=LATER + step)
        furthest.append(found(db, keys).furthest_stage)

    assert furthest == ["", "lead", "lead", "", "customer", "customer"]


def test_consent_is_written_with_how_we_know(db: Connection, keys: Keys, ann: Contact) -> None:
    assert contacts.set_consent(db, ann, "implied", basis="contract", source="shop", at=AT, until=LATER, now=LATER)
    after = found(db, keys)

    assert (after.consent, after.consent_basis, after.consent_source) == ("implied", "contract", "shop")
    assert (after.consent_at, after.consent_until) == (AT, LATER)
    assert is_queued(db)


@pytest.mark.parametrize("reason", ["manual", "unsubscribed", "complaint", "erased"])
def test_whoever_left_stays_out_under_a_new_address(db: Connection, keys: Keys, ann: Contact, reason: str) -> None:
    suppress(db, ann.address_hash, reason=reason, source="a link", at=AT)
    assert contacts.set_address(db, keys, ann, "ann@New.example", LATER)
    held = suppression_of(db, found(db, keys, "ann@new.example").address_hash)

    assert held is not None
    assert (held.reason, held.source, held.at) == (reason, "earlier address: a link", LATER)
    assert is_suppressed(db, ann.address_hash)


def test_a_bounce_stays_with_the_address_that_bounced(db: Connection, keys: Keys, ann: Contact) -> None:
    suppress(db, ann.address_hash, reason="hard-bounce", source="relay", at=AT)
    assert contacts.set_address(db, keys, ann, "ann@New.example", LATER)
    after = found(db, keys, "ann@new.example")

    assert (after.id, after.email) == (ann.id, "ann@new.example")
    assert not is_suppressed(db, after.address_hash)
    assert is_suppressed(db, ann.address_hash)
    assert contacts.find_contact(db, keys, "ann@company.example") is None


def test_another_case_of_the_same_address_is_a_new_way_to_write_it(db: Connection, keys: Keys, ann: Contact) -> None:
    assert contacts.set_address(db, keys, ann, "ann@company.example", LATER)

    assert found(db, keys) == replace(ann, email="ann@company.example", updated_at=LATER)


def test_an_address_of_somebody_else_is_refused(db: Connection, keys: Keys, ann: Contact) -> None:
    contacts.add_contact(db, keys, "bob@company.example", stage="name", now=AT)
    with pytest.raises(WrongUsage, match="Another contact"):
        contacts.set_address(db, keys, ann, "BOB@company.example", LATER)

    assert found(db, keys) == ann


def test_tags_come_and_go(db: Connection, keys: Keys, ann: Contact) -> None:
    for tag in ("fair", "Fair", "vip"):
        assert contacts.add_tag(db, ann.id, tag)
    assert contacts.remove_tag(db, ann.id, "vip")

    assert found(db, keys).tags == {"fair", "Fair"}
    assert contacts.count_by_tag(db) == {"Fair": 1, "fair": 1}


def test_many_contacts_are_read_in_order_each_once_with_their_tags(db: Connection, keys: Keys) -> None:
    ids = [contacts.add_contact(db, keys, f"c{n}@b.example", stage="ab"[n % 2], now=AT) for n in range(2001)]
    contacts.add_tag(db, ids[-1], "last")
    seen = list(contacts.iterate_contacts(db))

    assert [contact.id for contact in seen] == ids
    assert [contact.tags for contact in seen if contact.tags] == [{"last"}]
    assert contacts.count_contacts(db) == 2001
    assert contacts.count_by_stage(db) == {"a": 1001, "b": 1000}
    assert list(contacts.load_contacts(db, [ids[5], 0, 99999, ids[2], ids[5]])) == [ids[2], ids[5]]


def test_odd_text_comes_back_as_it_was_given(db: Connection, keys: Keys, ann: Contact) -> None:
    odd = {"first_name": "Robert'); DROP TABLE contact;--", "company": "[/red]\x1b[2J\u202e", "note": "{{7*7}}\0 ‰"}
    contacts.set_fields(db, ann, odd, LATER)
    after = found(db, keys)

    assert {"first_name": after.first_name, "company": after.company, **after.fields} == odd
    assert json.loads(db.execute("SELECT fields FROM contact").fetchone()[0]) == {"note": odd["note"]}
