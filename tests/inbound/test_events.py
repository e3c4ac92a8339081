from __future__ import annotations

import json

import pytest

from nurture_cli.errors import Findings, WrongUsage
from nurture_cli.inbound.column_map import ColumnMap
from nurture_cli.store.database import writing
from nurture_cli.store.events import events_of
from nurture_cli.store.requests import count_open_requests
from nurture_cli.store.suppressions import suppression_of
from tests.conftest import A_TUESDAY_MORNING as NOW

from .conftest import Desk
from .test_contacts import numbers

HEAD = "email,kind,asset,at,id\n"
HOUR = 3600


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    """Ann and Bob are contacts."""
    desk.contacts("email\nann@x.example\nbob@x.example\n")
    return desk


def lines(*objects: object) -> str:
    return "".join(json.dumps(one) + "\n" for one in objects)


def told(desk: Desk, address: str = "ann@x.example") -> list[tuple[str, str, int]]:
    return [(event.kind, event.asset, event.at) for event in events_of(desk.db, desk.contact(address).id)]


def test_rows_become_events_in_the_zone_of_the_project(crowd: Desk) -> None:
    report = crowd.events(
        "E-Mail,Event,Asset,Timestamp,Event ID\n"
        "Ann@x.example,downloaded,ebook,2026-03-03 09:00,1\n"
        "ann@x.example,ticket_opened,,2026-03-03T08:30:00Z,2\n"
    )

    assert numbers(report) == {"rows": 2, "new": 2}
    assert told(crowd) == [("downloaded", "ebook", NOW - HOUR), ("ticket_opened", "", NOW - HOUR // 2)]


def test_lines_of_json_become_events_with_flat_properties(crowd: Desk) -> None:
    report = crowd.events(
        lines(
            {"email": "ann@x.example", "kind": "clicked", "asset": "ebook", "at": "2026-03-03T08:00:00Z", "id": 7,
             "properties": {"link": "a", "seconds": 3, "first": True, "nothing": None}, "extra": [1]},
            {"Email": "bob@x.example", "event": "visited", "asset": None, "time": "2026-03-03"},
        ),
    )  # fmt: skip

    assert report.said == "UTF-8, JSON lines"
    assert numbers(report) == {"rows": 2, "new": 2}
    assert report.ignored == ("extra",)
    [event] = events_of(crowd.db, crowd.contact("ann@x.example").id)
    assert event.properties == {"link": "a", "seconds": 3, "first": True}


@pytest.mark.parametrize("ids", [True, False], ids=["given ids", "no ids"])
def test_the_same_file_twice_changes_nothing_at_all(crowd: Desk, ids: bool) -> None:
    content = HEAD + "".join(
        f"ann@x.example,visited,a,2026-03-0{day},{f'v{day}' if ids else ''}\n" for day in (1, 2, 3)
    )  # fmt: skip
    crowd.events(content)
    before = crowd.dump()

    report = crowd.events(content, now=NOW + 60)

    assert numbers(report) == {"rows": 3, "same": 3}
    assert crowd.dump() == before


def test_the_same_event_twice_in_a_file_is_one(crowd: Desk) -> None:
    row = "ann@x.example,visited,a,2026-03-01,\n"

    report = crowd.events(HEAD + row + row + row.replace("ann", "ANN"))

    assert numbers(report) == {"rows": 3, "new": 1, "duplicate": 2}
    assert "3,The same event stands in row 2." in crowd.rejects()


def test_an_id_that_tells_of_two_events_is_never_taken_for_one(crowd: Desk) -> None:
    crowd.events(HEAD + "ann@x.example,attended,webinar-1,2026-03-01,1\n")

    report = crowd.events(
        HEAD + "ann@x.example,attended,webinar-2,2026-03-02,1\n"
        "bob@x.example,visited,a,2026-03-02,2\nbob@x.example,visited,b,2026-03-02,2\n"
    )

    assert numbers(report) == {"rows": 3, "new": 1, "skipped": 2}
    assert {reason for reason, _ in report.reasons} == {
        "Another event has this id already; if it comes from another system, name that with --source.",
        "Row 3 gives the same id to another event.",
    }
    other = crowd.events(HEAD + "ann@x.example,attended,webinar-2,2026-03-02,1\n", source="webinars")
    assert numbers(other) == {"rows": 1, "new": 1}


def test_people_who_are_no_contacts_are_left_out(crowd: Desk) -> None:
    report = crowd.events(HEAD + "stranger@x.example,visited,a,2026-03-01,\nann@x.example,visited,a,2026-03-01,\n")

    assert numbers(report) == {"rows": 2, "new": 1, "skipped": 1}
    assert report.reasons == (("No contact has this address.", 1),)


def test_every_row_that_is_left_out_has_its_reason(crowd: Desk) -> None:
    report = crowd.events(
        HEAD + "ann,visited,a,2026-03-01,\n"
        "ann@x.example,,a,2026-03-01,\n"
        "ann@x.example,visitd,a,2026-03-01,\n"
        "ann@x.example,visited,a,,\n"
        "ann@x.example,visited,a,03/04/05,\n"
        "ann@x.example,visited,a,2027-01-01,\n"
        "ann@x.example,visited,a\n"
        "\n"
        "ann@x.example,visited," + "a" * 201 + ",2026-03-01,\n"
        "ann@x.example,visited,a\x07,2026-03-01,\n"
    )

    assert numbers(report) == {"rows": 9, "skipped": 9, "empty": 1}
    reasons = [line.split(",")[1] for line in crowd.rejects().splitlines()[1:]]
    assert [reason[:31] for reason in reasons] == [
        "An address needs an @.",
        "The row does not say what kind ",
        "`visitd` is not a kind of event",
        "The row does not say when it ha",
        "`03/04/05` is not a date or tim",
        "`2027-01-01` is in the future.",
        "The row has 3 cells",
        "`asset` is longer than 200 char",
        "`asset` is longer than 200 char",
    ] or reasons[6].startswith('"The row has 3 cells')
    assert "Did you mean `visited`?" in crowd.rejects()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"email": "ann@x.example", "email": "b@x.example"}', "`email` appears twice"),
        ('{"email": ', "is not JSON"),
        ("[1, 2]", "not an object"),
        ('"text"', "not an object"),
        ('{"email": "ann@x.example", "kind": "visited", "at": 1772528400}', "`at` must be a text"),
        ('{"email": "ann@x.example", "kind": "visited", "at": "2026-03-01", "properties": {"a": [1]}}', "must be flat"),
        ('{"email": "ann@x.example", "kind": "visited", "at": "2026-03-01", "properties": 3}', "must be an object"),
        ('{"email": "ann@x.example", "kind": "visited", "at": "2026-03-01", "properties": {"a": NaN}}', "`NaN`"),
        ('{"email": "ann@x.example", "kind": "visited", "at": "2026-03-01", "properties": {"a": 1e999}}', "too large"),
        ('{"email": "ann@x.example", "kind": "visited", "at": "2026-03-01", "properties": {"a": 9223372036854775808}}',
         "too large"),
        ('{"email": "ann@x.example", "kind": "visited", "at": "2026-03-01", "properties": {"a": "\\ud800"}}',
         "cannot be kept"),
        ('{"email": "ann@x.example", "kind": "visited", "at": "2026-03-01", "asset": "\\ud800"}', "cannot be kept"),
        ('{"email": "ann@x.example", "kind": "visited", "at": "2026-03-01", "asset": "a\\u0000"}', "cannot be kept"),
        ('{"email": "ann@x.example", "kind": ["visited"], "at": "2026-03-01"}', "`kind` must be a text"),
        ('{"email": "ann@x.example", "kind": "visited", "event": "opened", "at": "2026-03-01"}', "could be `kind`"),
        ('{"a": ' + "[" * 45_000 + "]" * 45_000 + "}", "nested too deeply"),
    ],
    ids=range(16),
)  # fmt: skip
def test_a_line_that_cannot_be_kept_is_left_out_with_its_reason(crowd: Desk, line: str, words: str) -> None:
    good = '{"email": "ann@x.example", "kind": "visited", "at": "2026-03-01"}'

    report = crowd.events(good + "\n" + line + "\n")

    assert numbers(report) == {"rows": 2, "new": 1, "skipped": 1}
    assert words in report.reasons[0][0]
    rejected = json.loads(crowd.rejects())
    assert (rejected["row"], rejected["line"]) == (2, line)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"email": "ann@x.example"}]', "is a JSON list"),
        ('{"email": "' + "x" * 100_000, "longer than 100,000 characters"),
        ("", "is empty"),
    ],
)
def test_a_file_that_is_not_rows_is_refused_as_a_whole(crowd: Desk, content: str, words: str) -> None:
    with pytest.raises(Findings, match=words):
        crowd.events(content)


