"""`nurture request`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import completion, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.times import written
from nurture_cli.reasons import Verdict

app = CommandApp()


@app.command()
def request(
    ctx: typer.Context,
    email: options.Email,
    asset: Annotated[
        str, typer.Argument(metavar="ASSET", help="Asset that the contact asked for.", autocompletion=completion.assets)
    ],
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Send a contact one asset next, because they asked for it.

    It goes out before anything that campaigns have for the contact, within consent, limits and the send-once rule.
    After that the contact continues where they were. `nurture explain` says when it goes out.

    \b
    Examples:
      nurture request ann@example.com pricing-guide
    """
    from nurture_cli.explain.explanation import explain
    from nurture_cli.store.events import add_request

    loaded, config = opening.sound_project(project)
    opening.known("asset", asset, loaded.assets)
    now = ctx.obj.clock.now()
    with opening.changing(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        key = f"request/{contact.id}/{asset}/{now}"
        add_request(connection, contact_id=contact.id, asset=asset, at=now, now=now, source="command line", key=key)
    with opening.reading(loaded, db) as connection:
        told = explain(loaded, connection, now, contact.id)
    verdict = next(verdict for verdict in told.assets if verdict.asset == asset)
    until = f", until {written(verdict.at, config.zone)}" if verdict.verdict is Verdict.HELD and verdict.at else ""
    output.talk(f"{email} asked for {asset}: {verdict.verdict} ({verdict.why}{until}).")
