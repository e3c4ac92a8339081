"""An import stops where a file says that contacts left and nobody reads it."""

from __future__ import annotations

import pytest

from nurture_cli.inbound.column_map import ColumnMap
from nurture_cli.inbound.opt_out_watch import OptOutsUnreadError
from nurture_cli.store.suppressions import suppression_of

from .conftest import Desk
from .test_contacts import numbers
from .test_exports_of_tools import CONSENT, mailable

MANY = 3000


def stopped(desk: Desk, content: str, **options: object) -> OptOutsUnreadError:
    before = desk.dump()
    with pytest.raises(OptOutsUnreadError) as refusal:
        desk.contacts(content, **options)
    assert desk.dump() == before
    return refusal.value


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("at", [0, MANY // 2, MANY - 1])
def test_one_cell_anywhere_is_enough(desk: Desk, at: int, quoted: bool) -> None:
    sign = '"' if quoted else ""
    rows = [f"{sign}p{row}@x.example{sign},,note {row}\n" for row in range(MANY)]
    rows[at] = rows[at].replace(f"note {at}", "Unsubscribed")

    refusal = stopped(desk, "email,first_name,Remark\n" + "".join(rows))

    assert [(one.column, one.rows, one.examples) for one in refusal.found] == [("Remark", 1, (("Unsubscribed", 1),))]


def test_values_are_counted_and_the_most_frequent_come_first(desk: Desk) -> None:
    rows = ["Active"] * 5 + ["Bounced"] * 2 + ["Unsubscribed"] * 3
    text = "".join(f"p{at}@x.example,{status}\n" for at, status in enumerate(rows))

    refusal = stopped(desk, "email,Status\n" + text)

    assert "`Status` says so in 5 rows: `Unsubscribed` 3 times, `Bounced` 2 times." in (refusal.hint or "")


def test_texts_beyond_counting_are_counted_all_the_same(desk: Desk) -> None:
    rows = "".join(f"p{at}@x.example,reason {at}\n" for at in range(MANY))

    [one] = stopped(desk, "email,Unsubscribe reason\n" + rows).found

    assert one.rows == MANY
    assert f"and others in {MANY - 4:,} rows" in one.values


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("Tags", "vip; unsubscribed"), ("Listen", "Kunden, Abgemeldet"), ("Segments", '"""a"",""Opted-out"""'),
        ("industry", "Do not contact"), ("Remark", "désabonné"), ("Status", "2"), ("Unsubscribed", "maybe"),
    ],
)  # fmt: skip
def test_lists_codes_and_fields_that_are_read_tell_as_well(desk: Desk, head: str, cell: str) -> None:
    cell = cell if cell.startswith('"') else f'"{cell}"'

    [one] = stopped(desk, f"email,{head}\na@x.example,{cell}\n").found

    assert one.column == head
    assert one.target == ({"Tags": "tags", "industry": "industry"}.get(head))


def test_a_field_that_is_mapped_by_name_is_taken_as_it_is(desk: Desk) -> None:
    stopped(desk, "email,industry\na@x.example,Suppressed\n")

    desk.contacts("email,industry\na@x.example,Suppressed\n", column_map=ColumnMap({"industry": "industry"}))

    assert desk.contact("a@x.example").fields == {"industry": "Suppressed"}


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("Email Opt Out", "0"), ("Unsubscribed", ""), ("UNSUB_TIME", "0000-00-00 00:00:00"),
        ("Deal Stage", "Cancelled"), ("Status", "1"), ("Company", "Bounced"),
        ("Notes", "asked about the spam filter"), ("Company type", "Removed"), ("Bounce count", "3"), ("State", "OR"),
        ("SMS opt out", "yes"), ("unsubscribe_url", "https://x.example/u/1"), ("Status", "Soft bounce"),
    ],
)  # fmt: skip
def test_what_only_sounds_like_it_stops_nothing(desk: Desk, head: str, cell: str) -> None:
    assert numbers(desk.contacts(f"email,{head}\na@x.example,{cell}\n")) == {"rows": 1, "new": 1}


def test_a_no_to_consent_stops_only_what_gives_consent(desk: Desk) -> None:
    content = "email,Newsletter\na@x.example,no\nb@x.example,yes\n"

    [one] = stopped(desk, content, column_map=ColumnMap(constants=CONSENT)).found
    assert (one.column, one.meant_for, one.rows) == ("Newsletter", "consent", 1)
    assert numbers(desk.contacts(content)) == {"rows": 2, "new": 2}


def test_inactive_contacts_are_asked_about_before_the_import_gives_consent(desk: Desk) -> None:
    content = "email,Status\na@x.example,Inactive\nb@x.example,Active\n"

    [one] = stopped(desk, content, column_map=ColumnMap(constants=CONSENT)).found

    assert (one.column, one.rows) == ("Status", 1)
    assert numbers(desk.contacts(content)) == {"rows": 2, "new": 2}


def test_a_name_with_quotes_is_quoted_for_the_shell(desk: Desk) -> None:
    refusal = stopped(desk, 'email,"Opt ""out"" $1"\na@x.example,yes\n')

    assert """--map 'Opt "out" $1=suppressed'""" in (refusal.hint or "")


# --- the name of the file


