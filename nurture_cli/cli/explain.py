"""`nurture explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import completion, opening, options, output
from nurture_cli.cli.app import CommandApp

app = CommandApp()


@app.command()
def explain(
    ctx: typer.Context,
    email: options.Email,
    asset: Annotated[
        str | None,
        typer.Argument(metavar="[ASSET]", help="Only what concerns this asset.", autocompletion=completion.assets),
    ] = None,
    campaign: Annotated[
        str | None,
        typer.Option(
            "--campaign", metavar="NAME", help="Only what concerns this campaign.", autocompletion=completion.campaigns
        ),
    ] = None,
    at: options.At = None,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Say where a contact stands, what comes next, and why not sooner.

    First its way through the funnel: whether it stays, moves forward, is recycled or is handed off, and what the next
    stage needs, what was seen, and whether that is enough. For each campaign: the step, the facts that were looked at,
    what would make the contact go on. For each asset exactly one verdict. Times are in the contact's own zone.

    \b
    Examples:
      nurture explain ann@example.com
      nurture explain ann@example.com case-study
      nurture explain ann@example.com --campaign zero-trust --at 2026-12-01T09:00
    """
    from nurture_cli.cli.explain_view import View
    from nurture_cli.planner.explain import explain as explanation_of

    loaded, config = opening.sound_project(project)
    if asset is not None:
        opening.known("asset", asset, loaded.assets)
    if campaign is not None:
        opening.known("campaign", campaign, loaded.campaigns)
    instant = opening.instant(ctx.obj.clock, at, config.zone)
    with opening.reading(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        view = View(explanation_of(loaded, connection, instant, contact.id), asset, campaign)
    if json:
        output.document(view.record())
    else:
        view.for_people()
