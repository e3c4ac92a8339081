"""From a channel in nurture.yml to its messenger."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture_cli.campaign.channels import Outbox, Settings, Smtp, Task, Tls, Webhook
from nurture_cli.campaign.model import Channel
from nurture_cli.delivery.channels import open_messenger
from nurture_cli.delivery.memory import MemoryMessenger
from nurture_cli.delivery.messenger import Blame, Outcome, Outgoing, Receipt
from nurture_cli.errors import Misconfigured
from nurture_cli.text.diagnostic import Span
from tests.delivery.mails import Gate, mail
from tests.delivery.server import Server


def channel(settings: Settings) -> Channel:
    return Channel("way", settings, None, None, (), Span("nurture.yml", 1, 1, 1))


def test_an_outbox_is_a_folder_of_the_project(tmp_path: Path) -> None:
    for settings, folder in ((Outbox(), "outbox"), (Outbox("mails"), "mails")):
        messenger = open_messenger(channel(settings), tmp_path, None)  # type: ignore[arg-type]
        messenger.open()
        messenger.deliver(mail(), Gate())
        assert len(list((tmp_path / folder).iterdir())) == 1


def test_a_relay_is_reached_and_logged_in_with_the_password_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PW", "canary")
    with Server(users={"me": "canary"}) as server:
        way = channel(Smtp("127.0.0.1", server.port, Tls.OFF, user="me", password_env="PW"))
        messenger = open_messenger(way, tmp_path, None)  # type: ignore[arg-type]
        messenger.open()
        receipt = messenger.deliver(mail(), Gate())
        messenger.close()

    assert receipt.outcome is Outcome.ACCEPTED


def test_a_relay_without_a_user_needs_no_password(tmp_path: Path) -> None:
    with Server() as server:
        way = channel(Smtp("127.0.0.1", server.port, Tls.OFF))
        messenger = open_messenger(way, tmp_path, None)  # type: ignore[arg-type]
        messenger.open()
        messenger.close()

    assert "auth" not in server.commands


def test_a_webhook_without_its_secret_is_not_set_up(tmp_path: Path) -> None:
    way = channel(Webhook("http://127.0.0.1:9/", secret_env="NOT_SET"))

    with pytest.raises(Misconfigured, match=r"NOT_SET, which channel way reads its secret from, is not set"):
        open_messenger(way, tmp_path, None).open()  # type: ignore[arg-type]


def test_a_task_is_agreed_to_unless_it_is_not_due_any_more(tmp_path: Path) -> None:
    messenger = open_messenger(channel(Task()), tmp_path, None)  # type: ignore[arg-type]
    messenger.open()
    outcomes = [messenger.deliver(mail(), Gate(answer)).outcome for answer in (True, False)]
    messenger.close()

    assert outcomes == [Outcome.ACCEPTED, Outcome.DEFERRED]


def test_only_mail_over_the_wire_may_have_several_connections_and_may_be_in_doubt() -> None:
    ways = (Smtp("h", 587, connections=4), Outbox(), Webhook("https://h.example/"), Task())

    assert [way.connections for way in ways] == [4, 1, 1, 1]
    assert [way.redelivers_safely for way in ways] == [False, False, True, True]
    assert Smtp("h", 587).connections == 1


def test_a_messenger_in_memory_answers_as_its_script_says() -> None:
    def script(message: Outgoing) -> Receipt:
        outcomes = {"1": Outcome.ACCEPTED, "2": Outcome.REFUSED, "3": Outcome.UNKNOWN}
        return Receipt(outcomes[message.key.split("/")[2]], Blame.NOBODY)

    memory = MemoryMessenger(script)
    memory.open()
    gates = [Gate() for _ in range(3)]
    outcomes = [memory.deliver(mail(number), gate).outcome for number, gate in enumerate(gates, 1)]
    withheld = memory.deliver(mail(1), Gate(answer=False))
    memory.close()

    assert outcomes == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.UNKNOWN]
    assert [gate.asked for gate in gates] == [1, 0, 1]
    assert withheld.outcome is Outcome.DEFERRED
    assert memory.accepted == [mail(1)]
    assert memory.attempted == [mail(1), mail(2), mail(3), mail(1)]
    assert MemoryMessenger().deliver(mail(), Gate()).outcome is Outcome.ACCEPTED
