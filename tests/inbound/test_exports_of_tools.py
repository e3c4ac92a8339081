"""Files as other tools export them, in `exports/`: nobody who left becomes mailable, whatever way one goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture_cli.errors import Refused
from nurture_cli.inbound.column_map import ColumnMap
from nurture_cli.inbound.opt_out import Said
from nurture_cli.inbound.opt_out_watch import OptOutsUnreadError

from .conftest import Desk

EXPORTS = Path(__file__).parent / "exports"
CONSENT = {"consent": "implied", "consent_basis": "contract", "consent_source": "the tool before"}
NAMED = {
    "unsubscribed_email_audience_export_3f2a": Said.UNSUBSCRIBED,
    "cleaned_email_audience_export_3f2a": Said.HARD_BOUNCE,
    "nonsubscribed_email_audience_export_3f2a": Said.NEVER_AGREED,
    "suppression_bounces": Said.HARD_BOUNCE,
}
# Each export with the columns that say who left, and the field that would take them.
TELLING = {
    "unsubscribed_email_audience_export_3f2a": {"UNSUB_TIME": "suppressed"},
    "cleaned_email_audience_export_3f2a": {"CLEAN_TIME": "suppressed"},
    "hubspot": {
        "Marketing contact status": "suppressed", "Unsubscribed from all email": "suppressed",
        "Opted out of email: Marketing Information": "suppressed", "Opted out of email: One to One": "suppressed",
        "Email hard bounce reason": "suppressed",
    },
    "activecampaign": {"Status": "suppressed"},
    "brevo": {"EMAIL_BLACKLIST": "suppressed"},
    "mailerlite": {"Status": "suppressed"},
    "klaviyo": {"Email Marketing Consent": "consent", "Email Suppressions": "suppressed"},
    "kit": {"status": "suppressed"},
    "constant_contact": {
        "Email status": "suppressed", "Email permission status": "consent", "Email opt-out date": "suppressed",
    },
    "campaign_monitor": {"State": "suppressed"},
    "salesforce": {"HasOptedOutOfEmail": "suppressed", "EmailBouncedDate": "suppressed"},
    "zoho": {"Email Opt Out": "suppressed"},
    "mautic": {"dnc": "suppressed"},
    "listmonk": {"status": "suppressed", "subscription_status": "suppressed"},
    "mailjet": {"IsExcludedFromCampaigns": "suppressed"},
    "shopify": {"Accepts Email Marketing": "consent"},
}  # fmt: skip


def mailable(desk: Desk) -> set[str]:
    rows = desk.db.execute(
        "SELECT email FROM contact c WHERE consent IN ('implied', 'express') AND NOT EXISTS "
        "(SELECT 1 FROM suppression s WHERE s.address_hash = c.address_hash AND s.lifted_at IS NULL)"
    )
    return {email for (email,) in rows}


def refused(desk: Desk, name: str, **options: object) -> OptOutsUnreadError:
    before = desk.dump()
    with pytest.raises(OptOutsUnreadError) as refusal:
        desk.contacts(EXPORTS / f"{name}.csv", column_map=ColumnMap(constants=CONSENT), **options)
    assert isinstance(refusal.value, Refused)
    assert desk.dump() == before
    return refusal.value


def test_every_export_is_here_and_there() -> None:
    names = {path.stem for path in EXPORTS.glob("*.csv")}

    assert names == {*TELLING, *NAMED, "subscribed_email_audience_export_3f2a"}


@pytest.mark.parametrize("name", sorted({*TELLING, *NAMED}))
@pytest.mark.parametrize("preview", [False, True])
def test_an_export_that_is_given_consent_is_refused_with_what_it_says(desk: Desk, name: str, preview: bool) -> None:
    refusal = refused(desk, name, preview=preview)

    assert {one.column: one.meant_for for one in refusal.found} == TELLING.get(name, {})
    assert refusal.name is NAMED.get(name)
    for column, target in TELLING.get(name, {}).items():
        assert f'--map "{column}={target}"' in (refusal.hint or "")
        assert f'--map "{column}=ignore"' in (refusal.hint or "")


@pytest.mark.parametrize("name", sorted(TELLING))
def test_as_the_refusal_advises_only_those_who_stayed_become_mailable(desk: Desk, name: str) -> None:
    report = desk.contacts(EXPORTS / f"{name}.csv", column_map=ColumnMap(TELLING[name], constants=CONSENT))

    assert report.skipped == 0
    assert mailable(desk) == desk_who_stays(name)


def desk_who_stays(name: str) -> set[str]:
    lines = (EXPORTS / f"{name}.csv").read_text("utf-8").splitlines()[1:]
    return {f"{who}@x.example" for who in ("stays", "also") if any(f"{who}@x.example" in line for line in lines)}


@pytest.mark.parametrize("name", sorted(TELLING))
def test_columns_left_out_by_name_are_nobodys_business(desk: Desk, name: str) -> None:
    ignored = dict.fromkeys(TELLING[name], "ignore")
    beside = {"unsubscribed": ["UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON", "UNSUB_REASON_OTHER"],
              "cleaned": ["CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID"], "salesforce": ["EmailBouncedReason"],
              "constant": ["Email opt-out source", "Email opt-out reason"]}  # fmt: skip
    ignored |= dict.fromkeys(beside.get(name.partition("_")[0], []), "ignore")

    report = desk.contacts(EXPORTS / f"{name}.csv", column_map=ColumnMap(ignored, constants=CONSENT), not_opt_outs=True)

    assert report.new == report.rows


def test_those_who_are_subscribed_are_imported_as_they_are(desk: Desk) -> None:
    path = EXPORTS / "subscribed_email_audience_export_3f2a.csv"

    desk.contacts(path, column_map=ColumnMap(constants=CONSENT))

    assert mailable(desk) == {"stays@x.example", "also@x.example"}


@pytest.mark.parametrize("name", ["nonsubscribed_email_audience_export_3f2a", "shopify"])
def test_those_who_never_agreed_come_in_without_consent(desk: Desk, name: str) -> None:
    desk.contacts(EXPORTS / f"{name}.csv")

    assert mailable(desk) == set()


def test_the_reason_of_each_suppression_is_that_of_the_file(desk: Desk) -> None:
    desk.contacts(EXPORTS / "mailerlite.csv", column_map=ColumnMap(TELLING["mailerlite"], constants=CONSENT))

    found = desk.db.execute(
        "SELECT email, reason, s.source FROM suppression s JOIN contact c USING (address_hash) ORDER BY email"
    )
    assert [tuple(row) for row in found] == [
        ("bounced@x.example", "hard-bounce", "import mailerlite.csv"),
        ("gone@x.example", "unsubscribed", "import mailerlite.csv"),
        ("spam@x.example", "complaint", "import mailerlite.csv"),
    ]
