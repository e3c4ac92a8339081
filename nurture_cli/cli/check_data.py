"""What `check --data` finds in the database: nobody forgotten, as findings at the stage in nurture.yml.

Not part of `nurture_cli.check`, which looks at files alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nurture_cli.campaign.diagnostic import Diagnostic, Severity, Span
from nurture_cli.cli.silent import USUAL_DAYS
from nurture_cli.plural import how_many
from nurture_cli.timing import format_instant

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.planner.forgotten import Breach
    from nurture_cli.project import Project
    from nurture_cli.store.database import Connection

# The rules with their manual pages, as `nurture rule` prints them.
RULES = {
    "people-stuck": """\
A contact has been in a stage longer than agreed, or Sales has not answered in time.

Only with `check --data`. The `within` of a stage of kind sla is a promise that contacts move on from it by then, or are
given up; `sales.accept_within` is the promise of Sales. `nurture stuck` lists the contacts and what each of them still
needs. Help them on, or change the promise: a criterion that many contacts fail is perhaps too strict.

    stages:
      - {stage: engaged, kind: sla, within: 30 days, owner: marketing}
""",
    "people-silent": f"""\
A contact has not been written to for {USUAL_DAYS} days.

Only with `check --data`. A contact that a cap or missing consent holds back, or that has received everything, is as
forgotten as one that is in no campaign. `nurture silent` lists the contacts, each with the reason. Contacts that are
with Sales, at rest after recycling, or suppressed are left alone on purpose and do not count here.
""",
    "people-without-track": """\
A contact has given consent to mail, and is in no campaign.

Only with `check --data`. Contacts that are with Sales, at rest after recycling, or suppressed do not count.
`nurture silent --no-track` lists the others. Let one campaign, such as keep-warm, take in everyone who is in no other.
""",
    "people-in-unknown-stage": """\
A contact is in a stage that nurture.yml does not have.

Only with `check --data`. It happens when a stage is removed from nurture.yml or renamed, and when the database is
edited by hand. Such a contact counts as being before the first stage, and only the steps under `any:` are for it.
Add the stage again, or move the contact.

    nurture contacts set ann@example.com stage=name --reason "the stage was renamed"
""",
}

ON_PURPOSE = ("suppressed", "with-sales", "at-rest")


def check_data(project: Project, config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    """What is wrong with the contacts of a sound project at instant `at`."""
    yield from _in_unknown_stages(config, db)
    yield from _stuck(config, db, at)
    yield from _silent(project, config, db, at)
    yield from _without_track(project, config, db, at)


def _in_unknown_stages(config: Config, db: Connection) -> Iterator[Diagnostic]:
    from nurture_cli.store.contacts import count_by_stage

    for stage, count in count_by_stage(db).items():
        if stage not in config.stages:
            message = f"{how_many(count, 'contact is', 'contacts are')} in stage `{stage}`, which is not in this file."
            help = f"To list them: nurture contacts list --json | jq -r 'select(.stage == \"{stage}\") | .email'"
            yield Diagnostic("people-in-unknown-stage", Severity.WARNING, _place(config, stage), message, help)


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
            f"{how_many(len(some), 'contact has', 'contacts have')} been in `{stage}` for longer than"
            f" {within.text if within else ''}, the first since {first}."
        )
        help = f"`nurture stuck --stage {stage}` lists them, and what they still need."
        yield Diagnostic("people-stuck", Severity.WARNING, _place(config, stage), message, help)
    unanswered = [breach for breach in found if breach.promise is Promise.HANDOFF]
    sales = config.funnel.sales
    if unanswered and sales is not None and sales.accept_within is not None:
        since = format_instant(unanswered[0].since, config.zone)
        message = (
            f"Sales has not answered for {how_many(len(unanswered), 'contact')} in {sales.accept_within.text}, the"
            f" first handed over on {since}."
        )
        help = "`nurture sales list` shows them; answer with `nurture sales accept` or `nurture sales reject`."
        yield Diagnostic("people-stuck", Severity.WARNING, sales.span, message, help)


def _silent(project: Project, config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    from nurture_cli.planner.forgotten import silent

    stages: dict[str, Counter[str]] = {}
    for one in silent(db, project.campaigns, at, days=USUAL_DAYS):
        if one.reason not in ON_PURPOSE:
            stages.setdefault(one.stage, Counter())[one.reason] += 1
    for stage, reasons in stages.items():
        told = ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())
        message = (
            f"{how_many(reasons.total(), 'contact')} in `{stage}` {'has' if reasons.total() == 1 else 'have'} not been"
            f" written to for {USUAL_DAYS} days: {told}."
        )
        help = "`nurture silent` lists them, each with the reason."
        yield Diagnostic("people-silent", Severity.WARNING, _place(config, stage), message, help)


def _without_track(project: Project, config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    from nurture_cli.planner.forgotten import silent

    stages = Counter(one.stage for one in silent(db, project.campaigns, at, days=0, no_track=True))
    for stage, count in stages.items():
        consent = how_many(count, "contact with consent is", "contacts with consent are")
        message = f"{consent} in `{stage}` and in no campaign."
        help = "`nurture silent --no-track` lists them; let a campaign take them in."
        yield Diagnostic("people-without-track", Severity.WARNING, _place(config, stage), message, help)


def _place(config: Config, stage: str) -> Span:
    """The stage in nurture.yml; the head of the file for one that is no longer there."""
    found = config.funnel.by_name.get(stage)
    return found.span if found is not None else config.places.get("stages", Span(config.file, 1, 1, 1))
