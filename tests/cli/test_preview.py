"""A preview shows what would be sent, and with --to sends one test mail that changes nothing."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import re
import sqlite3
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from nurture_cli.clock import SteppingClock
from nurture_cli.timing import parse_instant
from tests.conftest import AddPerson, MakeProject, Nurture
from tests.delivery.server import Fault, Server
from tests.projects import SHOP

CONSENT = ("consent=express", "consent_basis=form", "consent_source=fair")
SUNDAY_NIGHT = parse_instant("2026-03-08T03:00", "Europe/Berlin")


class Mailbox:
    """Takes every mail."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  as it is called
        await asyncio.sleep(0)
        self.envelopes.append(envelope)
        return "250 2.0.0 queued"


class Relay(Controller):
    """A real mail server on a free port of this machine."""

    def __init__(self) -> None:
        super().__init__(Mailbox(), hostname="127.0.0.1", port=0)

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    @property
    def mails(self) -> list[EmailMessage]:
        """What it took."""
        return [read(bytes(envelope.content)) for envelope in self.handler.envelopes]


@pytest.fixture
def relay() -> Iterator[Relay]:
    """A relay that takes everything."""
    server = Relay()
    server.start()
    yield server
    server.stop()


def with_relay(port: int, more: str = "") -> dict[str, str]:
    """The files of a shop whose mail goes to a relay on this machine."""
    smtp = f"{{type: smtp, host: 127.0.0.1, port: {port}, tls: 'off', timeout: 5{more}}}"
    return {"nurture.yml": SHOP["nurture.yml"].replace("{type: outbox}", smtp)}


def dump(shop: Path) -> list[str]:
    """Everything that the database holds."""
    connection = sqlite3.connect(shop / "nurture.db")
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def read(data: bytes) -> EmailMessage:
    mail = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_test_mail_arrives_marked_and_the_store_knows_nothing_of_it(
    nurture: Nurture, project: MakeProject, relay: Relay, clock: SteppingClock
) -> None:
    shop = project(with_relay(relay.port))
    nurture("contacts", "add", "ann@firm.example", "first_name=Ann", *CONSENT, cwd=shop)
    nurture("contacts", "tag", "ann@firm.example", "fair", cwd=shop)
    before = dump(shop)
    clock.at = SUNDAY_NIGHT

    answer = nurture("preview", "welcome", "--contact", "ann@firm.example", "--to", "Me@firm.example", cwd=shop)

    assert (answer.code, answer.err) == (0, "")
    assert answer.out == f"Sent to Me@firm.example by relay 127.0.0.1:{relay.port}.\n"
    (envelope,), (mail,) = relay.handler.envelopes, relay.mails
    assert (envelope.rcpt_tos, mail["To"]) == (["Me@firm.example"], "Me@firm.example")
    assert (mail["Subject"], mail["X-Nurture-Test"], mail["X-Nurture-Touch"]) == ("[Test] Welcome, Ann", "yes", None)
    assert "Hello Ann" in text_of(mail)
    assert "Sun, 08 Mar 2026 02:00:00" in mail["Date"]
    assert dump(shop) == before
    assert not (shop / "nurture.journal").exists()


def test_after_a_test_mail_the_contact_still_gets_the_asset(
    nurture: Nurture, project: MakeProject, relay: Relay, clock: SteppingClock
) -> None:
    shop = project(with_relay(relay.port, ", daily: 1"))
    nurture(
        "contacts", "add", "ann@firm.example", "consent=express", "consent_basis=form", "consent_source=x", cwd=shop
    )
    nurture("contacts", "tag", "ann@firm.example", "fair", cwd=shop)

    for _ in range(2):
        assert nurture("preview", "welcome", "--to", "ann@firm.example", cwd=shop).code == 0
        clock.at += 1
    ran = nurture("run", cwd=shop)

    assert "1 sent" in ran.out
    assert [mail["Subject"] for mail in relay.mails] == [
        "[Test] Welcome, Alex",
        "[Test] Welcome, Alex",
        "Welcome, friend",
    ]
    assert len({mail["Message-ID"] for mail in relay.mails}) == 3


