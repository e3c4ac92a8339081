"""What an import takes for consent, and what it says of those who have none."""

from __future__ import annotations

import pytest

from nurture_cli.inbound.column_map import ColumnMap
from nurture_cli.inbound.consent import least, read_consent_of, strongest
from nurture_cli.timing import parse_instant

from .conftest import Desk
from .test_contacts import numbers
from .test_exports_of_tools import CONSENT


@pytest.mark.parametrize(
    ("texts", "consent"),
    [
        ("express|Express|opted in|Opt-in|yes|TRUE|1|ja|explicit|confirmed", "express"),
        ("implied|Implicit", "implied"),
        ("no|false|0|nein|NEVER_SUBSCRIBED|unconfirmed|No permissions set|unknown", "unknown"),
        ("withdrawn|Unsubscribed|opted out|abgemeldet|complained", "withdrawn"),
    ],
)
def test_clear_words_are_understood(texts: str, consent: str) -> None:
    read = read_consent_of("Opt-in", None)

    assert {text: read(text) for text in texts.split("|")} == dict.fromkeys(texts.split("|"), consent)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("Consent", "subscribed", '--value "consent:subscribed=express"'),
        ("Consent", "perhaps", "not understood as `consent`"),
        ("Status", "1", "not understood"),
        ("Consent", "Bounced", "Map the column to `suppressed`"),
    ],
)
def test_others_are_refused_with_what_to_type(name: str, text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_consent_of(name, None)(text)


def test_a_yes_to_opting_out_is_no_consent() -> None:
    assert read_consent_of("Email Opt Out", None)("yes") == "withdrawn"


def test_who_is_merely_subscribed_has_what_every_row_has() -> None:
    assert read_consent_of("Email Marketing Consent", "implied")("SUBSCRIBED") is None


def test_the_least_consent_and_the_strongest_reason_count() -> None:
    assert (least("express", None, "unknown"), least(None), least()) == ("unknown", None, None)
    assert (strongest("hard-bounce", None, "complaint"), strongest(None)) == ("complaint", None)


def test_of_several_columns_and_the_constant_the_least_counts(desk: Desk) -> None:
    column_map = ColumnMap({"Opt-in": "consent", "Newsletter": "consent"}, constants=CONSENT)

    desk.contacts(
        "email,Opt-in,Newsletter\na@x.example,yes,yes\nb@x.example,yes,no\nc@x.example,unsubscribed,yes\nd@x.example,,\n",
        column_map=column_map,
    )

    assert {name: desk.contact(f"{name}@x.example").consent for name in "abcd"} == {
        "a": "implied", "b": "unknown", "c": "withdrawn", "d": "implied",
    }  # fmt: skip


def test_a_recognised_column_counts_beside_what_is_set(desk: Desk) -> None:
    desk.contacts("email,consent\na@x.example,withdrawn\nb@x.example,\n", column_map=ColumnMap(constants=CONSENT))

    assert [desk.contact(f"{name}@x.example").consent for name in "ab"] == ["withdrawn", "implied"]


def test_blanks_can_be_given_a_value(desk: Desk) -> None:
    column_map = ColumnMap(
        {"Opt-in": "consent"}, {"consent": {"": "unknown"}, "country": {"": "Germany"}}, constants=CONSENT
    )

    desk.contacts("email,Opt-in,Land\na@x.example,,\nb@x.example,yes,France\n", column_map=column_map)

    found = [desk.contact(f"{name}@x.example") for name in "ab"]
    assert [(one.consent, one.country) for one in found] == [("unknown", "Germany"), ("implied", "France")]


def test_a_list_of_opt_outs_lowers_the_consent_of_those_who_never_agreed(desk: Desk) -> None:
    column_map = ColumnMap({"Status": "suppressed"}, constants=CONSENT)

    desk.contacts("email,Status\na@x.example,Active\nb@x.example,Unconfirmed\n", column_map=column_map)

    assert [desk.contact(f"{name}@x.example").consent for name in "ab"] == ["implied", "unknown"]


def test_what_consent_lacks_is_counted_without_those_who_left(desk: Desk) -> None:
    report = desk.contacts(
        "email,consent,consent_basis,consent_source,suppressed\n"
        "a@x.example,,,,\nb@x.example,express,,web,\nc@x.example,express,,,\nd@x.example,express,form,web,\n"
        "e@x.example,,,,yes\nf@x.example,withdrawn,,,\n"
    )

    lacking = report.lacking
    assert lacking is not None
    assert (lacking.consent, lacking.basis, lacking.source, lacking.basis_or_source) == (1, 2, 1, 2)


def test_what_known_contacts_lack_is_counted_too(desk: Desk) -> None:
    desk.contacts("email\na@x.example\n")

    report = desk.contacts("email,tags\na@x.example,x\nb@x.example,x\n")

    assert numbers(report) == {"rows": 2, "new": 1, "changed": 1}
    assert report.lacking is not None
    assert report.lacking.consent == 2


# --- when somebody agreed


def test_the_time_of_consent_is_read_by_itself_where_consent_is_given(desk: Desk) -> None:
    head = "email,OPTIN_TIME,CONFIRM_TIME\n"
    row = "a@x.example,2023-04-01 09:12:44,2023-04-02 10:00:00\n"

    without = desk.contacts(head + row)
    given = ColumnMap(constants={"consent": "express", "consent_basis": "form", "consent_source": "web"})
    preview = desk.contacts(head + row.replace("a@", "b@"), column_map=given)

    assert without.columns == {"email": "email"}
    assert preview.columns == {"email": "email", "CONFIRM_TIME": "consent_at"}
    assert desk.contact("b@x.example").consent_at == parse_instant("2023-04-02 10:00:00", "Europe/Berlin")


def test_a_time_of_consent_that_is_none_costs_no_row_and_is_named(desk: Desk) -> None:
    given = ColumnMap(constants={"consent": "express"})
    content = "email,OPTIN_TIME\na@x.example,soon\nb@x.example,\n"

    report = desk.contacts(content, column_map=given)

    assert (report.new, report.skipped, report.unread_dates) == (2, 0, ("soon",))
    mapped = desk.contacts(content, column_map=ColumnMap({"OPTIN_TIME": "consent_at"}))
    assert (mapped.skipped, mapped.unread_dates) == (1, ())


def test_a_time_that_is_not_taken_is_said_and_taken_with_the_flag(desk: Desk) -> None:
    given = ColumnMap(constants={"consent": "express", "consent_basis": "form", "consent_source": "web"})
    desk.contacts("email\na@x.example\n", column_map=given)
    content = "email,OPTIN_TIME\na@x.example,2023-04-01\n"

    second = desk.contacts(content, column_map=given)
    raised = desk.contacts(content, column_map=given, raise_consent=True)
    again = desk.contacts(content, column_map=given)

    assert (second.same, second.notes) == (1, {"proof_kept": 1})
    assert (raised.changed, raised.notes) == (1, {})
    assert (again.same, again.notes) == (1, {})
    assert desk.contact("a@x.example").consent_at == parse_instant("2023-04-01", "Europe/Berlin")
