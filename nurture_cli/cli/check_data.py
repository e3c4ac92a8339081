"""What `check --data` finds in the database: forgotten contacts, as findings at their stage in nurture.yml.

Not part of `nurture_cli.check`, which looks at files alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from nurture_cli.cli.progress import working
from nurture_cli.cli.silent import USUAL_DAYS
from nurture_cli.plural import how_many
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span
from nurture_cli.timing import format_instant

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.planner.plan import Plan
    from nurture_cli.project import Project
    from nurture_cli.report.forgotten import Breach
    from nurture_cli.store.database import Connection

# The rules with their manual pages, as `nurture rule` prints them.
RULES = {
    "people-stuck": """\
A contact has been in a stage longer than agreed, or Sales has not answered in time.

Only with `check --data`. The `within` of a stage of kind sla is a promise: by then, contacts move on or you give them
up. `sales.accept_within` is the promise of Sales. `nurture stuck` lists the contacts and what each of them still needs.
Help them along, or change the promise: a criterion that many contacts fail is perhaps too strict.

    stages:
      - {stage: engaged, kind: sla, within: 30 days, owner: marketing}
""",
    "people-silent": f"""\
A contact has not been written to for {USUAL_DAYS} days.

Only with `check --data`. A contact whose messages a cap or missing consent holds back, or who has received everything,
is as forgotten as one who is in no campaign. `nurture silent` lists the contacts, each with the reason. Contacts who
are with Sales, at rest after recycling, or suppressed are left alone on purpose and do not count here.
""",
    "people-without-track": """\
A contact has given consent to mail, and is in no campaign.

Only with `check --data`. Contacts who are with Sales, at rest after recycling, or suppressed do not count, and neither
do those who enter a campaign with the next run.
`nurture silent --no-track` lists the others. Let one campaign, such as keep-warm, take in everyone who is in no other.
""",
    "people-in-unknown-stage": """\
A contact is in a stage that nurture.yml does not have.

Only with `check --data`. It happens when a stage is removed from nurture.yml or renamed, and when the database is
edited by hand. Such a contact counts as being before the first stage, and gets only the steps under `any:`. Add the
stage again, or move the contact.

    nurture contacts set ann@example.com stage=name --reason "the stage was renamed"
""",
    "people-stranded": """\
A contact is at a step that its campaign no longer has.

Only with `check --data`. It happens when a step is renamed or removed. `nurture run` sends nothing to anybody until you
say under `moved:` where each such step went, or put it back.

    moved: {old-step: new-step}
""",
    "people-in-missing-campaign": """\
A contact is in a campaign that has no file any more.

Only with `check --data`. It happens when a file is deleted, or when a campaign gets another name. These contacts get
nothing from that campaign, and count as being in none. Put the file back, or let another campaign take them in.
""",
    "people-without-fact": """\
A contact does not have a fact that an asset prints, and the asset does not say what to print instead.

Only with `check --data`. A run cannot make the message: the touch fails, and the contact waits. The rule counts
contacts who may be written to, are in a campaign with this asset or enter one with the next run, and have not received
it.

    Hello {{ contact.first_name | default("there") }},