def test_the_way_out_of_a_test_mail_stands_for_nobody(nurture: Nurture, project: MakeProject, relay: Relay) -> None:
    shop = project(with_relay(relay.port))
    nurture("contacts", "add", "ann@firm.example", cwd=shop)

    nurture("preview", "welcome", "--contact", "ann@firm.example", "--to", "me@firm.example", cwd=shop)
    mail = relay.mails[0]
    links = [*re.findall(r"https://\S+/unsubscribe/\S+", text_of(mail)), mail["List-Unsubscribe"]]
    answers = [nurture("unsubscribe", link, cwd=shop) for link in links]

    assert len(links) == 2
    for answer in answers:
        assert answer.code == 1
        assert "the token of a test mail or a sample, and belongs to no contact" in answer.err
    assert nurture("suppress", "list", "--json", cwd=shop).out == ""


def test_a_suppressed_address_gets_no_test_mail_either(nurture: Nurture, project: MakeProject, relay: Relay) -> None:
    shop = project(with_relay(relay.port))
    nurture("suppress", "add", "me@firm.example", "--unsubscribed", "--why", "on the phone", cwd=shop)

    answer = nurture("preview", "welcome", "--to", "ME@firm.example", cwd=shop)

    assert answer.code == 3
    assert "ME@firm.example is suppressed (unsubscribed, on the phone)" in answer.err
    assert "nurture suppress remove" in answer.err
    assert relay.handler.envelopes == []


FAULTS = [
    ("connect", Fault(b"421 4.3.2 too busy\r\n", drop=True), 75, "421 4.3.2 too busy"),
    ("ehlo", Fault(drop=True), 75, "cannot be reached"),
    ("mail", Fault(b"450 4.7.1 slow down\r\n"), 75, "was put off: 450 4.7.1 slow down"),
    ("mail", Fault(b"550 5.7.1 blocked\r\n"), 1, "was refused: 550 5.7.1 blocked"),
    ("rcpt", Fault(b"550 5.1.1 no such user\r\n"), 1, "Is the address right?"),
    ("dot", Fault(b"552 5.3.4 too big\r\n"), 1, "The problem is the message itself"),
    ("dot", Fault(drop=True), 4, "It may have arrived"),
]


@pytest.mark.parametrize(("phase", "fault", "code", "words"), FAULTS, ids=lambda value: str(value)[:20])
def test_what_a_relay_answers_is_told_with_the_codes_of_a_run(
    nurture: Nurture, project: MakeProject, phase: str, fault: Fault, code: int, words: str
) -> None:
    with Server({(phase, 0): fault}) as server:
        shop = project(with_relay(server.port))
        before = dump(shop)
        answer = nurture("preview", "welcome", "--to", "me@firm.example", cwd=shop)

    assert (answer.code, answer.out) == (code, "")
    assert words in answer.err
    assert dump(shop) == before


