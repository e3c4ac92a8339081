"""Whatever becomes of the files, `check` answers, and every finding has a place that exists."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from nurture_cli.check import check
from nurture_cli.project import load_project

ROOT = Path(__file__).parents[2]
A_TUESDAY_MORNING = 1772528400


def broken(text: str, dice: random.Random) -> str:
    """The text with one line lost, doubled, moved, joined to the next, or cut."""
    lines = text.split("\n")
    at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
    match dice.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines.insert(to, lines[at])
        case 2:
            lines.insert(to, lines.pop(at))
        case 3:
            lines[at : at + 2] = ["".join(lines[at : at + 2])]
        case _:
            lines[at] = lines[at][: dice.randrange(len(lines[at]) + 1)]
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(8))
def test_broken_files_are_told_of_at_places_that_exist(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "nurture.yml", tmp_path)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file())

    for _ in range(6):  # the damage adds up
        path = dice.choice([path for path in files if path.exists()])
        if dice.random() < 0.1:
            path.unlink()
        else:
            path.write_text(broken(path.read_text(), dice))
        project = load_project(tmp_path)
        for found in check(project, at=A_TUESDAY_MORNING):
            for span in (found.span, *(span for span, _ in found.related)):
                lines = project.sources.get(span.file, "").split("\n")
                assert 1 <= span.line <= len(lines), found
                assert 1 <= span.col <= span.end <= len(lines[span.line - 1]) + 2, found


def test_findings_come_by_place_and_each_once(tmp_path: Path) -> None:
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "nurture.yml", tmp_path)
    campaigns = tmp_path / "campaigns"
    text = (campaigns / "zero-trust.yml").read_text()
    (campaigns / "zero-trust.yml").write_text(text.replace("within: 5 days", "within: forever"))
    (campaigns / "second-look.yml").write_text("campaign: second-look\nprio: 50\n")

    findings = check(load_project(tmp_path))
    assert list(findings) == sorted(findings, key=lambda finding: finding.order)
    assert len(set(findings)) == len(findings)
    assert {finding.rule for finding in findings} >= {"wait-forever", "unknown-key"}


def test_an_asset_that_cannot_be_read_is_not_called_unused(tmp_path: Path) -> None:
    for name in ("campaigns", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "nurture.yml", tmp_path)
    (tmp_path / "campaigns" / "zero-trust.yml").write_text("campaign: [\n")

    assert "unused-asset" not in {finding.rule for finding in check(load_project(tmp_path))}
