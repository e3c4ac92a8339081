"""What readers of a plan should know besides: messages that cannot be made, contacts left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nurture_cli.cli.bare_facts import bare_facts
from nurture_cli.cli.check_data import in_missing_campaign
from nurture_cli.plural import how_many
from nurture_cli.report.lacking import lacking_now
from nurture_cli.store.enrollments import count_in_missing_campaigns

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.planner.plan import Plan
    from nurture_cli.project import Project


def notes(plan: Plan, project: Project, config: Config) -> Iterator[str]:
    """One sentence for each fact that due contacts lack, and for each campaign that has contacts and no file."""
    due = [project.assets[name] for name in plan.counts.due_by_asset if name in project.assets]
    for lack in lacking_now(plan, bare_facts(due, config)):
        yield (
            f"{how_many(lack.number, 'of the due contacts has', 'of the due contacts have')} no `contact.{lack.fact}`,"
            f" which `{lack.asset}` prints without a default, and would not get it: {lack.who}."
        )
    for name, count in count_in_missing_campaigns(plan.db, project.campaigns).items():
        yield in_missing_campaign(name, count)
