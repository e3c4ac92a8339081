"""A comment allows a warning or a note on its line or on the next, and never an error."""

from __future__ import annotations

from pathlib import Path

from nurture_cli.check import check
from nurture_cli.project import load_project
from tests.check.fragments import build

WAITS = """# campaigns/example.yml
stages:
  any:
    - send: hello
    {above}
    - wait_for: clicked("hello"){beside}
      within: forever
      then: []
      else: []
"""
LOOPS = """# campaigns/example.yml
stages:
  any:
    - id: again
      set:
        tag: seen
    # nurture: allow loop-without-wait
    - goto: again  # nurture: allow loop-without-wait
"""


def found(folder: Path, fragment: str) -> list[str]:
    return [finding.rule for finding in check(load_project(build(folder, fragment))) if finding.rule != "unused-asset"]


def test_a_comment_on_the_line_allows_the_finding(tmp_path: Path) -> None:
    assert found(tmp_path, WAITS.format(above="# no comment", beside="")) == ["wait-forever"]
    assert found(tmp_path, WAITS.format(above="# no comment", beside="  # nurture: allow wait-forever")) == []


def test_a_comment_on_the_line_above_allows_the_finding(tmp_path: Path) -> None:
    assert found(tmp_path, WAITS.format(above="# nurture: allow wait-forever", beside="")) == []


def test_a_comment_about_another_rule_allows_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, WAITS.format(above="# nurture: allow no-way-out", beside="")) == ["wait-forever"]


def test_one_comment_may_name_several_rules(tmp_path: Path) -> None:
    assert found(tmp_path, WAITS.format(above="# nurture: allow no-way-out, wait-forever", beside="")) == []


def test_a_comment_in_the_body_of_a_template_allows_what_stands_below_it(tmp_path: Path) -> None:
    front = "# templates/hello.md\n---\ntitle: Hello\nkind: article\nsubject: Hello\n---\n"
    body = "Hello {{ contact.company }}.\n"

    assert found(tmp_path, front + body) == ["unguarded-variable"]
    assert found(tmp_path, front + "{# nurture: allow unguarded-variable #}\n" + body) == []


def test_an_error_is_never_allowed(tmp_path: Path) -> None:
    assert found(tmp_path, LOOPS) == ["loop-without-wait"]


def test_an_asset_that_nobody_sends_is_allowed_in_its_front_matter(tmp_path: Path) -> None:
    fragment = "# templates/extra.md\n---\n{above}title: Extra\nkind: article\nsubject: More\n---\nMore.\n"

    def ids(folder: Path, above: str) -> list[str]:
        return [one.rule for one in check(load_project(build(folder, fragment.format(above=above))))]

    assert ids(tmp_path / "bare", "") == ["unused-asset"]
    assert ids(tmp_path / "allowed", "# nurture: allow unused-asset\n") == []
