"""`nurture explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import completion, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.progress import working

app = CommandApp()


@app.command()
def explain(
    ctx: typer.Context,
    email: options.Email,
    asset: Annotated[
        str | None,
        typer.Argument(metavar="[ASSET]", help="Limit to one asset.", autocompletion=completion.assets),
    ] = None,
    campaign: Annotated[
        str | None,
        typer.Option("--campaign", metavar="NAME", help="Limit to one campaign.", autocompletion=completion.campaigns),
    ] = None,
    at: options.At = None,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Show where a contact is, what comes next, and why not sooner.

    First the funnel: whether the contact stays, moves forward, is recycled or is handed off, and what the next stage
    needs, what was seen, and whether that is enough. For each campaign: the step, the facts behind the decision, and
    when the contact moves on. For each asset: exactly one verdict. Times are in the contact's own zone. With an --at
    in the past, conditions count the events and messages until then; everything else is as it is now.

    \b
    Examples:
      nurture explain ann@example.com
      nurture explain ann@example.com case-study
      nurture explain ann@example.com --campaign zero-trust --at 2026-12-01T09:00
    """
    from nurture_cli.cli.explain_view import ExplainView
    from nurture_cli.explain.explanation import explain as explanation_of

    loaded, config = opening.sound_project(project)
    if asset is not None:
        opening.known("asset", asset, loaded.assets)
    if campaign is not None:
        opening.known("campaign", campaign, loaded.campaigns)
    instant = opening.instant(ctx.obj.clock, at, config.zone)
    with opening.reading(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        with working() as work:
            told = explanation_of(loaded, connection, instant, contact.id, work.say)
    facts_at = instant if at is None else ctx.obj.clock.now()
    view = ExplainView(told, asset, campaign, facts_at=facts_at)
    if json:
        output.document(view.record())
    else:
        view.for_people()
    opening.speak_of_the_past(instant, facts_at, told.zone)