def test_constants_values_and_kept_columns_make_events_of_an_attendance_list(crowd: Desk) -> None:
    column_map = ColumnMap(
        values={"kind": {"yes": "attended", "*": "registered"}}, columns={"Was there": "kind"},
        constants={"asset": "open-day", "at": "2026-02-20 18:00"},
    )  # fmt: skip
    report = crowd.events(
        "Email,Was there,Seat\nann@x.example,yes,A1\nbob@x.example,no,\n", column_map=column_map, keep=True
    )

    assert numbers(report) == {"rows": 2, "new": 2}
    [ann] = events_of(crowd.db, crowd.contact("ann@x.example").id)
    [bob] = events_of(crowd.db, crowd.contact("bob@x.example").id)
    assert (ann.kind, ann.asset, ann.properties) == ("attended", "open-day", {"Seat": "A1"})
    assert (bob.kind, bob.properties) == ("registered", {})


def test_a_machine_is_marked(crowd: Desk) -> None:
    crowd.events(lines({"email": "ann@x.example", "kind": "clicked", "at": "2026-03-01", "machine": True}))

    assert [event.machine for event in events_of(crowd.db, crowd.contact("ann@x.example").id)] == [True]


def test_a_map_to_something_that_no_event_has_is_refused(crowd: Desk) -> None:
    for content in ("email,x\n", lines({"email": "ann@x.example"})):
        with pytest.raises(WrongUsage, match="There is no field `stage`"):
            crowd.events(content, column_map=ColumnMap(columns={"x": "stage"}))


