"""`nurture plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nurture_cli.cli import completion, opening, options, output
from nurture_cli.cli.app import CommandApp, Surroundings
from nurture_cli.cli.inert import inert
from nurture_cli.cli.progress import working
from nurture_cli.errors import WrongUsage
from nurture_cli.exit_code import ExitCode

if TYPE_CHECKING:
    from nurture_cli.store.database import Connection

app = CommandApp()

OneCampaign = Annotated[
    str | None,
    typer.Option("--campaign", metavar="NAME", help="Limit to one campaign.", autocompletion=completion.campaigns),
]
ContactsFile = Annotated[
    Path | None,
    typer.Option(
        "--contacts", metavar="FILE", help="Plan for the contacts of this CSV file instead of the database's."
    ),
]
EventsFile = Annotated[
    Path | None,
    typer.Option("--events", metavar="FILE", help="With --contacts: their events, as CSV or JSON lines."),
]
EndWithDue = Annotated[
    bool, typer.Option("--exit-code", help=f"End with {ExitCode.DUE} when something is due, with 0 when nothing is.")
]


@app.command()
def plan(
    ctx: typer.Context,
    campaign: OneCampaign = None,
    contacts: ContactsFile = None,
    events: EventsFile = None,
    at: options.At = None,
    exit_code: EndWithDue = False,
    text: Annotated[
        bool, typer.Option("--text", help="Print as on a terminal, also where there is none, such as in CI.")
    ] = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Show who is due for which asset now, and who is held back and why.

    It sends and writes nothing. When nothing is due, it says why. `nurture run` makes the same plan, once it has
    settled what a killed run left; it sends less where the guard stops it or a contact changes meanwhile. With
    --contacts `nurture plan` uses a scratch database, so it needs no other, for instance in CI. With an --at in the
    past, conditions count the events and messages until then; everything else, such as facts, consent, tags and the
    steps in campaigns, is as it is now.

    \b
    Examples:
      nurture plan
      nurture plan --campaign zero-trust --at 2026-12-01T09:00
      nurture plan --contacts contacts.csv --events events.csv --text --exit-code
      nurture plan --json | jq 'select(.type == "due") | .email'
    """
    if text and json:
        raise WrongUsage("--text prints for people, --json for programs.", "Leave one of them out.")
    due = show_plan(
        ctx.obj, campaign=campaign, contacts=contacts, events=events, at=at, people=text or output.is_terminal(),
        json=json, project=project, db=db,
    )  # fmt: skip
    if exit_code and due:
        raise typer.Exit(ExitCode.DUE)


def show_plan(
    surroundings: Surroundings,
    *,
    campaign: str | None,
    contacts: Path | None,
    events: Path | None,
    at: str | None,
    people: bool,
    json: bool,
    project: Path | None,
    db: Path | None,
) -> int:
    """Make the plan, print it, and return how many touches are due."""
    from nurture_cli.cli import plan_view
    from nurture_cli.cli.plan_notes import notes
    from nurture_cli.planner.plan import make_plan

    if events is not None and contacts is None:
        raise WrongUsage("--events is only for --contacts.", "To record events in the project, use `nurture events`.")
    if db is not None and contacts is not None:
        raise WrongUsage("--contacts plans on a scratch database; --db names another one.", "Leave one of them out.")
    loaded, config = opening.sound_project(project)
    if campaign is not None:
        opening.known("campaign", campaign, loaded.campaigns)
    instant = opening.instant(surroundings.clock, at, config.zone)
    with opening.to_plan(loaded, config, db, contacts, events, instant) as connection:
        with working() as work:
            made = make_plan(loaded, connection, instant, tell=work.say)
        facts_at = instant if at is None or contacts is not None else surroundings.clock.now()
        shown = plan_view.PlanView(made, loaded, campaign, facts_at)
        if json:
            output.lines(shown.records())
        elif people:
            shown.for_people()
        else:
            shown.for_programs()
        if contacts is None:
            _speak_of_refusal(connection)
        for note in notes(made, loaded, config):
            output.talk(inert(f"note: {note}"))
        opening.speak_of_the_past(instant, facts_at, config.zone)
        return shown.due_count


def _speak_of_refusal(connection: Connection) -> None:
    """Say when a run would refuse because the send journal knows more than the database: then this plan is wrong."""
    from nurture_cli.places import JOURNAL_FILE
    from nurture_cli.store.instance import read_instance

    journal = connection.path.with_name(JOURNAL_FILE) if connection.path else None
    if journal is not None and journal.is_file() and journal.stat().st_size > read_instance(connection).journal_size:
        output.talk(
            "note: A run would refuse: the send journal knows more than this database. If it is a restored backup, run "
            "`nurture recover`."
        )
