"""New assets and campaigns are right from the start, and never in the way of what is there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from nurture_cli.cli.scaffold import title_of
from nurture_cli.clock import SteppingClock
from tests.conftest import MakeProject, Nurture
from tests.projects import SHOP


def findings(nurture: Nurture, where: Path) -> list[tuple[str, str]]:
    """What `check` finds: rule and file."""
    answer = json.loads(nurture("check", "--format", "json", cwd=where).out)
    return [(one["rule"], one["file"]) for one in answer["findings"]]


@pytest.mark.parametrize("words", [["init", "p"], ["init", "p", "--example"]], ids=["starter", "example"])
def test_what_is_made_passes_check_with_nothing_to_say(nurture: Nurture, tmp_path: Path, words: list[str]) -> None:
    nurture(*words, cwd=tmp_path)
    there = tmp_path / "p"
    before = findings(nurture, there)

    one = nurture("new", "campaign", "spring-fair", cwd=there)
    two = nurture("new", "campaign", "autumn-fair", "price-list", "spring-fair-1", cwd=there)

    assert (one.code, two.code) == (0, 0)
    made = ["campaigns/spring-fair.yml", "templates/spring-fair-1.md", "templates/spring-fair-2.md"]
    assert one.out.splitlines() == made
    assert two.out.splitlines() == ["campaigns/autumn-fair.yml", "templates/price-list.md"]
    assert findings(nurture, there) == before


def test_a_new_asset_is_whole_and_only_says_that_nobody_sends_it_yet(nurture: Nurture, shop: Path) -> None:
    answer = nurture("new", "asset", "price-list", cwd=shop)

    assert (answer.code, answer.out) == (0, "templates/price-list.md\n")
    assert answer.err == "Look at it: nurture preview price-list\n"
    assert findings(nurture, shop) == [("unused-asset", "templates/price-list.md")]
    shown = nurture("preview", "price-list", cwd=shop).out
    assert "Subject: Price list\n" in shown
    assert "Hello Alex,\n\nHere is something that may help you: Price list" in shown
    assert "{#" not in shown


def test_a_new_campaign_sends_its_assets_one_after_the_other(
    nurture: Nurture, shop: Path, clock: SteppingClock
) -> None:
    nurture("new", "campaign", "spring", "guide", "price-list", cwd=shop)
    consent = ("consent=express", "consent_basis=form", "consent_source=site")
    nurture("contacts", "add", "ann@firm.example", *consent, cwd=shop)
    nurture("contacts", "tag", "ann@firm.example", "spring", cwd=shop)

    sent = []
    for _ in range(8):
        nurture("run", cwd=shop)
        sent.append(len(list((shop / "outbox").glob("*.eml"))))
        clock.at += 86400

    assert sent == [1, 1, 1, 1, 1, 1, 2, 2]  # the fourth day is a Saturday
    assert SHOP["templates/guide.md"] == (shop / "templates/guide.md").read_text()


def test_the_placeholder_of_a_new_asset_is_found_where_mail_leaves_the_machine(
    nurture: Nurture, project: MakeProject
) -> None:
    smtp = SHOP["nurture.yml"].replace("{type: outbox}", "{type: smtp, host: mail.shop.internal}")
    shop = project({"nurture.yml": smtp})
    before = findings(nurture, shop)

    nurture("new", "campaign", "spring", "price-list", cwd=shop)

    assert set(findings(nurture, shop)) - set(before) == {("placeholder-domain", "templates/price-list.md")}


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("Price List", "price-list"), ("a/b", "a-b"), ("templates/price-list.md", "price-list"), ("../x", "x"),
        ("_layout", "layout"), ("x" * 65, "x" * 64), ("größe", "gr-e"), ("-", None), ("", None), ("readme", None),
        ("a\nb", "a-b"), ("spring.yml", "spring"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("noun", ["asset", "campaign"])
def test_a_name_that_no_file_can_have_is_wrong_usage_with_one_that_could(
    nurture: Nurture, shop: Path, noun: str, name: str, better: str | None
) -> None:
    before = sorted(shop.rglob("*"))

    answer = nurture("new", noun, "--", name, cwd=shop)

    assert answer.code == 2
    assert "cannot be the name of" in answer.err
    assert (f"Try `{better}`" in answer.err) if better else ("Try" not in answer.err)
    assert sorted(shop.rglob("*")) == before


@pytest.mark.parametrize("taken", ["templates/spring-2.md", "templates/spring-2.html", "campaigns/spring.yaml"])
def test_what_is_there_is_never_overwritten_and_nothing_half_is_left(nurture: Nurture, shop: Path, taken: str) -> None:
    (shop / taken).write_text("mine")

    answer = nurture("new", "campaign", "spring", cwd=shop)

    if taken.startswith("campaigns"):
        assert (answer.code, answer.out) == (3, "")
        assert f"{taken} exists already. Nothing was changed." in answer.err
        assert not (shop / "templates/spring-1.md").exists()
    else:  # an asset that is there is what the campaign sends
        assert answer.code == 0
        assert [path.name for path in (shop / "templates").glob("spring-2.*")] == [Path(taken).name]
    assert (shop / taken).read_text() == "mine"


def test_an_asset_that_is_there_is_refused_by_name_whatever_its_ending(nurture: Nurture, shop: Path) -> None:
    answer = nurture("new", "asset", "call", cwd=shop)

    assert answer.code == 3
    assert "templates/call.txt exists already. Nothing was changed." in answer.err
    assert (shop / "templates/call.txt").read_text() == SHOP["templates/call.txt"]


def test_a_broken_link_is_not_written_through(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    (shop / "templates/price-list.md").symlink_to(tmp_path / "elsewhere.md")

    assert nurture("new", "asset", "price-list", cwd=shop).code == 3
    assert not (tmp_path / "elsewhere.md").exists()


def test_a_failure_on_the_way_leaves_nothing_behind(
    nurture: Nurture, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(shop.rglob("*"))
    really_open = Path.open

    def full(path: Path, mode: str = "r", *more: object, **rest: object) -> object:
        if mode == "xb" and path.name == "spring-2.md":
            raise OSError(28, "No space left on device")
        return really_open(path, mode, *more, **rest)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)

    assert nurture("new", "campaign", "spring", cwd=shop).code == 74
    assert sorted(shop.rglob("*")) == before


def test_outside_a_project_and_with_a_broken_one_nothing_is_made(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    outside = nurture("new", "asset", "x", cwd=tmp_path)
    (shop / "nurture.yml").write_text("project: [\n")
    broken = nurture("new", "campaign", "x", cwd=shop)

    assert (outside.code, broken.code) == (2, 1)
    assert "nurture init" in outside.err
    assert "nurture.yml:" in broken.err
    assert not (shop / "campaigns/x.yml").exists()


def test_an_asset_named_twice_is_wrong_usage(nurture: Nurture, shop: Path) -> None:
    assert nurture("new", "campaign", "x", "a", "b", "a", cwd=shop).code == 2
    assert not (shop / "campaigns/x.yml").exists()


def test_what_was_made_for_programs_and_from_elsewhere(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    record = json.loads(nurture("new", "asset", "x", "--json", cwd=shop).out)
    elsewhere = nurture("new", "asset", "y", "--project", shop, cwd=tmp_path)
    inside = nurture("new", "asset", "z", cwd=shop / "campaigns")

    assert record == {"folder": str(shop), "made": ["templates/x.md"]}
    assert elsewhere.out == "shop/templates/y.md\n"
    assert inside.out == "../templates/z.md\n"


def test_the_project_decides_about_channel_exit_and_priority(nurture: Nurture, project: MakeProject) -> None:
    config = (
        SHOP["nurture.yml"]
        .replace("{mail: {type: outbox}}", "{letters: {type: outbox}}")
        .replace("[name, lead, customer]", "[name, lead, buyer]")
    )
    files = {f"templates/{name}.md": None for name in ("welcome", "guide")}
    shop = project({"nurture.yml": config, "campaigns/fair.yml": None, **files})

    nurture("new", "campaign", "one", cwd=shop)
    nurture("new", "campaign", "two", cwd=shop)

    assert "\nchannel: letters\n" in (shop / "templates/one-1.md").read_text()
    texts = [(shop / f"campaigns/{name}.yml").read_text() for name in ("one", "two")]
    assert [re.findall(r"^priority: (\d+)", text, re.M) for text in texts] == [["50"], ["45"]]
    assert all('when: did("purchased")' in text for text in texts)
    assert [rule for rule, _ in findings(nurture, shop)] == ["unused-asset"]


@pytest.mark.parametrize(
    ("name", "title"), [("price-list", "Price list"), ("2026", '"2026"'), ("true", '"True"'), ("a_b", "A b")]
)
def test_a_name_becomes_a_title(name: str, title: str) -> None:
    assert title_of(name) == title
