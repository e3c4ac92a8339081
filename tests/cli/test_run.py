import json
import os
import signal
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from nurture_cli.store.database import run_lock
from tests.conftest import AddPerson, Nurture
from tests.delivery.server import Server

DAY = 86400


def test_a_run_sends_what_is_due_and_says_so_in_one_line(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair", first_name="Ann")

    answer = nurture("run", cwd=shop)

    (mail,) = (shop / "outbox").glob("*.eml")
    assert (answer.code, answer.out, answer.err) == (0, "2026-03-03 10:00 +01:00: 1 sent.\n", "")
    assert b"Subject: Welcome, Ann" in mail.read_bytes()


def test_a_run_with_nothing_to_do_is_quiet_unless_somebody_watches(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com", "fair", consent="unknown")

    piped, seen = nurture("run", cwd=shop), nurture("run", cwd=shop, terminal=True, columns=300)

    assert (piped.code, piped.out, piped.err) == (0, "", "")
    assert (
        seen.out == "2026-03-03 10:00 +01:00: nothing to send, 1 held back: no consent recorded; see `nurture plan`.\n"
    )


def test_a_run_that_holds_everything_back_says_why_and_until_when(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    clock.advance(8 * 3600)
    for name in ("ann", "bob"):
        person(f"{name}@example.com", "fair")

    same = nurture("run", cwd=shop, terminal=True, columns=300)
    person("cleo@example.com", "fair", zone="Europe/London")
    later = nurture("run", cwd=shop, terminal=True, columns=300)
    person("dan@example.com", "fair", consent="unknown")
    mixed = nurture("run", cwd=shop, terminal=True, columns=300)

    begin = "2026-03-03 18:00 +01:00: nothing to send, "
    until = "until 2026-03-04 09:00 +01:00"
    assert same.out == f"{begin}2 held back: outside the send window {until}; see `nurture plan`.\n"
    assert later.out == f"{begin}3 held back: outside the send window, the first {until}; see `nurture plan`.\n"
    assert "4 held back: outside the send window (3, the first until " in mixed.out
    assert ", no consent recorded (1); see `nurture plan`." in mixed.out
    assert nurture("run", cwd=shop).out == ""


def test_a_run_with_nothing_due_says_why_to_whoever_watches_and_only_then(nurture: Nurture, shop: Path) -> None:
    nurture("contacts", "add", "ann@example.com", cwd=shop)

    piped, seen = nurture("run", cwd=shop), nurture("run", cwd=shop, terminal=True, columns=300)

    assert (piped.code, piped.out, piped.err) == (0, "", "")
    first, consent, entered = seen.out.splitlines()
    assert first == "2026-03-03 10:00 +01:00: nothing to send."
    assert consent.startswith("  The only contact has no recorded consent, so nothing can be sent to them. Record it:")
    assert entered.startswith('  The only contact has not entered `fair`: it asks for tag("fair").')


def test_json_tells_what_the_run_came_to(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")
    person("bob@example.com", "fair", consent="unknown")

    report = json.loads(nurture("run", "--json", cwd=shop).out)

    assert (report["due"], report["sent"], report["held"], report["exit_code"]) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("phase", "told"), [("ehlo", "nothing sent"), ("dot", "1 sent")], ids=["before the first mail", "at a mail"]
)
def test_a_run_that_is_asked_to_stop_says_so(
    nurture: Nurture, shop: Path, person: AddPerson, phase: str, told: str
) -> None:
    def interrupt(at: str, _: str) -> None:
        if at == phase:
            os.kill(os.getpid(), signal.SIGTERM)

    for number in range(3):
        person(f"p{number}@example.com", "fair")
    with Server(decide=interrupt) as sink:
        channel = f"{{type: smtp, host: 127.0.0.1, port: {sink.port}, tls: 'off'}}"
        text = (shop / "nurture.yml").read_text()
        (shop / "nurture.yml").write_text(text.replace("{type: outbox}", channel))
        answer = nurture("run", cwd=shop)

    words = f"2026-03-03 10:00 +01:00: {told}. The run was stopped by SIGTERM; the next one goes on from there.\n"
    assert (answer.code, answer.out, answer.err) == (143, words, "")
    assert len(sink.accepted) == told.count("1")


def test_the_guard_wants_the_number_confirmed(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    text = (shop / "nurture.yml").read_text()
    (shop / "nurture.yml").write_text(text.replace("guard: 50", "guard: 2"))
    for number in range(3):
        person(f"p{number}@example.com", "fair")

    refused = nurture("run", cwd=shop)
    too_few = nurture("run", "--confirm", 2, cwd=shop)
    confirmed = nurture("run", "--confirm", 3, cwd=shop)

    assert (refused.code, too_few.code, confirmed.code) == (3, 3, 0)
    assert "nurture run --confirm 3" in refused.err
    assert "3 sent" in confirmed.out


def test_a_limit_sends_the_first_of_the_plan(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    for number in range(3):
        person(f"p{number}@example.com", "fair")

    first, rest = nurture("run", "--limit", 2, cwd=shop), nurture("run", cwd=shop)

    assert "2 sent" in first.out
    assert "1 sent" in rest.out


@pytest.mark.parametrize(
    "words", [["--limit", "0"], ["--limit", "-1"], ["--limit", "abc"], ["--confirm", "0"], ["--now"]]
)
def test_numbers_that_are_none_are_wrong_usage(nurture: Nurture, shop: Path, words: list[str]) -> None:
    assert nurture("run", *words, cwd=shop).code == 2


def test_a_run_at_another_time_is_refused(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")

    answer = nurture("run", "--at", "2099-01-01", cwd=shop)

    assert answer.code == 2
    assert "`run` acts now" in answer.err
    assert not (shop / "outbox").exists()


def test_a_dry_run_is_the_plan(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")
    words = ["--json", "--at", "2026-03-08"]

    assert nurture("run", "--dry-run", *words, cwd=shop).out == nurture("plan", *words, cwd=shop).out
    assert nurture("run", "--dry-run", "--limit", 1, cwd=shop).code == 2


def test_a_second_run_ends_at_once_with_its_own_code(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")

    with run_lock(shop / "nurture.db"):
        answer = nurture("run", cwd=shop)

    assert answer.code == 75
    assert not (shop / "outbox").exists()


def test_a_touch_that_fails_is_code_1_and_the_others_go(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair", first_name="Ann")
    person("bob@example.com", "fair")
    text = (shop / "templates/welcome.md").read_text()
    (shop / "templates/welcome.md").write_text(text.replace(' | default("friend")', ""))

    answer = nurture("run", cwd=shop)

    assert answer.code == 1
    assert answer.out == "2026-03-03 10:00 +01:00: 1 sent, 1 failed.\n"
    assert answer.err == "See `nurture touches list --state failed`.\n"


def test_outside_a_project_and_with_a_lost_database_nothing_runs(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    outside = nurture("run", cwd=tmp_path)
    (shop / "nurture.db").unlink()
    lost = nurture("run", cwd=shop)
    (shop / "nurture.db").touch()
    empty = nurture("run", cwd=shop)

    assert (outside.code, lost.code, empty.code) == (2, 3, 3)
    assert "nurture init" in outside.err


def test_a_copy_of_the_project_does_not_run_until_it_is_adopted(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    person("ann@example.com", "fair")
    shop.rename(tmp_path / "moved")

    refused = nurture("run", cwd=tmp_path / "moved")
    adopted = nurture("adopt", cwd=tmp_path / "moved")
    sent = nurture("run", cwd=tmp_path / "moved")

    assert (refused.code, adopted.code, sent.code) == (3, 0, 0)
    assert "nurture adopt" in refused.err
    assert "1 sent" in sent.out


def test_tasks_are_listed_and_ticked_off(nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock) -> None:
    person("ann@example.com", "fair")
    for _ in range(4):
        nurture("run", cwd=shop)
        clock.advance(DAY)

    (task,) = (json.loads(line) for line in nurture("tasks", "list", "--json", cwd=shop).out.splitlines())
    done = nurture("tasks", "done", task["id"], "--note", "will decide in May", cwd=shop)
    again = nurture("tasks", "done", task["id"], cwd=shop)
    unknown = nurture("tasks", "done", 99, cwd=shop)

    assert (task["title"], task["email"], task["body"].strip()) == (
        "Call them",
        "ann@example.com",
        "Call ann@example.com.",
    )
    assert (done.code, again.code, unknown.code) == (0, 0, 2)
    assert nurture("tasks", "list", cwd=shop).out.count("\n") == 1
    assert "will decide in May" in nurture("tasks", "list", "--all", cwd=shop).out
