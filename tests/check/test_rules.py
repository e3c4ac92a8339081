"""The rules as a whole: one file each, a page each, and an example that is what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nurture_cli.check import RULES, Rule, check, rules
from nurture_cli.project import load_project
from tests.check.fragments import build

NOT_WRITTEN_OUT = {"body-too-large"}  # an example would fill this page; it has a test of its own
WRITTEN_OUT = [rule for rule in RULES if rule.id not in NOT_WRITTEN_OUT]
EXAMPLE = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
A_TUESDAY_MORNING = 1772528400


def test_every_file_among_the_rules_is_a_rule_named_like_its_id() -> None:
    files = {path.stem for path in Path(rules.__file__).parent.glob("*.py")} - {"__init__"}

    assert {rule.id.replace("-", "_") for rule in RULES} == files
    assert [rule.id for rule in RULES] == sorted(rule.id for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_page_of_a_rule_says_what_why_and_how(rule: Rule) -> None:
    headings = re.findall(r"^## (.*)$", rule.docs, re.MULTILINE)

    assert headings == ["What it does", "Why is this bad?", "Example"]
    assert re.fullmatch(r"[A-Z].*\.", rule.summary)


@pytest.mark.parametrize("rule", WRITTEN_OUT, ids=lambda rule: rule.id)
def test_the_bad_example_on_the_page_is_found_and_the_good_one_is_not(rule: Rule, tmp_path: Path) -> None:
    bad, good = EXAMPLE.findall(rule.docs)

    assert rule.id in found_in(build(tmp_path / "bad", bad))
    assert rule.id not in found_in(build(tmp_path / "good", good))


@pytest.mark.parametrize("rule", WRITTEN_OUT, ids=lambda rule: rule.id)
def test_a_finding_has_the_severity_and_the_id_of_its_rule(rule: Rule, tmp_path: Path) -> None:
    bad, _ = EXAMPLE.findall(rule.docs)
    findings = check(load_project(build(tmp_path, bad)), at=A_TUESDAY_MORNING)

    severities = {finding.severity for finding in findings if finding.rule == rule.id}
    assert severities == {rule.severity}


def test_a_mail_that_is_too_large_to_be_shown_is_found(tmp_path: Path) -> None:
    front = "---\ntitle: Hello\nkind: article\nsubject: Hello from us\n---\n"
    fitting = build(tmp_path / "good", f"# templates/hello.md\n{front}{'word ' * 19_999}\n")
    too_large = build(tmp_path / "bad", f"# templates/hello.md\n{front}{'word ' * 20_001}\n")

    assert "body-too-large" not in found_in(fitting)
    assert "body-too-large" in found_in(too_large)


def found_in(root: Path) -> set[str]:
    """The ids of what is found; a mistake that the parser finds means the example itself is wrong."""
    project = load_project(root)
    assert project.diagnostics == ()
    return {finding.rule for finding in check(project, at=A_TUESDAY_MORNING)}


def test_many_findings_of_one_kind_are_counted_and_not_all_told(tmp_path: Path) -> None:
    def told(count: int) -> list[str]:
        body = "".join("{{ nobody }}\n" for _ in range(count))
        root = build(tmp_path / str(count), f"# templates/hello.md\nsubject: Hello\n---\n{body}")
        return [one.message for one in check(load_project(root)) if one.rule == "undefined-variable"]

    assert told(100) == ["There is no `nobody`."] * 100
    assert told(101)[98:] == [
        "There is no `nobody`.",
        "There is no `nobody`. (And 1 more finding of this rule in this file.)",
    ]
    assert told(5_000)[-1].endswith("(And 4,900 more findings of this rule in this file.)")
