"""What `check --data` finds in the database: nobody forgotten, as findings at the stage in nurture.yml.

Not part of `nurture_cli.check`, which looks at files alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nurture_cli.campaign.diagnostic import Diagnostic, Severity, Span
from nurture_cli.cli.silent import USUAL_DAYS
from nurture_cli.timing import format_instant

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.planner.forgotten import Breach
    from nurture_cli.project import Project
    from nurture_cli.store.database import Connection

# The rules with their manual pages, as `nurture rule` prints them.
RULES = {
    "people-stuck": """\
Somebody stands in a stage longer than agreed, or Sales has not answered in time.

Only with `check --data`. A stage of kind sla has a `within`; who stands in it longer was promised to be moved on by
then, or to be given up. `sales.accept_within` is the promise of Sales. `nurture stuck` names the people and what each
of them lacks. Either help them on, or change the promise: a criterion that many lack is perhaps too strict.

    stages:
      - {stage: engaged, kind: sla, within: 30 days, owner: marketing}
""",
    "people-silent": f"""\
Nothing has reached somebody for {USUAL_DAYS} days.

Only with `check --data`. Who is held back by a cap, by missing consent, or has received everything is forgotten as
surely as who is in no campaign. `nurture silent` names the people, each with the reason. People in the hands of Sales,
at rest after recycling, or suppressed are left alone on purpose, and are not counted here.
""",
    "people-without-track": """\
Somebody may be written to, and is in no track at all.

Only with `check --data`. They are in no campaign, not with Sales, not at rest after recycling, not suppressed, and have
given consent to mail. `nurture silent --no-track` names them. Let a campaign take everybody who is in no other one in,
for instance the one that keeps people warm.
""",
}

ON_PURPOSE = ("suppressed", "with-sales", "at-rest")


def check_data(project: Project, config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    """What is wrong with the people of a sound project at instant `at`."""
    yield from _stuck(config, db, at)
    yield from _silent(project, config, db, at)
    yield from _without_track(project, config, db, at)


def _stuck(config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    from nurture_cli.planner.forgotten import Promise, breaches

    found = breaches(db, config, at)
    by_stage: dict[str, list[Breach]] = {}
    for breach in found:
        if breach.promise is Promise.STAGE:
            by_stage.setdefault(breach.stage, []).append(breach)
    for stage, some in by_stage.items():
        within = config.funnel.by_name[stage].within
        first = format_instant(some[0].since, config.zone)
        message = (
            f"{_people(len(some), 'stands', 'stand')} in `{stage}` longer than {within.text if within else ''}, the"
            f" first since {first}."
        )
        help = f"`nurture stuck --stage {stage}` names them and what they lack."
        yield Diagnostic("people-stuck", Severity.WARNING, _place(config, stage), message, help)
    unanswered = [breach for breach in found if breach.promise is Promise.HANDOFF]
    sales = config.funnel.sales
    if unanswered and sales is not None and sales.accept_within is not None:
        since = format_instant(unanswered[0].since, config.zone)
        message = (
            f"{_people(len(unanswered), 'waits', 'wait')} for an answer of Sales longer than"
            f" {sales.accept_within.text}, the first since {since}."
        )
        help = "`nurture sales list` shows them; `nurture sales accept` or `reject` is the answer."
        yield Diagnostic("people-stuck", Severity.WARNING, sales.span, message, help)


def _silent(project: Project, config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    from nurture_cli.planner.forgotten import silent

    stages: dict[str, Counter[str]] = {}
    for one in silent(db, project.campaigns, at, days=USUAL_DAYS):
        if one.reason not in ON_PURPOSE:
            stages.setdefault(one.stage, Counter())[one.reason] += 1
    for stage, reasons in stages.items():
        told = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
        message = f"Nothing has reached {_people(reasons.total())} in `{stage}` for {USUAL_DAYS} days: {told}."
        help = "`nurture silent` names them, each with the reason."
        yield Diagnostic("people-silent", Severity.WARNING, _place(config, stage), message, help)


def _without_track(project: Project, config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    from nurture_cli.planner.forgotten import silent

    stages = Counter(one.stage for one in silent(db, project.campaigns, at, days=0, no_track=True))
    for stage, count in stages.items():
        message = f"{_people(count, 'is', 'are')} in `{stage}` and in no track, though they may be written to."
        help = "`nurture silent --no-track` names them; let a campaign take them in."
        yield Diagnostic("people-without-track", Severity.WARNING, _place(config, stage), message, help)


def _people(count: int, one: str = "", many: str = "") -> str:
    return f"1 contact {one}".strip() if count == 1 else f"{count:,} contacts {many}".strip()


def _place(config: Config, stage: str) -> Span:
    """The stage in nurture.yml; the head of the file for one that is no longer there."""
    found = config.funnel.by_name.get(stage)
    return found.span if found is not None else config.places.get("stages", Span(config.file, 1, 1, 1))
