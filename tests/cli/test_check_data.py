"""What `check --data`, `plan` and `status` say of contacts for whom a run could do nothing, before it is on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nurture_cli.cli.check_data import RULES
from nurture_cli.clock import SteppingClock
from tests.conftest import AddPerson, Nurture

DAY = 86400


def findings(nurture: Nurture, shop: Path, rule: str) -> list[dict[str, Any]]:
    assert rule in RULES, "has no page"
    found = json.loads(nurture("check", "--data", "--format", "json", cwd=shop).out)["findings"]
    return [one for one in found if one["rule"] == rule]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_contacts_without_a_fact_that_an_asset_prints_are_counted_and_named(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    edit(shop / "templates" / "welcome.md", ' | default("friend") }}\n---', " }}\n---")
    for name in ("ann", "bob", "cleo", "dora"):
        person(f"{name}@example.com", "fair")
    person("eve@example.com", "fair", first_name="Eve")
    person("fay@example.com")  # enters nowhere
    person("gil@example.com", "fair", consent="unknown")

    (found,) = findings(nurture, shop, "people-without-fact")
    planned = nurture("plan", cwd=shop)

    who = "ann@example.com, bob@example.com, cleo@example.com and 1 more"
    assert found["message"] == f"4 contacts have no `contact.first_name` and would not get this: {who}."
    assert (found["file"], found["line"], found["severity"]) == ("templates/welcome.md", 3, "warning")
    assert (
        f"note: 4 of the due contacts have no `contact.first_name`, which `welcome` prints without a default, and"
        f" would not get it: {who}.\n"
    ) in planned.err
    nurture("run", cwd=shop)
    edit(shop / "templates" / "welcome.md", "{{ contact.first_name }}", "you")
    assert findings(nurture, shop, "people-without-fact") == []
    assert nurture("plan", cwd=shop).err.count("note:") == 0


def test_a_fact_of_the_project_counts_as_well_and_who_got_the_asset_does_not(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com", "fair")
    nurture("run", cwd=shop)
    for name in ("welcome", "guide"):
        edit(shop / "templates" / f"{name}.md", "---\nHe", "---\nYour {{ contact.employees }}. He")

    (found,) = findings(nurture, shop, "people-without-fact")
    assert found["file"] == "templates/guide.md"
    nurture("contacts", "set", "ann@example.com", "employees=20", cwd=shop)
    assert findings(nurture, shop, "people-without-fact") == []


def test_contacts_at_a_step_that_is_gone_are_an_error_with_the_line_to_write(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    path = shop / "campaigns" / "fair.yml"
    edit(path, "- wait: 2 days", "- id: first-pause\n      wait: 2 days")
    for name in ("ann", "bob"):
        person(f"{name}@example.com", "fair")
    for _ in range(2):  # the first sends, the second goes on to the wait
        nurture("run", cwd=shop)
    edit(path, "first-pause", "first-rest")

    answer = nurture("check", "--data", cwd=shop)
    (found,) = findings(nurture, shop, "people-stranded")

    assert (answer.code, nurture("run", cwd=shop).code) == (1, 3)
    assert found["message"].startswith("2 contacts are at step `any/first-pause`, which `fair` no longer has;")
    assert "`moved: {any/first-pause: any/first-rest}`" in found["help"]
    path.write_text(path.read_text() + "moved: {any/first-pause: any/first-rest}\n")
    assert nurture("check", "--data", cwd=shop).code == 0


def test_contacts_in_a_campaign_without_a_file_need_a_human(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    for name in ("ann", "bob"):
        person(f"{name}@example.com", "fair")
    nurture("run", cwd=shop)
    edit(shop / "campaigns" / "fair.yml", "campaign: fair", "campaign: the-fair")
    (shop / "campaigns" / "fair.yml").rename(shop / "campaigns" / "the-fair.yml")

    said = "2 contacts are in campaign `fair`, which has no file any more"
    (found,) = findings(nurture, shop, "people-in-missing-campaign")
    assert (found["message"], found["severity"]) == (f"{said}.", "warning")
    assert f"note: {said}.\n" in nurture("plan", cwd=shop).err
    assert f"  {said}\n" in nurture("status", cwd=shop).out.partition("Needs a human:")[2]


def test_whom_the_next_run_lets_in_is_not_in_no_campaign(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    nurture("run", cwd=shop)
    person("ann@example.com", "fair")
    person("bob@example.com")
    clock.at += DAY

    (found,) = findings(nurture, shop, "people-without-track")

    assert found["message"].startswith("1 contact with consent is in `name` and in no campaign")