def test_requests_and_unsubscribes_take_effect_and_are_told(crowd: Desk) -> None:
    report = crowd.events(HEAD + "ann@x.example,requested,ebook,2026-03-01,\nbob@x.example,unsubscribed,,2026-03-01,\n")

    assert numbers(report) == {"rows": 2, "new": 2, "requests": 1, "suppressions": 1}
    assert count_open_requests(crowd.db) == 1
    assert suppression_of(crowd.db, crowd.hash("bob@x.example")) is not None


def test_a_preview_counts_and_changes_nothing(crowd: Desk) -> None:
    before = crowd.dump()

    report = crowd.events(HEAD + "ann@x.example,requested,ebook,2026-03-01,\nx,,,,\n", preview=True)

    assert numbers(report) == {"rows": 2, "new": 1, "skipped": 1, "requests": 1}
    assert crowd.dump() == before


def test_an_import_inside_a_transaction_is_a_mistake_of_ours(crowd: Desk) -> None:
    import sqlite3

    with writing(crowd.db), pytest.raises(sqlite3.OperationalError):
        crowd.events(HEAD + "ann@x.example,visited,a,2026-03-01,\n")


LEFT = HEAD + (
    "carl@x.example,unsubscribed,,2026-03-01,1\n"
    "carl@x.example,complained,,2026-03-02,2\n"
    "dora@x.example,unsubscribed,,2026-03-01,\n"
    "dora@x.example,unsubscribed,,2026-03-01,\n"
    "emil@x.example,visited,,2026-03-01,\n"
    "bob@x.example,unsubscribed,,2026-03-01,\n"
)


def test_who_leaves_before_becoming_a_contact_is_suppressed_all_the_same(crowd: Desk) -> None:
    report = crowd.events(LEFT)

    assert numbers(report) == {
        "rows": 6, "new": 3, "same": 1, "duplicate": 1, "skipped": 1, "suppressions": 1, "strangers": 2,
    }  # fmt: skip
    assert report.reasons == (("No contact has this address.", 1),)
    assert [crowd.suppressed(f"{name}@x.example") for name in ("carl", "dora", "emil", "bob")] == [
        "complaint", "unsubscribed", None, "unsubscribed",
    ]  # fmt: skip
    again = crowd.events(LEFT)
    assert numbers(again) == {"rows": 6, "same": 4, "duplicate": 1, "skipped": 1}


def test_what_was_said_before_wins_over_a_later_import(crowd: Desk) -> None:
    crowd.events(LEFT)

    report = crowd.contacts(
        "email,consent,consent_basis,consent_source\ncarl@x.example,express,form,fair\n", raise_consent=True
    )

    assert report.counts["suppressed"] == 1
    assert crowd.contact("carl@x.example").suppressed == "complaint"


def test_a_row_whose_id_belongs_to_another_event_suppresses_nobody(crowd: Desk) -> None:
    crowd.events(HEAD + "ann@x.example,visited,,2026-03-01,1\n")

    report = crowd.events(HEAD + "carl@x.example,unsubscribed,,2026-03-01,1\n")

    assert numbers(report) == {"rows": 1, "skipped": 1}
    assert crowd.suppressed("carl@x.example") is None


def test_a_preview_suppresses_nobody(crowd: Desk) -> None:
    before = crowd.dump()

    assert crowd.events(LEFT, preview=True).counts["strangers"] == 2
    assert crowd.dump() == before


def test_a_token_or_a_link_stands_for_the_address_of_its_contact(crowd: Desk) -> None:
    ann = crowd.keys.unsubscribe_token(crowd.hash("ann@x.example"), "c/1/1/1")
    bob = crowd.keys.unsubscribe_token(crowd.hash("bob@x.example"), "c/1/2/1")

    report = crowd.events(
        "email,kind,at\n"
        f"{ann},unsubscribed,2026-03-01\n"
        f'"<mailto:out@shop.example?subject=unsubscribe%20{bob}>",complained,2026-03-01\n'
        f"https://shop.example/unsubscribe/{bob[:-1]},unsubscribed,2026-03-01\n"
    )

    assert numbers(report) == {"rows": 3, "new": 2, "skipped": 1, "suppressions": 2}
    assert [crowd.suppressed(f"{name}@x.example") for name in ("ann", "bob")] == ["unsubscribed", "complaint"]
    assert "It holds no token of this project" in report.reasons[0][0]