def test_a_login_that_cannot_be_is_a_matter_of_configuration(
    nurture: Nurture, project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(users={"ada": "right"}) as server:
        shop = project(with_relay(server.port, ", user: ada, password_env: SECRET"))
        monkeypatch.delenv("SECRET", raising=False)
        missing = nurture("preview", "welcome", "--to", "me@firm.example", cwd=shop)
        monkeypatch.setenv("SECRET", "wrong")
        refused = nurture("preview", "welcome", "--to", "me@firm.example", cwd=shop)

    assert (missing.code, refused.code) == (78, 78)
    assert "SECRET" in missing.err
    assert "ada" in refused.err
    assert server.accepted == []


def test_an_outbox_keeps_the_test_mail_as_a_file_and_says_where(nurture: Nurture, shop: Path) -> None:
    answer = nurture("preview", "welcome", "--to", "me@firm.example", cwd=shop)
    again = nurture("preview", "guide", "--to", "me@firm.example", "--json", cwd=shop)

    place = Path(answer.out.rstrip("\n"))
    record = json.loads(again.out)
    assert (answer.code, again.code) == (0, 0)
    assert read((shop / place).read_bytes())["Subject"] == "[Test] Welcome, Alex"
    assert "only keeps mails as files" in answer.err
    assert (record["to"], record["channel"], record["relay"], record["reply"]) == (
        "me@firm.example",
        "mail",
        None,
        None,
    )
    assert record["message_id"] in Path(record["file"]).read_text()


def test_a_test_mail_through_a_relay_as_json(nurture: Nurture, project: MakeProject, relay: Relay) -> None:
    shop = project(with_relay(relay.port))

    record = json.loads(nurture("preview", "welcome", "--to", "me@firm.example", "--json", cwd=shop).out)

    assert (record["relay"], record["file"]) == (f"127.0.0.1:{relay.port}", None)
    assert record["reply"] == "2.0.0 queued"
    assert f"<{record['message_id']}>" == relay.mails[0]["Message-ID"]


@pytest.mark.parametrize("words", [[], ["--contact", "ann@firm.example"], ["--json"], ["--part", "raw"]])
def test_without_to_nothing_is_even_connected_to(nurture: Nurture, project: MakeProject, words: list[str]) -> None:
    with Server() as server:
        shop = project(with_relay(server.port))
        nurture("contacts", "add", "ann@firm.example", cwd=shop)
        answer = nurture("preview", "welcome", *words, cwd=shop)

    assert answer.code == 0
    assert (server.connections, server.accepted) == (0, [])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["call", "--to", "me@firm.example"], "call goes out as task"),
        (["welcome", "--to", "me"], "not an email address"),
        (["welcome", "--to", "*@firm.example"], "not an email address"),
        (["welcome", "--to", "me@firm.example", "--part", "raw"], "--part"),
        (["welcome", "--to", "me@firm.example", "--contact", "zoe@firm.example"], "no contact zoe@firm.example"),
        (["welcmoe", "--to", "me@firm.example"], "Did you mean welcome?"),
    ],
)
def test_what_cannot_be_sent_as_a_test_is_wrong_usage(
    nurture: Nurture, shop: Path, words: list[str], said: str
) -> None:
    answer = nurture("preview", *words, cwd=shop)

    assert answer.code == 2
    assert said in answer.err
    assert not (shop / "outbox").exists()


def test_the_mail_speaks_of_the_day_that_is_asked_about_and_leaves_today(
    nurture: Nurture, project: MakeProject, relay: Relay
) -> None:
    dated = SHOP["templates/welcome.md"].replace("Hello", "It is {{ today | date }}. Hello")
    shop = project(with_relay(relay.port) | {"templates/welcome.md": dated})

    nurture("preview", "welcome", "--to", "me@firm.example", "--at", "2027-01-05T09:00", cwd=shop)

    mail = relay.mails[0]
    assert "It is 5 January 2027." in text_of(mail)
    assert "Tue, 03 Mar 2026" in mail["Date"]


def test_a_sample_contact_has_every_fact_and_needs_no_database(nurture: Nurture, shop: Path) -> None:
    body = (
        "---\ntitle: All\nsubject: For {{ contact.company }}\nstages: [lead]\nroles: [buyer]\n---\n"
        "{{ contact.first_name }} {{ contact.last_name }}, {{ contact.job_title }} ({{ contact.role }}), "
        "{{ contact.stage }}: {{ contact.employees }} people, {{ contact.renewal | date }}"
        "{% if contact.vip %}, a VIP{% endif %}.\n"
    )
    (shop / "templates/all.md").write_text(body)
    (shop / "nurture.db").unlink()

    answer = nurture("preview", "all", cwd=shop)

    assert answer.code == 0
    assert "Subject: For Sample Company\n" in answer.out
    said = " ".join(answer.out.split())
    assert "Alex Sample, Head of Operations (buyer), lead: 100 people, 3 March 2026, a VIP." in said
    assert "sample contact" in answer.err


@pytest.mark.parametrize("name", ["welcome", "call"])
def test_a_preview_for_programs(nurture: Nurture, shop: Path, person: AddPerson, name: str) -> None:
    person("ann@firm.example", first_name="Ann")

    record = json.loads(nurture("preview", name, "--contact", "ann@firm.example", "--json", cwd=shop).out)

    if name == "call":
        assert record == {"title": "Call them", "text": "Call ann@firm.example.\n"}
    else:
        assert record["headers"]["to"] == "Ann <ann@firm.example>"
        assert record["headers"]["subject"] == "Welcome, Ann"
        assert "Hello Ann" in record["text"]
        assert "<html" in record["html"]
