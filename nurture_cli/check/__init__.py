"""What is wrong with a project: what the parser found, and what the rules find."""

from __future__ import annotations

from nurture_cli.campaign.diagnostic import Diagnostic
from nurture_cli.check.allow import Allowances
from nurture_cli.check.rules import RULES, Rule
from nurture_cli.check.survey import Survey
from nurture_cli.project import Project

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
    return tuple(sorted(kept, key=lambda finding: (finding.order, finding.message)))
