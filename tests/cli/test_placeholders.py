"""A project of examples stays here: with a relay put in, each thing to replace is named, and nothing leaves."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.conftest import AddPerson, Nurture
from tests.delivery.server import Server

ROOT = Path(__file__).parents[2]
OUTBOX = "    type: outbox\n    folder: outbox\n"
RULES = {"placeholder-domain", "placeholder-text"}


def with_relay(project: Path, port: int) -> None:
    """Put a relay on this machine in the place of the outbox."""
    file = project / "nurture.yml"
    text = file.read_text()
    assert OUTBOX in text
    file.write_text(text.replace(OUTBOX, f"    type: smtp\n    host: localhost\n    port: {port}\n    tls: 'off'\n"))


def test_a_new_project_with_a_relay_names_what_is_to_be_replaced_and_sends_nothing(
    nurture: Nurture, tmp_path: Path
) -> None:
    nurture("init", "shop", cwd=tmp_path)
    shop = tmp_path / "shop"
    before = nurture("check", cwd=shop)
    with Server() as relay:
        with_relay(shop, relay.port)
        checked = nurture("check", "--format", "json", cwd=shop)
        facts = ("consent=express", "consent_basis=form", "consent_source=fair")
        nurture("contacts", "add", "ann@example.com", *facts, cwd=shop)
        nurture("request", "ann@example.com", "welcome", cwd=shop)
        ran = nurture("run", cwd=shop)

    found = [one for one in json.loads(checked.out)["findings"] if one["rule"] in RULES]
    assert (before.code, checked.code, ran.code) == (0, 1, 1)
    assert {one["file"] for one in found} >= {"nurture.yml"}
    assert "Nothing is sent through the channel `mail`: its messages have a placeholder. nurture.yml:" in ran.err
    assert "`nurture check` shows everything that you still have to replace." in ran.err
    assert (relay.connections, relay.accepted) == (0, [])


def test_the_example_is_sound_and_with_a_relay_each_of_its_addresses_is_named(nurture: Nurture, tmp_path: Path) -> None:
    nurture("init", "shop", "--example", cwd=tmp_path)
    shop = tmp_path / "shop"
    before = nurture("check", "--format", "json", cwd=shop)
    with_relay(shop, 25)
    checked = nurture("check", "--format", "json", cwd=shop)

    found = [one for one in json.loads(checked.out)["findings"] if one["rule"] in RULES]
    written = {
        (str(path.relative_to(shop)), number)
        for path in (shop / "nurture.yml", *(shop / "templates").iterdir())
        for number, line in enumerate(path.read_text().split("\n"), 1)
        if re.search(r"(?:@|https://)\S*\.example\b", line) and not line.lstrip().startswith("#")
    }
    assert (before.code, checked.code) == (0, 1)
    assert json.loads(before.out)["counts"]["warning"] == 0
    assert len(written) > 25
    assert {(one["file"], one["line"]) for one in found} == written


def test_a_draft_can_be_looked_at(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")
    file = shop / "nurture.yml"
    file.write_text(file.read_text().replace("{type: outbox}", "{type: smtp, host: localhost, tls: 'off'}"))
    (shop / "templates" / "welcome.md").write_text("---\ntitle: W\nsubject: TODO\n---\nTODO: https://example.com\n")

    shown = nurture("preview", "welcome", "--contact", "ann@example.com", cwd=shop)

    assert (shown.code, nurture("check", cwd=shop).code) == (0, 1)
    assert "Subject: TODO" in shown.out
