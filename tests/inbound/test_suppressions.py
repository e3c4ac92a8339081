"""A file of addresses that are never written to: everybody in it is kept out, for the strongest reason given."""

from __future__ import annotations

import time

import pytest

from nurture_cli.errors import Findings, WrongUsage
from nurture_cli.inbound.column_map import ColumnMap
from nurture_cli.inbound.suppressions import SuppressionReport
from nurture_cli.store.suppressions import suppression_history
from tests.conftest import A_TUESDAY_MORNING as NOW

from .conftest import Desk


def numbers(report: SuppressionReport) -> dict[str, int]:
    """The numbers above zero, which add up."""
    counts = report.counts
    parts = ("new", "stronger", "same", "duplicate", "stayed", "skipped")
    assert counts["rows"] == sum(counts[name] for name in parts)
    return {name: count for name, count in counts.items() if count}


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    """Ann is a contact."""
    desk.contacts("email\nann@x.example\n")
    return desk


LISTS = {
    "plain": "ann@x.example\nBOB@x.example\n",
    "with a header": "E-mail address\nann@x.example\nBOB@x.example\n",
    "with another header": "Do not mail\nann@x.example\nBOB@x.example\n",
    "with blank lines": "\n\nann@x.example\n\n bob@x.example \n\n",
    "quoted": '"ann@x.example"\n"bob@x.example"',
    "from windows": "\ufeffann@x.example\r\nbob@x.example\r\n",
}


@pytest.mark.parametrize("content", LISTS.values(), ids=LISTS)
def test_a_plain_list_needs_no_header(crowd: Desk, content: str) -> None:
    report = crowd.suppressions(content)

    assert (report.new, report.contacts, report.skipped) == (2, 1, 0)
    assert (crowd.suppressed("ann@x.example"), crowd.suppressed("bob@x.example")) == ("manual", "manual")


@pytest.mark.parametrize(
    ("name", "content", "given", "reason"),
    [
        ("list.csv", "email\nann@x.example\n", None, "manual"),
        ("list.csv", "email\nann@x.example\n", "complaint", "complaint"),
        ("unsubscribed_members_export_1a2b.csv", "email\nann@x.example\n", None, "unsubscribed"),
        ("cleaned.csv", "email\nann@x.example\n", None, "hard-bounce"),
        ("cleaned.csv", "email\nann@x.example\n", "manual", "manual"),
        ("spam_reports.csv", "email\nann@x.example\n", None, "complaint"),
        ("list.csv", "Unsubscribed\nann@x.example\n", None, "unsubscribed"),
        ("bounces.csv", "email,Status\nann@x.example,spam complaint\n", "manual", "complaint"),
        ("list.csv", "email,UNSUB_TIME\nann@x.example,2025-03-01 10:00:00\n", None, "unsubscribed"),
        ("list.csv", "email,UNSUB_TIME\nann@x.example,2025-03-01 10:00:00\n", "hard-bounce", "unsubscribed"),
        ("list.csv", "email,reason\nann@x.example,hard-bounce\n", None, "hard-bounce"),
        ("list.csv", "email,suppressed\nann@x.example,complaint\n", None, "complaint"),
        ("list.csv", "E-Mail;Abgemeldet am;Grund\nann@x.example;03.02.2025;zu viel\n", None, "unsubscribed"),
        ("list.csv", "email,Status\nann@x.example,who knows\n", None, "manual"),
        ("list.csv", "email,Status\nann@x.example,who knows\n", "unsubscribed", "unsubscribed"),
        ("list.csv", "email,Email Opt Out,Bounced\nann@x.example,yes,yes\n", None, "unsubscribed"),
        ("list.csv", "email,UNSUB_TIME\nann@x.example,\n", "complaint", "complaint"),
    ],
)
def test_the_reason_comes_from_the_row_else_from_the_flag_else_from_the_name_of_the_file(
    crowd: Desk, name: str, content: str, given: str | None, reason: str
) -> None:
    crowd.suppressions(crowd.file(content, name), reason=given)

    assert crowd.suppressed("ann@x.example") == reason


@pytest.mark.parametrize(
    ("head", "cell"),
    [
        ("Status", "subscribed"), ("Status", "active"), ("Newsletter", "yes"), ("Email Opt Out", "no"),
        ("suppressed", ""), ("UNSUB_TIME", ""), ("Status", "unconfirmed"), ("consent", "express"),
    ],
)  # fmt: skip
def test_who_has_not_left_is_passed_over_and_counted(crowd: Desk, head: str, cell: str) -> None:
    report = crowd.suppressions(f"email,{head}\nann@x.example,{cell}\n")

    assert numbers(report) == {"rows": 1, "stayed": 1}
    assert crowd.suppressed("ann@x.example") is None
    everybody = crowd.suppressions(
        f"email,{head}\nann@x.example,{cell}\n", column_map=ColumnMap(columns={head: "ignore"})
    )
    assert numbers(everybody) == {"rows": 1, "new": 1, "contacts": 1}


