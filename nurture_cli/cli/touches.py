"""`nurture touches`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from nurture_cli.cli import completion, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.listings import show_listing
from nurture_cli.cli.tables import HEAD, Column
from nurture_cli.errors import WrongUsage

app = CommandApp()

_FOR_PEOPLE = ("at", "email", "asset", "campaign", "state", "reason")
_COLUMNS = (
    Column("key", "Key"), Column("at", "When"), Column("email", "Contact"), Column("asset", "Asset"),
    Column("campaign", "Campaign", spare=True), Column("step", "Step"), Column("channel", "Channel", spare=True),
    Column("state", "State"), Column("reason", "Reason", spare=True), Column("attempts", "Attempts", right=True),
    Column("next_try_at", "Next attempt"),
    Column("code", "Code", right=True), Column("reply", "Last reply"), Column("message_id", "Message-ID", spare=True),
)  # fmt: skip
_IN_DOUBT = ("key", "at", "email", "asset", "channel", "reply", "message_id")


@app.callback()
def touches() -> None:
    """Show what was sent, what failed, and what is in doubt."""


@app.command(name="list")
def list_(
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="STATE", help="Limit to one state: planned, sent, failed, skipped or unknown."),
    ] = None,
    contact: Annotated[str | None, typer.Option("--contact", metavar="EMAIL", help="Limit to one contact.")] = None,
    campaign: Annotated[
        str | None,
        typer.Option("--campaign", metavar="NAME", help="Limit to one campaign.", autocompletion=completion.campaigns),
    ] = None,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """List touches, newest first.

    `--state unknown` shows what may or may not have been delivered: when, to whom, under which Message-ID, and the last
    reply of the server. Look for the Message-ID at your relay, then record what you found with `touches resolve`.

    \b
    Examples:
      nurture touches list --state unknown
      nurture touches list --contact ann@example.com --json
    """
    from nurture_cli.report.lists import touch_list
    from nurture_cli.store.touches import STATES

    loaded, config = opening.configured_project(project)
    if state is not None and state not in STATES:
        raise WrongUsage(f"There is no state {state}.", f"Choose from: {', '.join(STATES)}.")
    people = not json and output.is_terminal()
    names = [column.name for column in _COLUMNS] if not people else _IN_DOUBT if state == "unknown" else _FOR_PEOPLE
    with opening.reading(loaded, db) as connection:
        listing = touch_list(
            state=state,
            campaign=campaign,
            contact_id=opening.contact(loaded, connection, contact).id if contact else None,
            most=HEAD if people else -1,
        )
        columns = [column for column in _COLUMNS if column.name in names]
        nothing = "No touch matches." if state or campaign or contact else "Nothing was sent yet."
        shown = listing.only([column.name for column in columns])
        show_listing(connection, shown, columns, config.zone, json=json, nothing=nothing)


@app.command()
def resolve(
    ctx: typer.Context,
    became: Annotated[
        Literal["sent", "failed", "resend"],
        typer.Argument(
            metavar="sent|failed|resend", help="Record that it was sent or that it failed, or send it again."
        ),
    ],
    touch_keys: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY...]", help="Keys of touches, as `touches list` shows them.")
    ] = None,
    all_in_doubt: Annotated[
        bool, typer.Option("--all-in-doubt", help="Resolve every touch that is in doubt now.")
    ] = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Settle touches that are in doubt, or failed.

    Their contacts then move on. For a touch in doubt: `sent` if your relay knows the Message-ID, `failed` if it does
    not, `resend` to send the same text once more. For a failed touch: `failed` gives it up, `resend` tries it again
    with today's text.

    \b
    Examples:
      nurture touches resolve sent zero-trust/1/42/3
      nurture touches resolve resend zero-trust/1/43/3 zero-trust/1/44/1
      nurture touches resolve sent --all-in-doubt
    """
    from nurture_cli.runner.resolve import Resolution
    from nurture_cli.runner.resolve import resolve as settle
    from nurture_cli.store.ledger import in_doubt

    if bool(touch_keys) == all_in_doubt:
        raise WrongUsage(
            "Give the keys of touches, or --all-in-doubt: one of the two.",
            "`nurture touches list --state unknown` shows those in doubt.",
        )
    loaded, _ = opening.configured_project(project)
    with opening.changing(loaded, db) as connection:  # all of them or none
        keys = touch_keys or [entry.key for entry, _, _ in in_doubt(connection)]
        for key in keys:
            settle(connection, key, Resolution(became), ctx.obj.clock.now())
    for key in keys:
        output.talk(f"{key}: {became}.")
    if not keys:
        output.talk("No touch is in doubt.")
