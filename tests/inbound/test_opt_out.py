"""The words in which other tools say that somebody left."""

from __future__ import annotations

import pytest

from nurture_cli.inbound.opt_out import (
    TELLING_CELLS,
    OptOutColumn,
    OptOutKind,
    Said,
    opt_out_column,
    said_in_cell,
    said_in_file_name,
)
from nurture_cli.store.suppressions import REASONS

LEFT = OptOutColumn(OptOutKind.OPT_OUT, Said.UNSUBSCRIBED)
AGREED = OptOutColumn(OptOutKind.OPT_IN)
STATUS = OptOutColumn(OptOutKind.STATUS)


def test_what_suppresses_is_a_reason_that_suppressions_have() -> None:
    assert {said for said in Said if said.suppresses} == set(REASONS) - {"erased"}


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            "UNSUB_TIME, UNSUB_REASON, Unsubscribed from all email, Opted out of email: One to One, Email Opt Out, "
            "HasOptedOutOfEmail, Email opt-out date, OptOut_Date, Portal Unsubscribe, global_unsubscribe, "
            "Abgemeldet am, Abmeldedatum, Désabonné, Désinscription, Fecha de baja, Disiscritto, "
            "Uitgeschreven, Descadastrado, Baja, Uitschrijfdatum, Widerruf, Cancelou inscrição, Left on, Deleted at, "
            "Cancellato",
            Said.UNSUBSCRIBED,
        ),
        (
            "CLEAN_TIME, CLEAN_CAMPAIGN_TITLE, Email hard bounce reason, EmailBouncedReason, EmailBouncedDate, "
            "Global Bounce, Hard bounces, Bounced, Unzustellbar",
            Said.HARD_BOUNCE,
        ),
        ("IsSpamComplaining, Portal Spam Report, Complained, Beschwerde", Said.COMPLAINT),
        (
            "BLACKLIST, EMAIL_BLACKLIST, Blocklisted, IsExcludedFromCampaigns, DNC, Do Not Contact, Do not email, "
            "Suppressed, Email Suppressions, Werbesperre, Keine E-Mails, Ne pas contacter, No contactar, "
            "Non contattare, Niet mailen, Não contatar, doNotEmail, Gesperrt, E-Mail gesperrt",
            Said.MANUAL,
        ),
    ],
)
def test_a_column_says_by_its_name_who_left(names: str, said: Said) -> None:
    found = {name: opt_out_column(name) for name in names.split(", ")}

    assert {name: (one.kind, one.said) if one else None for name, one in found.items()} == dict.fromkeys(
        found, (OptOutKind.OPT_OUT, said)
    )


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (
            "Opt-in, Newsletter, Accepts Email Marketing, Email Marketing Consent, Einwilligung, Subscribed, Active, "
            "Subscriber, Marketing emails, OK to email, Can email, Mailable, Newsletter erwünscht, Werbung, "
            "Nieuwsbrief, Darf kontaktiert werden, Accepte les emails, Recebe e-mails, Abonné, Iscritta, "
            "Email valid, Deliverable",
            OptOutKind.OPT_IN,
        ),
        (
            "Status, State, Email status, Email verification, subscription_status, Kontaktstatus, Statut, "
            "Marketing contact status",
            OptOutKind.STATUS,
        ),
        (
            "Deal Stage, Lead Status, Order status, OPTIN_TIME, OPTIN_IP, consent_basis, consent_source, "
            "HasOptedOutOfFax, SMS_BLACKLIST, DoNotCall, Accepts SMS Marketing, unsubscribe_url, "
            "Bounce count, Bounces, Soft bounces, Marketing emails bounced, Spam score, Notes, Company, Last email, "
            "Email Marketing Consent Timestamp, order_cancelled_at, Marketing budget, Active users, Widerrufsbelehrung",
            None,
        ),
    ],
)
def test_other_columns_ask_another_question(names: str, kind: OptOutKind | None) -> None:
    found = {name: opt_out_column(name) for name in names.split(", ")}

    assert {name: one and one.kind for name, one in found.items()} == dict.fromkeys(found, kind)