def test_a_file_whose_name_says_it_needs_a_word(desk: Desk) -> None:
    path = desk.file("email\na@x.example\n", "unsubscribed.csv")

    with pytest.raises(OptOutsUnreadError, match="Nothing was imported") as refusal:
        desk.contacts(path)
    assert f'nurture suppress import "{path}"' in (refusal.value.hint or "")
    assert "--not-opt-outs" in (refusal.value.hint or "")

    assert numbers(desk.contacts(path, not_opt_outs=True)) == {"rows": 1, "new": 1}


def test_a_file_that_suppresses_everybody_needs_none(desk: Desk) -> None:
    path = desk.file("email,Date\na@x.example,2026-01-01\nb@x.example,\n", "opt-outs.csv")

    with pytest.raises(OptOutsUnreadError):
        desk.contacts(path, column_map=ColumnMap({"Date": "suppressed"}, {"suppressed": {"*": "unsubscribed"}}))
    report = desk.contacts(path, column_map=ColumnMap(constants={"suppressed": "unsubscribed"}))

    assert numbers(report) == {"rows": 2, "new": 2, "leaving": 2, "suppressed": 2}


# --- what is read as `suppressed`


def test_a_column_suppressed_is_read_by_itself(desk: Desk) -> None:
    report = desk.contacts(
        "email,suppressed,consent,consent_basis,consent_source\n"
        "a@x.example,hard-bounce,express,form,web\nb@x.example,,express,form,web\n"
    )

    assert report.columns["suppressed"] == "suppressed"
    assert mailable(desk) == {"b@x.example"}


def test_any_opt_out_of_several_columns_counts_and_the_strongest_is_the_reason(desk: Desk) -> None:
    column_map = ColumnMap({"Bounced": "suppressed", "Spam": "suppressed", "Opt-out": "suppressed"})

    desk.contacts(
        "email,Bounced,Spam,Opt-out\na@x.example,yes,,no\nb@x.example,2026-01-01,1,yes\nc@x.example,no,no,x\n"
        "d@x.example,,0,\n",
        column_map=column_map,
    )

    held = {name: suppression_of(desk.db, desk.hash(f"{name}@x.example")) for name in "abcd"}
    assert {name: one and one.reason for name, one in held.items()} == {
        "a": "hard-bounce", "b": "complaint", "c": "unsubscribed", "d": None,
    }  # fmt: skip


def test_a_text_that_is_not_understood_leaves_its_row_out_until_it_is_explained(desk: Desk) -> None:
    content = "email,Status\na@x.example,Customer\nb@x.example,cleaned\nc@x.example,2\n"
    column_map = ColumnMap({"Status": "suppressed"})

    report = desk.contacts(content, column_map=column_map)

    assert numbers(report) == {"rows": 3, "new": 1, "skipped": 2, "leaving": 1, "suppressed": 1}
    assert any('--value "suppressed:2=no"' in reason for reason, _ in report.reasons)
    explained = ColumnMap({"Status": "suppressed"}, {"suppressed": {"Customer": "no", "2": "unsubscribed"}})
    assert numbers(desk.contacts(content, column_map=explained)) == {
        "rows": 3, "new": 2, "same": 1, "leaving": 1, "suppressed": 2,
    }  # fmt: skip


def test_a_row_that_repeats_an_address_suppresses_it_all_the_same(desk: Desk) -> None:
    desk.contacts(
        "email,suppressed,consent\na@x.example,,express\nA@x.example,yes,express\nb@x.example,,express\n"
        "b@x.example,,withdrawn\n",
        column_map=ColumnMap(constants={"consent_basis": "form", "consent_source": "web"}),
    )

    assert mailable(desk) == set()


def test_a_row_that_is_left_out_suppresses_its_address_all_the_same(desk: Desk) -> None:
    head = "email,stage,consent,consent_basis,consent_source,suppressed\n"
    desk.contacts(head + "a@x.example,,express,form,web,\nb@x.example,,express,form,web,\nc@x.example,,express,f,w,\n")

    report = desk.contacts(
        head + "a@x.example,Boss,,,,yes\nb@x.example,Boss,withdrawn,,,\nc@x.example,Boss,express,,,no\nnone,,,,,yes\n"
    )

    assert numbers(report) == {"rows": 4, "skipped": 4, "leaving": 2}
    assert mailable(desk) == {"c@x.example"}


def test_a_known_contact_that_left_is_suppressed_and_the_file_told_twice_changes_nothing(desk: Desk) -> None:
    head = "email,consent,consent_basis,consent_source,suppressed\n"
    desk.contacts(head + "a@x.example,express,form,web,\n")
    assert mailable(desk) == {"a@x.example"}
    content = head + "a@x.example,express,form,web,complaint\n"

    assert numbers(desk.contacts(content)) == {"rows": 1, "same": 1, "leaving": 1, "suppressed": 1}
    assert mailable(desk) == set()
    before = desk.dump()
    assert numbers(desk.contacts(content)) == {"rows": 1, "same": 1, "suppressed": 1}
    assert desk.dump() == before


def test_a_weaker_reason_does_not_replace_a_stronger_one(desk: Desk) -> None:
    desk.contacts("email,suppressed\na@x.example,hard-bounce\nb@x.example,complaint\n")

    desk.contacts("email,suppressed\na@x.example,unsubscribed\nb@x.example,hard-bounce\n")

    held = [suppression_of(desk.db, desk.hash(f"{name}@x.example")) for name in "ab"]
    assert [one and one.reason for one in held] == ["unsubscribed", "complaint"]