def test_the_same_file_twice_changes_nothing_and_a_stronger_reason_replaces_a_weaker_one(crowd: Desk) -> None:
    weak = "email\nann@x.example\nbob@x.example\nANN@x.example\n"
    first = crowd.suppressions(weak, reason="hard-bounce")
    before = crowd.dump()
    second = crowd.suppressions(weak, reason="hard-bounce", now=NOW + 60)

    assert numbers(first) == {"rows": 3, "new": 2, "duplicate": 1, "contacts": 1}
    assert numbers(second) == {"rows": 3, "same": 2, "duplicate": 1}
    assert crowd.dump() == before
    assert numbers(crowd.suppressions("ann@x.example\n", reason="complaint")) == {"rows": 1, "stronger": 1}
    assert numbers(crowd.suppressions("ann@x.example\n", reason="unsubscribed")) == {"rows": 1, "same": 1}
    assert crowd.suppressed("ann@x.example") == "complaint"
    assert [one.reason for one in suppression_history(crowd.db, crowd.hash("ann@x.example"))] == [
        "hard-bounce", "complaint",
    ]  # fmt: skip


def test_every_row_is_accounted_for_and_what_cannot_be_used_is_kept_with_its_reason(crowd: Desk) -> None:
    report = crowd.suppressions(
        "email,Status\nann@x.example,unsubscribed\nann,unsubscribed\n*@competitor.com,unsubscribed\n"
        "@competitor.com,x\ncompetitor.com,x\nbob@x.example\n,\ncleo@x.example,active\nann@x.example,bounced\n"
    )

    assert numbers(report) == {
        "rows": 8, "new": 1, "duplicate": 1, "stayed": 1, "skipped": 5, "empty": 1, "contacts": 1,
    }  # fmt: skip
    rejects = crowd.rejects()
    assert rejects.count("This means a whole domain, and only single addresses can be suppressed.") == 3
    assert "An address needs an @." in rejects
    assert "The row has 1 cells" in rejects
    assert crowd.suppressed("ann@x.example") == "unsubscribed"


def test_the_link_of_a_mail_stands_for_its_contact(crowd: Desk) -> None:
    token = crowd.keys.unsubscribe_token(crowd.hash("ann@x.example"), "c/1/1/1")

    for content in (
        f"https://shop.example/u/{token}\n",
        f"{token}\n",
        f"email,x\n<mailto:o@x.example?subject={token}>,\n",
    ):
        assert crowd.suppressions(content).rows == 1
    assert crowd.suppressed("ann@x.example") == "manual"


def test_a_preview_changes_nothing(crowd: Desk) -> None:
    before = crowd.dump()

    assert numbers(crowd.suppressions("ann@x.example\nbob\n", preview=True)) == {
        "rows": 2, "new": 1, "skipped": 1, "contacts": 1,
    }  # fmt: skip
    assert crowd.dump() == before
    assert not (crowd.folder / "rejects.csv").exists()


def test_a_column_can_be_named(crowd: Desk) -> None:
    content = "who,why,Status\nann@x.example,Spam,active\n"

    report = crowd.suppressions(content, email="who", column_map=ColumnMap(columns={"why": "reason"}))

    assert report.read == ("why",)
    assert crowd.suppressed("ann@x.example") == "complaint"
    with pytest.raises(WrongUsage, match="no column with email addresses"):
        crowd.suppressions(content)
    with pytest.raises(WrongUsage, match="first_name"):
        crowd.suppressions(content, email="who", column_map=ColumnMap(columns={"why": "first_name"}))


def test_a_table_without_a_header_is_refused(crowd: Desk) -> None:
    with pytest.raises(Findings, match="has no header row"):
        crowd.suppressions("ann@x.example,Ann\nbob@x.example,Bob\n")


def test_words_that_are_not_understood_suppress_and_are_told(crowd: Desk) -> None:
    report = crowd.suppressions("email,Status\nann@x.example,odd\nbob@x.example,odd\ncleo@x.example,unsubscribed\n")

    assert report.not_understood == (("odd", 2),)
    assert report.by_reason == {"manual": 2, "unsubscribed": 1}


def test_a_yes_to_another_question_spares_nobody(crowd: Desk) -> None:
    crowd.suppressions("email,Email valid,Active\nann@x.example,yes,yes\n")

    assert crowd.suppressed("ann@x.example") == "manual"


def test_a_later_import_of_contacts_finds_who_left(crowd: Desk) -> None:
    crowd.suppressions("bob@x.example\n", reason="unsubscribed")

    report = crowd.contacts(
        "email,consent,consent_basis,consent_source\nbob@x.example,express,form,fair\n", raise_consent=True
    )

    assert report.notes["suppressed"] == 1
    assert crowd.contact("bob@x.example").suppressed == "unsubscribed"


def test_a_hundred_thousand_rows_are_a_matter_of_seconds(crowd: Desk) -> None:
    content = "email,UNSUB_TIME\n" + "".join(f"p{at}@x.example,2025-03-01 10:00:00\n" for at in range(100_000))

    before = time.process_time()
    report = crowd.suppressions(content)
    taken = time.process_time() - before

    assert report.new == 100_000
    assert taken < 15