@pytest.mark.parametrize(
    ("column", "texts", "said"),
    [
        (
            STATUS,
            "Unsubscribed|UNSUBSCRIBED|Un-subscribed|Opted out|opted-out|cancelled|left|"
            "Abgemeldet|désabonnée|Desabonné",
            "unsubscribed",
        ),
        (STATUS, "Bounced|hard bounce|HARD_BOUNCE|Cleaned|Unsubscribed on 3 March", "hard-bounce|unsubscribed"),
        (STATUS, "Complained|Spam complaint|Junk|Blocklisted|blacklisted|SUPPRESSED|disabled", "complaint|manual"),
        (
            STATUS,
            "NEVER_SUBSCRIBED|Non-Subscribed|Unconfirmed|Awaiting Confirmation|No Permissions Set",
            "never-agreed",
        ),
        (STATUS, "Subscribed|active|Soft bounce|Aktiv|no|", "nothing"),
        (
            LEFT,
            "yes|TRUE|1|Ja|2026-03-01|2026-03-01 10:00:00|2026-03-01T07:30Z|3/4/26 9:05|Mar 3, 2026|3. März 2026",
            "unsubscribed",
        ),
        (LEFT, "no|FALSE|0|nein|0000-00-00 00:00:00|[]|active|never", "nothing"),
        (AGREED, "no|0|false|nein|off", "never-agreed"),
        (AGREED, "yes|1|SUBSCRIBED|ja", "nothing"),
        (AGREED, "UNSUBSCRIBED|opted out", "unsubscribed"),
        (opt_out_column("Email hard bounce reason"), "UNKNOWN_USER|SPAM|550 5.1.1 no such user", "hard-bounce"),
        (opt_out_column("UNSUB_REASON"), "NORMAL|no longer interested", "unsubscribed"),
        (None, "Unsubscribed|opt-out|Abgemeldet|désabonné", "unsubscribed"),
    ],
)
def test_a_cell_says_what_a_person_wants(column: OptOutColumn | None, texts: str, said: str) -> None:
    found = {text: said_in_cell(text, column) for text in texts.split("|")}

    assert {str(one) for one in found.values()} == set(said.split("|")), found


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (STATUS, "2"),
        (STATUS, "1"),
        (STATUS, "Customer"),
        (STATUS, "Inactive"),
        (LEFT, "perhaps"),
        (None, "Cancelled"),
        (None, "yes"),
        (None, "Spam"),
    ],
)
def test_what_is_not_clear_is_not_guessed(column: OptOutColumn | None, text: str) -> None:
    assert said_in_cell(text, column) is None


def test_cells_that_tell_by_themselves_are_known_in_the_spellings_of_tools() -> None:
    assert {"Unsubscribed", "UNSUBSCRIBED", "Opted Out", "opt-out", "NEVER_SUBSCRIBED", "Désabonné"} <= TELLING_CELLS
    assert all(said_in_cell(text, None) for text in TELLING_CELLS)
    assert not {"yes", "Active", "Cancelled", "", "Spam"} & TELLING_CELLS


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("unsubscribed_email_audience_export_0123abcd.csv", Said.UNSUBSCRIBED),
        ("cleaned_email_audience_export_0123abcd.csv", Said.HARD_BOUNCE),
        ("cleaned.csv", Said.HARD_BOUNCE),
        ("nonsubscribed_email_audience_export_0123abcd.csv", Said.NEVER_AGREED),
        ("subscribed_email_audience_export_0123abcd.csv", None),
        ("suppression_list.csv", Said.MANUAL),
        ("Opt-Outs 2025.csv", Said.UNSUBSCRIBED),
        ("fair-bounced.csv", Said.HARD_BOUNCE),
        ("spam_reports.csv", Said.COMPLAINT),
        ("Abgemeldete Kontakte.csv", Said.UNSUBSCRIBED),
        ("désabonnés.csv", Said.UNSUBSCRIBED),
        ("blocklisted", Said.MANUAL),
        ("leads.csv", None),
        ("leads-cleaned.csv", None),
        ("leads-without-bounces.csv", None),
    ],
)
def test_the_name_of_a_file_may_say_it_of_everybody(name: str, said: Said | None) -> None:
    assert said_in_file_name(name) is said
