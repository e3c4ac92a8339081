"""`check` and the making of messages agree: what one refuses the other finds, and what it passes can be made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nurture_cli.check import RULES, Rule, check
from nurture_cli.keys import Keys
from nurture_cli.message.failure import RenderError
from nurture_cli.message.render import Renderer
from nurture_cli.project import load_project
from nurture_cli.records import Contact
from tests.check.fragments import build
from tests.check.test_rules import EXAMPLE

ROOT = Path(__file__).parents[2]
A_TUESDAY_MORNING = 1772528400

# The rules about which the maker of messages has a say, too.
ABOUT_MESSAGES = [
    rule
    for rule in RULES
    if rule.id
    in {
        "bad-include", "bad-link", "body-empty", "foreign-placeholder", "layout-without-body", "link-not-set",
        "missing-postal-address", "missing-unsubscribe", "subject-empty", "subject-too-long", "template-syntax",
        "undefined-variable", "unguarded-variable", "unresolved-placeholder",
    }
]  # fmt: skip

HARDLY_KNOWN = Contact(id=1, email="someone@example.com", address_hash=b"x" * 16, stage="awareness", stage_at=0)
WELL_KNOWN = replace(
    HARDLY_KNOWN, first_name="Ada", last_name="Example", company="Example Ltd", job_title="CTO", role="buyer",
    phone="+49 30 1234", country="DE", language="en", source="fair", zone="Europe/Berlin",
)  # fmt: skip


def refusals(root: Path) -> Iterator[str]:
    """The reasons for which messages of the project cannot be made, for somebody known and somebody unknown."""
    project = load_project(root)
    renderer = Renderer(project, Keys(bytes(32)))
    assert project.config is not None
    for asset in project.assets.values():
        make = renderer.message if project.config.channels[asset.channel].settings.is_mail else renderer.document
        for contact in (HARDLY_KNOWN, WELL_KNOWN):
            try:
                make(asset, contact, key="a/1/1/1", at=A_TUESDAY_MORNING)
            except RenderError as error:
                yield f"{asset.name}: {error.reason}: {error}"


@pytest.mark.parametrize("rule", ABOUT_MESSAGES, ids=lambda rule: rule.id)
def test_what_a_rule_finds_cannot_be_made_and_what_it_passes_can(rule: Rule, tmp_path: Path) -> None:
    bad, good = EXAMPLE.findall(rule.docs)

    assert list(refusals(build(tmp_path / "bad", bad))) != []
    assert list(refusals(build(tmp_path / "good", good))) == []


def test_every_message_of_the_example_project_can_be_made() -> None:
    assert list(refusals(ROOT)) == []


def test_every_message_of_the_silent_projects_can_be_made(tmp_path: Path) -> None:
    for case in sorted((Path(__file__).parent / "silent").glob("*.yml")):
        assert list(refusals(build(tmp_path / case.stem, case.read_text()))) == []


@pytest.mark.parametrize("body", ["![seal]({})", '<img src="{}">', "[seal]({})", '<a href="{}">seal</a>'])
@pytest.mark.parametrize("suffix", ["md", "html"])
@pytest.mark.parametrize(
    "link",
    [
        "cid:seal", "data:image/png;base64,AA", "mailto:ines@example.com", "tel:+4930123", "javascript:x",
        "/seal.png", "//example.com/seal.png", "https:seal.png", "https://me@example.com/", "#seal", "#",
        "https://example.com/seal.png", "http://example.com/seal.png",
    ],
)  # fmt: skip
def test_a_link_that_check_passes_can_be_sent_and_no_other(link: str, suffix: str, body: str, tmp_path: Path) -> None:
    text = body.format(link)
    front = "title: Seal\nkind: article\nsubject: A seal"
    root = build(tmp_path, f"# templates/seal.{suffix}\n---\n{front}\n---\nHello, this is a text.\n\n{text}\n")

    found = [one for one in check(load_project(root)) if one.rule == "bad-link"]
    refused = [one for one in refusals(root) if one.startswith("seal: bad-link")]

    assert bool(found) == bool(refused)
