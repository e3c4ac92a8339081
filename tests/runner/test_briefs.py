"""The brief for Sales leaves once, by the channel that nurture.yml names."""

from __future__ import annotations

import json
import shutil
from email import message_from_bytes, policy
from pathlib import Path

from nurture_cli.places import DATABASE, JOURNAL_FILE
from nurture_cli.runner.idle import nothing_to_do
from nurture_cli.runner.recover import recover_from_journal
from tests.delivery.endpoint import Endpoint
from tests.delivery.server import Server
from tests.runner.house import AT, DAY, House

FUNNEL = """
stages:
  - early
  - {stage: lead, when: interest >= 5, handoff: sales}
  - customer
sales: {channel: %s, to: sales@house.internal, won: customer}
"""


def with_sales(house: House, channel: str) -> House:
    text = (house.folder / "nurture.yml").read_text("utf-8")
    house.write("nurture.yml", text.replace("stages: [early, customer]\n", FUNNEL % channel))
    return house


def test_the_brief_is_a_mail_to_sales_and_the_lead_gets_nothing(house: House, sink: Server) -> None:
    with_sales(house.build(sink.port, contacts=2), "mail")

    report = house.run()
    again = house.run(AT + DAY)

    assert (report.done.sent, again.done.sent, report.exit_code) == (2, 0, 0)
    assert [[mail.recipient] for mail in sink.accepted] == [["sales@house.internal"]] * 2
    mail = message_from_bytes(sink.accepted[0].data, policy=policy.default)
    assert mail["Subject"] == "Lead: Ann"
    assert mail["List-Unsubscribe"] is None
    assert "c1@people.example" in mail.get_content()
    assert house.ask("SELECT key, state, handoff_id, reaches_contact FROM touch ORDER BY id") == [
        ("handoff/1/1", "sent", 1, 0), ("handoff/2/1", "sent", 2, 0),
    ]  # fmt: skip
    assert house.ask("SELECT 1 FROM enrollment") == []  # a lead from the first: no campaign lets it in
    assert nothing_to_do(house.folder, house.folder / DATABASE, AT + 2 * DAY)


def test_a_brief_that_the_relay_puts_off_leaves_later_once(house: House, sink: Server) -> None:
    with_sales(house.build(1, contacts=1), "mail")
    assert house.run().exit_code == 75  # nobody listens there
    assert house.ask("SELECT briefed_at FROM handoff") == [None]
    text = (house.folder / "nurture.yml").read_text("utf-8")
    house.write("nurture.yml", text.replace("port: 1,", f"port: {sink.port},"))

    house.run(AT + DAY)
    house.run(AT + 2 * DAY)

    assert len(sink.accepted) == 1
    assert house.ask("SELECT briefed_at FROM handoff") == [AT + DAY]


def test_without_an_address_of_sales_the_brief_fails_and_says_why(house: House, sink: Server) -> None:
    with_sales(house.build(sink.port, contacts=1), "mail")
    text = (house.folder / "nurture.yml").read_text("utf-8")
    house.write("nurture.yml", text.replace("to: sales@house.internal, ", ""))

    report = house.run()

    assert report.exit_code == 1
    assert house.ask("SELECT state, reason FROM touch") == [
        ("failed", "nurture.yml: The brief has no address to go to.")
    ]


def test_the_brief_is_posted_to_a_webhook_with_its_key(house: House, sink: Server) -> None:
    with Endpoint() as endpoint:
        with_sales(house.build(sink.port, contacts=1, hook=endpoint.port), "hook")

        house.run()
        house.run(AT + DAY)

    (request,) = endpoint.requests
    head, _, body = request.partition(b"\r\n\r\n")
    told = json.loads(body)
    assert (told["key"], told["project"]) == ("handoff/1/1", "house")
    assert told["handoff"]["contact"]["email"] == "c1@people.example"
    assert b"Idempotency-Key: " in head
    assert (house.states(), sink.accepted) == ({1: "sent"}, [])


def test_a_task_tells_of_a_lead_once(house: House, sink: Server) -> None:
    with_sales(house.build(sink.port, contacts=1), "task")

    house.run()
    house.run(AT + DAY)

    assert house.ask("SELECT key, title FROM task") == [("handoff/1/1", "Talk to Ann")]
    assert house.ask("SELECT briefed_at FROM handoff") == [AT]
    assert nothing_to_do(house.folder, house.folder / DATABASE, AT + 2 * DAY)


def test_yesterdays_backup_learns_of_the_brief_from_the_journal(house: House, sink: Server, tmp_path: Path) -> None:
    with_sales(house.build(sink.port, contacts=1), "mail")
    backup = tmp_path / "backup"
    shutil.copyfile(house.database, backup)
    house.run()
    shutil.copyfile(backup, house.database)
    with house.opened() as db:
        assert recover_from_journal(db, house.folder / JOURNAL_FILE, AT + DAY).in_doubt == 1

    assert house.ask("SELECT key, state, handoff_id FROM touch") == [("handoff/1/1", "unknown", 1)]
    house.run(AT + DAY)
    assert len(sink.accepted) == 1  # Sales has it already
    assert house.ask("SELECT cause, state FROM handoff ORDER BY id") == [("recalled", "open")]
    assert house.ask("SELECT stage FROM contact") == ["lead"]
