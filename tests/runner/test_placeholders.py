"""What waits to be replaced does not leave: a relay on this machine gets nothing, and nothing is lost by that."""

from __future__ import annotations

import pytest

from nurture_cli.errors import Findings
from tests.delivery.endpoint import Endpoint
from tests.delivery.server import Server
from tests.runner.house import AT, HOUR, House

OWN, LAYOUT = "nora@house.internal", "{{ body }}\n{{ sender.postal_address }} {{ unsubscribe_url }}\n"


def change(house: House, name: str, old: str, new: str) -> None:
    """Write other words into a file of the project."""
    text = (house.folder / name).read_text()
    assert old in text
    house.write(name, text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (OWN, "nora@news.example.com"),
        (OWN, "nora@localhost.localdomain"),
        ("name: Nora", "name: Your Company"),
        ("name: Nora", "name: Nora\n  reply_to: nora@your-company.com"),
        ("1 Garden Lane, 10115 Berlin", "1 Example Street, 12345 Example Town"),
        ("leave@house.internal", "leave@example.org"),
        ("project: house", "project: TODO"),
    ],
)
def test_a_placeholder_in_the_settings_keeps_all_mail_here_until_it_is_replaced(
    house: House, sink: Server, old: str, new: str
) -> None:
    house.build(sink.port, contacts=2)
    change(house, "nurture.yml", old, new)

    stopped = house.run()
    before = (sink.connections, house.states())
    change(house, "nurture.yml", new, old)
    sent = house.run(AT + HOUR)

    trouble = stopped.done.closed["mail"]
    assert (stopped.exit_code, stopped.done.sent, stopped.done.failed) == (1, 0, 0)
    assert isinstance(trouble, Findings)
    assert "nurture.yml:" in trouble.sentence
    assert before == (0, {})
    assert (sent.done.sent, len(sink.accepted)) == (2, 2)


@pytest.mark.parametrize("name", ["_layout.txt", "_layout.html", "_part.md"])
def test_a_placeholder_in_a_layout_or_a_part_keeps_all_mail_here_until_it_is_replaced(
    house: House, sink: Server, name: str
) -> None:
    house.build(sink.port, contacts=2)
    house.write_asset("a", body="Hello.\n\n{% include '_part.md' %}")
    house.write("templates/_part.md", "See [us](https://www.house.internal/).\n")
    whole = LAYOUT if name.startswith("_layout") else ""
    house.write(f"templates/{name}", whole + '<a href="http://www.your-site.com/">us</a> http://www.your-site.com/\n')

    stopped = house.run()
    before = (sink.connections, house.states())
    change(house, f"templates/{name}", "your-site.com", "house.internal")
    sent = house.run(AT + HOUR)

    assert (stopped.exit_code, stopped.done.sent, stopped.done.failed) == (1, 0, 0)
    assert f"templates/{name}:" in stopped.done.closed["mail"].sentence
    assert before == (0, {})
    assert (sent.done.sent, len(sink.accepted)) == (2, 2)


@pytest.mark.parametrize(
    "asset",
    [
        {"body": "TODO: write this"},
        {"body": "[Read on](https://example.com/a)"},
        {"body": "[Read on]({{ asset.link }})", "link": "http://localhost:8000/a"},
        {"subject": "TBD"},
        {"preheader": '"[insert preheader]"'},
    ],
    ids=lambda asset: "+".join(asset),
)
def test_an_asset_with_a_placeholder_stays_here_until_it_is_replaced(
    house: House, sink: Server, asset: dict[str, str]
) -> None:
    house.build(sink.port, contacts=1)
    house.write_asset("a", **asset)

    stopped = house.run()
    before = len(sink.accepted)
    house.write_asset("a")
    sent = house.run(AT + HOUR)

    assert (stopped.done.sent, stopped.done.failed, stopped.exit_code, before) == (0, 1, 1, 0)
    assert sent.done.sent == len(sink.accepted) == 1
    assert b"Subject: About a\r\n" in sink.accepted[0].data


def test_what_only_might_be_a_placeholder_leaves(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=1)
    house.write_asset("a", body="Your TODO list, the XXX Olympics and ann@example.com, `TODO: x`.")

    assert house.run().done.sent == 1
    assert len(sink.accepted) == 1


def test_the_address_of_sales_is_looked_at_for_the_channel_that_carries_briefs(house: House, sink: Server) -> None:
    house.build(sink.port, contacts=1)
    text = (house.folder / "nurture.yml").read_text()
    stages = "[early, {stage: lead, when: touches() >= 9, handoff: sales}, customer]"
    house.write(
        "nurture.yml",
        text.replace("[early, customer]", stages) + "sales: {channel: mail, to: sales@example.com, won: customer}\n",
    )

    assert "example.com" in house.run().done.closed["mail"].sentence
    assert sink.connections == 0


def test_files_tasks_and_a_webhook_on_this_machine_are_free(house: House) -> None:
    with Endpoint() as endpoint:
        house.build(9, contacts=1, steps=("send: a", "send: b"), hook=endpoint.port)
        house.write_asset("a", channel="files", body="TODO: see https://example.com")
        house.write_asset("b", channel="hook", body="TODO: see https://example.com")
        change(house, "nurture.yml", OWN, "you@example.com")
        first, second = house.run(), house.run(AT + HOUR)

    assert (first.done.sent, second.done.sent, first.done.closed) == (1, 1, {})