""",
}

ERRORS = ("people-stranded",)  # a run stops for these; the others are warnings

ON_PURPOSE = ("suppressed", "with-sales", "at-rest")


def check_data(project: Project, config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    """What is wrong with the contacts of a sound project at instant `at`."""
    from nurture_cli.planner.plan import make_plan

    with working() as work:
        plan = make_plan(project, db, at, tell=work.say)
    yield from _stranded(project, plan)
    yield from _in_missing_campaigns(project, config, db)
    yield from _without_facts(project, config, plan)
    yield from _in_unknown_stages(config, db)
    yield from _stuck(config, db, at)
    yield from _silent(project, config, db, at)
    yield from _without_track(project, config, plan)


def _stranded(project: Project, plan: Plan) -> Iterator[Diagnostic]:
    from difflib import get_close_matches

    for place, count in plan.counts.stranded.items():
        name, _, step = place.partition(": ")
        campaign = project.campaigns[name]
        graph = plan.world.graphs[plan.world.campaigns.index(campaign)]
        new = next(iter(get_close_matches(step, graph.by_id, n=1)), "NEW-STEP")
        message = (
            f"{how_many(count, 'contact is', 'contacts are')} at step `{step}`, which `{name}` no longer has; no run"
            " sends anything until this is settled."
        )
        help = f"Write into this file where it went: `moved: {{{step}: {new}}}`; or put the step back."
        span = campaign.places.get("moved", campaign.span)
        yield Diagnostic("people-stranded", Severity.ERROR, span, message, help)


def _in_missing_campaigns(project: Project, config: Config, db: Connection) -> Iterator[Diagnostic]:
    from nurture_cli.store.enrollments import count_in_missing_campaigns

    for name, count in count_in_missing_campaigns(db, project.campaigns).items():
        help = "Put the file back, or let another campaign take these contacts in."
        span = Span(config.file, 1, 1, 1)
        yield Diagnostic("people-in-missing-campaign", Severity.WARNING, span, in_missing_campaign(name, count), help)


def in_missing_campaign(name: str, count: int) -> str:
    """A campaign has contacts and no file, as a sentence."""
    return f"{how_many(count, 'contact is', 'contacts are')} in campaign `{name}`, which has no file any more."


def _without_facts(project: Project, config: Config, plan: Plan) -> Iterator[Diagnostic]:
    from nurture_cli.check.survey import Survey
    from nurture_cli.cli.bare_facts import bare_facts
    from nurture_cli.message.guards import unguarded
    from nurture_cli.report.lacking import lacking_ahead

    places: dict[tuple[str, str], Span] = {}
    lacks = list(lacking_ahead(plan, bare_facts(project.assets.values(), config)))
    for text in Survey(project, config).texts if lacks else ():
        if text.asset is not None and text.problem is None:
            for name, start in unguarded(text.text):
                places.setdefault((text.asset.name, name), text.place(start, start + len(name)))
    for lack in lacks:
        name = f"contact.{lack.fact}"
        message = (
            f"{how_many(lack.number, 'contact has', 'contacts have')} no `{name}` and would not get this: {lack.who}."
        )
        help = f'Say what to print then: `{{{{ {name} | default("…") }}}}`'
        span = places.get((lack.asset, name), project.assets[lack.asset].span)
        yield Diagnostic("people-without-fact", Severity.WARNING, span, message, help)


def _in_unknown_stages(config: Config, db: Connection) -> Iterator[Diagnostic]:
    from nurture_cli.store.contacts import count_by_stage

    for stage, count in count_by_stage(db).items():
        if stage not in config.stages:
            message = f"{how_many(count, 'contact is', 'contacts are')} in stage `{stage}`, which is not in this file."
            help = f"To list them: nurture contacts list --json | jq -r 'select(.stage == \"{stage}\") | .email'"
            yield Diagnostic("people-in-unknown-stage", Severity.WARNING, _place(config, stage), message, help)


def _stuck(config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    from nurture_cli.report.forgotten import Promise, breaches

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
            f"Sales has not answered for {how_many(len(unanswered), 'contact')} within {sales.accept_within.text};"
            f" the first was handed over on {since}."
        )
        help = "`nurture sales list` shows them; answer with `nurture sales accept` or `nurture sales reject`."
        yield Diagnostic("people-stuck", Severity.WARNING, sales.span, message, help)


def _silent(project: Project, config: Config, db: Connection, at: int) -> Iterator[Diagnostic]:
    from nurture_cli.report.forgotten import silent

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


def _without_track(project: Project, config: Config, plan: Plan) -> Iterator[Diagnostic]:
    from nurture_cli.report.forgotten import silent

    entering = plan.entering()
    nowhere = silent(plan.db, project.campaigns, plan.at, days=0, no_track=True)
    stages = Counter(one.stage for one in nowhere if one.contact_id not in entering)
    for stage, count in stages.items():
        consent = how_many(count, "contact with consent is", "contacts with consent are")
        message = f"{consent} in `{stage}` and in no campaign."
        help = "`nurture silent --no-track` lists them; let a campaign take them in."
        yield Diagnostic("people-without-track", Severity.WARNING, _place(config, stage), message, help)


def _place(config: Config, stage: str) -> Span:
    """The stage in nurture.yml; the head of the file for one that is no longer there."""
    found = config.funnel.by_name.get(stage)
    return found.span if found is not None else config.places.get("stages", Span(config.file, 1, 1, 1))
