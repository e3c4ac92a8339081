"""A message that could not be made is made once what was wrong is mended, wherever that stood; and not before."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nurture_cli.errors import WrongUsage
from nurture_cli.runner.idle import nothing_to_do
from nurture_cli.runner.resolve import Resolution, resolve
from nurture_cli.store.database import writing
from nurture_cli.store.touches import count_failed_waiting
from tests.delivery.endpoint import Endpoint
from tests.delivery.server import Fault, Server
from tests.runner.house import AT, HOUR, House

FOOT = "{{ sender.postal_address }} {{ unsubscribe_url }}"
FOREIGN = "*|FNAME|*"
BODY = "{% include '_part.md' %}\n\n{% from '_macros.md' import hi %}{{ hi() }}"
SETTINGS = "nurture.yml"


def build(house: House, port: int, *, steps: tuple[str, ...] = ("send: a",), hook: int = 9) -> House:
    """A project whose only asset is made from everything that a message can be made from."""
    house.build(port, contacts=1, steps=steps, hook=hook)
    house.write_asset("a", body=BODY)
    for name in ("_layout.txt", "_layout.html"):
        house.write(f"templates/{name}", f"{{{{ body }}}} {FOOT}\n")
    house.write("templates/_part.md", "A part. {% include '_inner.md' %}\n")
    house.write("templates/_inner.md", "Within it.\n")
    house.write("templates/_macros.md", "{% macro hi() %}Good morning.{% endmacro %}\n")
    house.write("templates/_unused.md", "Unused.\n")
    return house


def change(house: House, name: str, old: str, new: str) -> None:
    """Write other words into a file of the project."""
    text = (house.folder / name).read_text()
    assert old in text
    house.write(name, text.replace(old, new))


def attempts(house: House) -> tuple[str, int]:
    """The state of the only touch, and how often it was tried."""
    ((state, count),) = house.ask("SELECT state, attempts FROM touch")
    return state, count


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("templates/a.md", "{% include", f"{FOREIGN} {{% include"),
        ("templates/_layout.txt", "{{ body }}", f"{{{{ body }}}} {FOREIGN}"),
        ("templates/_layout.html", "{{ body }}", f"{{{{ body }}}} {FOREIGN}"),
        ("templates/_layout.html", " {{ unsubscribe_url }}", ""),
        ("templates/_part.md", "A part.", FOREIGN),
        ("templates/_inner.md", "Within it.", FOREIGN),
        ("templates/_macros.md", "Good morning.", "{{ nobody }}"),
        (SETTINGS, "name: Nora", "name: '{{ company }}'"),
        (SETTINGS, "  postal_address: 1 Garden Lane, 10115 Berlin\n", ""),
        (SETTINGS, "name: Nora", "name: Nora\n  permission_reminder: 'Dear {{ name }}, you asked for it.'"),
        (SETTINGS, "project: house", "project: '{{ house }}'"),
    ],
    ids=lambda text: text if "/" in text or text == SETTINGS else "",
)
def test_what_a_message_is_made_from_frees_it_when_it_is_mended(
    house: House, sink: Server, name: str, right: str, wrong: str
) -> None:
    build(house, sink.port)
    sound = (house.folder / name).read_text()
    change(house, name, right, wrong)
    assert house.run().done.failed == 1
    assert house.ask("SELECT reason FROM touch")[0].startswith(name)

    house.write(name, sound)
    again = [house.run(AT + hours * HOUR).done for hours in (1, 2, 3)]

    assert [done.sent for done in again] == [1, 0, 0]
    assert sum(done.failed for done in again) == 0
    assert len(sink.accepted) == 1


def test_a_mended_fact_of_the_contact_frees_its_message(house: House, sink: Server) -> None:
    build(house, sink.port)
    house.write_asset("a", body="Dear {{ contact.last_name }}")
    assert house.run().done.failed == 1

    with house.opened() as db, writing(db):
        db.execute("UPDATE contact SET last_name = 'Lee'")

    assert [house.run(AT + hours * HOUR).done.sent for hours in (1, 2)] == [1, 0]
    assert b"Dear Lee" in sink.accepted[0].data


def test_a_field_that_is_declared_frees_the_messages_that_print_it(house: House, sink: Server) -> None:
    build(house, sink.port)
    house.write_asset("a", body="{{ contact.seats | default('No') }} seats.")
    assert house.run().done.failed == 1

    change(house, SETTINGS, "zone:", "fields: {seats: number}\nzone:")

    assert [house.run(AT + hours * HOUR).done.sent for hours in (1, 2)] == [1, 0]


def note_event(house: House) -> None:
    """The contact does something, which no message is made from."""
    with house.opened() as db, writing(db):
        db.execute(
            "INSERT INTO event (contact_id, kind, at, recorded_at, source, key) VALUES (1, 'visited', ?, ?, 't', 'v')",
            (AT, AT),
        )


@pytest.mark.parametrize(
    "edit",
    [
        lambda house: house.write("templates/_unused.md", "Unused still.\n"),
        lambda house: house.write_asset("b", body="Another text."),
        lambda house: change(house, "campaigns/c.yml", "title: C", "title: D"),
        lambda house: change(house, SETTINGS, "guard: 100000", "guard: 99999"),
        lambda house: change(house, SETTINGS, "[early, customer]", "[early, target, customer]"),
        lambda house: change(house, SETTINGS, "folder: files", "folder: letters"),
        note_event,
        lambda house: None,
    ],
    ids=["part-of-others", "other-asset", "campaign", "limit", "stages", "other-channel", "event", "nothing"],
)
def test_nothing_else_has_it_tried_again(house: House, sink: Server, edit: Callable[[House], None]) -> None:
    build(house, sink.port)
    change(house, "templates/_layout.html", "{{ body }}", f"{{{{ body }}}} {FOREIGN}")
    house.run()
    before = attempts(house)

    edit(house)
    later = [house.run(AT + hours * HOUR).done for hours in (1, 2)]

    assert before == attempts(house) == ("failed", 1)
    assert [done.claimed for done in later] == [0, 0]


def test_what_is_changed_and_still_wrong_is_tried_once_more(house: House, sink: Server) -> None:
    build(house, sink.port)
    change(house, "templates/_part.md", "A part.", FOREIGN)
    house.run()

    change(house, "templates/_part.md", FOREIGN, f"{FOREIGN}!")
    house.run(AT + HOUR)
    house.run(AT + 2 * HOUR)

    assert attempts(house) == ("failed", 2)


@pytest.mark.parametrize("name", ["templates/a.md", "templates/_layout.txt", SETTINGS])
def test_an_asset_that_was_asked_for_is_freed_as_well(house: House, sink: Server, name: str) -> None:
    right, wrong = {
        "templates/a.md": ("{% include", f"{FOREIGN} {{% include"),
        "templates/_layout.txt": ("{{ body }}", f"{{{{ body }}}} {FOREIGN}"),
        SETTINGS: ("name: Nora", "name: '{{ company }}'"),
    }[name]
    build(house, sink.port, steps=("wait: 30 days", "send: b"))
    with house.opened() as db, writing(db):
        db.execute(
            "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)"
            " VALUES (1, 'requested', 'a', ?, ?, 't', 'r')",
            (AT, AT),
        )
    change(house, name, right, wrong)
    assert house.run().done.failed == 1
    assert house.run(AT + HOUR).done.claimed == 0
    assert nothing_to_do(house.folder, house.database, AT + 2 * HOUR)

    change(house, name, wrong, right)

    assert [house.run(AT + hours * HOUR).done.sent for hours in (2, 3)] == [1, 0]
    assert house.ask("SELECT state FROM request") == ["sent"]


def test_a_webhook_in_doubt_leaves_once_its_text_is_what_it_was(house: House, sink: Server) -> None:
    with Endpoint(answer=None) as endpoint:
        build(house, sink.port, hook=endpoint.port)
        house.write_asset("a", channel="hook")
        house.run()
        house.write_asset("a", body="Another text.", channel="hook")
        endpoint.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        other = [house.run(AT + hours * HOUR).done.failed for hours in (1, 2)]
        house.write_asset("a", channel="hook")
        same = house.run(AT + 3 * HOUR)

    assert (other, same.done.sent) == ([1, 0], 1)
    before, after = endpoint.told
    assert before == after


def with_sales(house: House, to: str) -> House:
    stages = "[early, {stage: lead, when: touches() >= 0, handoff: sales}, customer]"
    change(house, SETTINGS, "[early, customer]", stages)
    house.write(SETTINGS, (house.folder / SETTINGS).read_text() + f"sales: {{channel: mail, {to}won: customer}}\n")
    return house


def test_a_brief_leaves_once_sales_has_an_address(house: House, sink: Server) -> None:
    with_sales(build(house, sink.port), "")
    assert house.run().done.failed == 1
    assert house.run(AT + HOUR).done.claimed == 0

    change(house, SETTINGS, "channel: mail, won", "channel: mail, to: sales@house.internal, won")

    assert [house.run(AT + hours * HOUR).done.sent for hours in (2, 3)] == [1, 0]
    assert [mail.recipient for mail in sink.accepted] == ["sales@house.internal"]


def test_a_brief_that_was_refused_is_tried_again_by_hand_and_never_given_up(house: House, sink: Server) -> None:
    with Server(faults={("rcpt", 0): Fault(b"550 5.1.1 no such mailbox\r\n")}) as refusing:
        with_sales(build(house, refusing.port), "to: sales@house.internal, ")
        assert [house.run(AT + hours * HOUR).done.failed for hours in (0, 1)] == [1, 0]
        refusing.faults = {}
        with house.opened() as db:
            with pytest.raises(WrongUsage, match="you cannot give it up"):
                resolve(db, "handoff/1/1", Resolution.FAILED, AT + HOUR)
            resolve(db, "handoff/1/1", Resolution.RESEND, AT + HOUR)
        again = [house.run(AT + hours * HOUR).done.sent for hours in (2, 3)]

    assert (again, len(refusing.accepted)) == ([1, 0], 1)


@pytest.mark.parametrize("in_doubt", [False, True])
def test_sales_is_told_by_a_task_where_no_brief_can_have_left_before(house: House, in_doubt: bool) -> None:
    fault = Fault(drop=True) if in_doubt else Fault(b"550 5.1.1 no such mailbox\r\n")
    with Server(faults={("dot" if in_doubt else "rcpt", 0): fault}) as server:
        with_sales(build(house, server.port), "to: sales@house.internal, ")
        house.run()
    assert house.ask("SELECT state FROM touch") == ["unknown" if in_doubt else "failed"]

    change(house, SETTINGS, "channel: mail, to: sales@house.internal, won", "channel: task, won")
    for hours in (1, 2):
        house.run(AT + hours * HOUR)

    assert house.ask("SELECT key FROM task") == ([] if in_doubt else ["handoff/1/1"])
    assert house.ask("SELECT briefed_at FROM handoff") == [None if in_doubt else AT + HOUR]


def test_a_higher_cap_frees_what_was_asked_for(house: House, sink: Server) -> None:
    build(house, sink.port, steps=("send: b",))
    change(house, SETTINGS, "10 per day", "1 per week")
    house.run()
    with house.opened() as db, writing(db):
        db.execute(
            "INSERT INTO event (contact_id, kind, asset, at, recorded_at, source, key)"
            " VALUES (1, 'requested', 'a', ?, ?, 't', 'r')",
            (AT, AT),
        )
    assert house.run(AT + HOUR).planned.held_by_reason == {"cap": 1}

    change(house, SETTINGS, "1 per week", "2 per week")

    assert [house.run(AT + hours * HOUR).done.sent for hours in (2, 3)] == [1, 0]


def test_only_failures_that_somebody_waits_for_are_counted_as_waiting(house: House) -> None:
    with Server(faults={("rcpt", 1): Fault(b"550 5.1.1 no such user\r\n")}) as server:
        build(house, server.port)
        house.write_asset("a", body="Dear {{ contact.first_name }}")
        with house.opened() as db, writing(db):
            house.add_contact(db, 2)
            db.execute("UPDATE contact SET first_name = NULL WHERE id = 2")
        house.run()

    assert house.states() == {1: "failed", 2: "failed"}  # the first was refused for good, and has gone on
    with house.opened() as db:
        assert count_failed_waiting(db) == 1
