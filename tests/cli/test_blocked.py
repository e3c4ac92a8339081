"""A run that could not do what was due is seen: by itself, in `status`, and by its code, until a run goes through."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nurture_cli.clock import SteppingClock
from nurture_cli.keys import KEY_FILE
from nurture_cli.store.database import open_reader
from nurture_cli.store.runs import Run, last_runs
from tests.conftest import AddPerson, Nurture
from tests.delivery.server import Fault, Server
from tests.projects import SHOP

MINUTES = 60
CHANNEL = "{type: smtp, host: 127.0.0.1, port: PORT, tls: 'off', user: me, password_env: SHOP_PASSWORD}"
SETTINGS = SHOP["nurture.yml"]


def relay(shop: Path, port: int, **changed: str) -> None:
    """Let the shop send through a relay on this port."""
    channel = CHANNEL.replace("PORT", str(port))
    for name, value in changed.items():
        channel = re.sub(rf"{name}: [^,}}]+", f"{name}: {value}", channel)
    (shop / "nurture.yml").write_text(SETTINGS.replace("{type: outbox}", channel))


def runs(shop: Path) -> list[Run]:
    db = open_reader(shop / "nurture.db")
    try:
        return last_runs(db, 100)
    finally:
        db.close()


def blocked(nurture: Nurture, shop: Path) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(nurture("status", "--json", cwd=shop).out)["blocked"]
    return found


def test_a_refused_login_is_recorded_shown_and_over_when_it_is_mended(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "bob"):
        person(f"{name}@example.com", "fair")
    monkeypatch.setenv("SHOP_PASSWORD", "wrong")
    with Server(users={"me": "right"}) as sink:
        relay(shop, sink.port)
        cron, watched = nurture("run", cwd=shop), nurture("run", cwd=shop, terminal=True)
        for _ in range(10):
            clock.advance(5 * MINUTES)
            nurture("run", cwd=shop)
        status, code = nurture("status", cwd=shop), nurture("status", "--exit-code", cwd=shop).code

        assert (cron.code, cron.out, cron.err.count("\n")) == (78, "", 2)  # what happened, and what to do
        assert watched.out == "2026-03-03 10:00 +01:00: 0 of 2 sent.\n"
        assert "0 of 2 sent; The" in status.out
        assert re.search(r"Needs a human:\n  runs cannot send: .*535", status.out)
        assert code == 1
        (kept,) = runs(shop)  # however often cron tries
        assert (kept.due, kept.sent, kept.code, kept.blocked, kept.times) == (2, 0, 78, True, 12)

        monkeypatch.setenv("SHOP_PASSWORD", "right")
        assert "2 sent" in nurture("run", cwd=shop).out
    assert blocked(nurture, shop) is None
    assert nurture("status", "--exit-code", cwd=shop).code == 0
    assert "Needs a human" not in nurture("status", cwd=shop).out


def _without_password(shop: Path, port: int, patch: pytest.MonkeyPatch) -> None:
    patch.delenv("SHOP_PASSWORD")


def _with_an_open_password_file(shop: Path, port: int, patch: pytest.MonkeyPatch) -> None:
    (shop / "password").write_text("right")
    (shop / "password").chmod(0o644)
    text = (shop / "nurture.yml").read_text()
    (shop / "nurture.yml").write_text(text.replace("password_env: SHOP_PASSWORD", "password_file: password"))


def _without_key(shop: Path, port: int, patch: pytest.MonkeyPatch) -> None:
    (shop / KEY_FILE).rename(shop / "kept.key")


def _with_a_mistake(shop: Path, port: int, patch: pytest.MonkeyPatch) -> None:
    path = shop / "campaigns" / "fair.yml"
    path.write_text(path.read_text().replace("exit:", "exitt:"))


def _with_a_narrow_guard(shop: Path, port: int, patch: pytest.MonkeyPatch) -> None:
    text = (shop / "nurture.yml").read_text()
    (shop / "nurture.yml").write_text(text.replace("guard: 50", "guard: 1"))


def _without_encryption(shop: Path, port: int, patch: pytest.MonkeyPatch) -> None:
    relay(shop, port, tls="starttls")


def _adopted_elsewhere(shop: Path, port: int, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("nurture_cli.store.instance.host_fingerprint", lambda: "another")


Harm = Callable[[Path, int, pytest.MonkeyPatch], None]


@pytest.mark.parametrize(
    ("harm", "code", "why"),
    [
        (_without_password, 78, "SHOP_PASSWORD"),
        (_with_an_open_password_file, 78, "password"),
        (_without_key, 78, "nurture.key is missing"),
        (_with_a_mistake, 1, "error"),
        (_with_a_narrow_guard, 3, "limits.guard"),
        (_without_encryption, 78, "STARTTLS"),
        (_adopted_elsewhere, 3, "machine"),
    ],
    ids=lambda value: value.__name__ if callable(value) else str(value),
)
def test_whatever_keeps_a_run_from_what_is_due_needs_a_human(
    nurture: Nurture, shop: Path, person: AddPerson, harm: Harm, code: int, why: str
) -> None:
    for name in ("ann", "bob"):
        person(f"{name}@example.com", "fair")
    with Server(users={"me": "right"}) as sink, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_PASSWORD", "right")
        relay(shop, sink.port)
        harm(shop, sink.port, patch)
        answers = [nurture("run", cwd=shop) for _ in range(3)]
        (kept,) = runs(shop)

    assert [answer.code for answer in answers] == [code] * 3
    assert (kept.code, kept.blocked, kept.times, kept.sent) == (code, True, 3, 0)
    assert why in str(kept.ended)
    assert sink.accepted == []
    if harm is not _with_a_mistake and harm is not _adopted_elsewhere:
        assert why in nurture("status", cwd=shop).out.partition("Needs a human:")[2]
        assert nurture("status", "--exit-code", cwd=shop).code == 1


def test_a_mistake_that_is_mended_is_no_news_even_when_nothing_is_due(
    nurture: Nurture, shop: Path, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    nurture("run", cwd=shop)
    sound = (shop / "campaigns" / "fair.yml").read_text()
    _with_a_mistake(shop, 0, monkeypatch)
    assert nurture("run", cwd=shop).code == 1
    (shop / "campaigns" / "fair.yml").write_text(sound)
    assert blocked(nurture, shop) is not None

    quiet = nurture("run", cwd=shop)

    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    assert blocked(nurture, shop) is None
    assert nurture("run", cwd=shop).code == 0
    assert [run.ended for run in runs(shop)] == ["done", "The files have 1 error."]


def test_a_channel_is_mended_once_it_opens_though_nothing_is_due_any_more(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("ann@example.com", "fair")
    monkeypatch.setenv("SHOP_PASSWORD", "wrong")
    with Server(users={"me": "right"}) as sink:
        relay(shop, sink.port)
        assert nurture("run", cwd=shop).code == 78
        clock.advance(8 * 60 * MINUTES)  # the window has closed
        cron, watched = nurture("run", cwd=shop), nurture("run", cwd=shop, terminal=True)

        assert (cron.code, cron.out) == (78, "")
        assert "535" in cron.err
        assert watched.out.startswith("2026-03-03 18:00 +01:00: nothing sent, 1 held back: outside the send window ")
        (kept,) = runs(shop)
        assert (kept.due, kept.code, kept.blocked, kept.times) == (1, 78, True, 3)
        assert nurture("status", "--exit-code", cwd=shop).code == 1

        path = shop / "campaigns" / "fair.yml"
        sound = path.read_text()
        path.write_text(sound.replace("exit:", "exitt:"))
        assert nurture("run", cwd=shop).code == 1
        path.write_text(sound)
        assert nurture("run", cwd=shop).code == 78  # another trouble on the way is not the end of the first

        monkeypatch.setenv("SHOP_PASSWORD", "right")
        mended = nurture("run", cwd=shop)
    assert (mended.code, mended.out, mended.err) == (0, "", "")
    assert sink.accepted == []
    assert nurture("status", "--exit-code", cwd=shop).code == 0
    assert runs(shop)[0].ended == "done"


def test_a_run_through_another_channel_leaves_a_channel_blocked(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (shop / "campaigns" / "fair.yml").read_text()
    call = text.replace("campaign: fair", "campaign: calls").replace('"fair"', '"calls"')
    call = call.replace("    - send: welcome\n    - wait: 2 days\n    - send: guide\n", "")
    (shop / "campaigns" / "calls.yml").write_text(call.replace("Mon-Fri 09:00-17:00", "Mon-Fri 09:00-20:00"))
    person("ann@example.com", "fair")
    monkeypatch.setenv("SHOP_PASSWORD", "wrong")
    with Server(users={"me": "right"}) as sink:
        relay(shop, sink.port)
        assert nurture("run", cwd=shop).code == 78
        clock.advance(8 * 60 * MINUTES)
        person("bob@example.com", "calls")

        called = nurture("run", cwd=shop)

        assert (called.code, "1 of 1 sent" in called.out) == (78, True)
        assert blocked(nurture, shop) is not None
        assert nurture("run", cwd=shop).code == 78
    assert (blocked(nurture, shop) or {})["runs"] == 1


def test_a_relay_that_is_down_needs_a_human_when_it_stays_down(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("ann@example.com", "fair")
    monkeypatch.setenv("SHOP_PASSWORD", "right")
    monkeypatch.setattr("nurture_cli.runner.send.OPENING_PAUSES", ())
    with Server(users={"me": "right"}, faults={("connect", 0): Fault(b"421 4.3.2 closing\r\n", drop=True)}) as sink:
        relay(shop, sink.port)
        assert nurture("run", cwd=shop).code == 75
        assert blocked(nurture, shop) is None
        clock.advance(61 * MINUTES)
        assert nurture("run", cwd=shop).code == 75

    assert (blocked(nurture, shop) or {})["runs"] == 2


def test_a_run_that_another_one_keeps_out_is_no_news(nurture: Nurture, shop: Path) -> None:
    from nurture_cli.store.database import run_lock

    with run_lock(shop / "nurture.db"):
        assert nurture("run", cwd=shop, terminal=True).code == 75
    assert runs(shop) == []
