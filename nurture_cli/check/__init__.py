"""What is wrong with a project: what the parser found, and what the rules find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from nurture_cli.check.allow import Allowances
from nurture_cli.check.rules import RULES, Rule
from nurture_cli.check.survey import Survey
from nurture_cli.plural import how_many
from nurture_cli.project import Project
from nurture_cli.text.diagnostic import Diagnostic

MOST_ALIKE = 100  # findings of one rule in one file

__all__ = ["RULES", "Rule", "check"]


def check(project: Project, at: int | None = None) -> tuple[Diagnostic, ...]:
    """Every finding about the project's files, by place; with `at`, also about what has expired at that instant."""
    found = dict.fromkeys(project.diagnostics)
    if project.config is not None:
        survey = Survey(project, project.config, at)
        for rule in RULES:
            found.update(dict.fromkeys(rule.check(survey)))
    allowances = Allowances(project.sources)
    kept = (finding for finding in found if not allowances.cover(finding))
    return tuple(_not_too_many(sorted(kept, key=lambda finding: (finding.order, finding.message))))


def _not_too_many(found: list[Diagnostic]) -> Iterator[Diagnostic]:
    """The first findings of each rule in a file; the last of them says how many more there are."""
    counts = Counter((one.span.file, one.rule) for one in found)
    seen: Counter[tuple[str, str]] = Counter()
    for one in found:
        kind = (one.span.file, one.rule)
        seen[kind] += 1
        if seen[kind] < MOST_ALIKE or counts[kind] == MOST_ALIKE:
            yield one
        elif seen[kind] == MOST_ALIKE:
            more = how_many(counts[kind] - MOST_ALIKE, "more finding")
            yield replace(one, message=f"{one.message} (And {more} of this rule in this file.)")
