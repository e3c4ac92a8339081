"""`nurture silent`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.tables import Cell, Column, show
from nurture_cli.cli.times import iso, written
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from nurture_cli.report.forgotten import Silent

app = CommandApp()

USUAL_DAYS = 60
_COLUMNS = (
    Column("email", "Contact"), Column("stage", "Stage"), Column("days", "Days", right=True),
    Column("last_touch", "Last touch"), Column("reason", "Reason"), Column("campaign", "Campaign"),
    Column("until", "Until"),
)  # fmt: skip


@app.command()
def silent(
    ctx: typer.Context,
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            metavar="N",
            min=0,
            max=36500,
            help=f"Days of 24 hours without a message. Default: {USUAL_DAYS}, or 0 with --no-track.",
        ),
    ] = None,
    no_track: Annotated[
        bool, typer.Option("--no-track", help="Limit to contacts with consent who are in no campaign.")
    ] = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """List contacts who haven't been written to lately, and why.

    The longest silence comes first; for a contact who never got a message it begins on the day the contact was added.
    The reason is why a message is held back (`cap`, `no-consent`, …, as of the last run), or one of: `suppressed`,
    `with-sales`, `at-rest` after recycling, `resting` where a campaign has no steps for the stage, `exhausted`,
    `waiting`, `no-campaign`.

    --no-track leaves out contacts without consent and those who are with Sales, at rest or suppressed: the list is
    empty when every contact who could be in a campaign is in one.

    \b
    Examples:
      nurture silent --days 90
      nurture silent --no-track
      nurture silent --json | jq -r 'select(.reason == "cap") | .email'
    """
    from nurture_cli.report.forgotten import silent as silent_of

    loaded, config = opening.sound_project(project)
    now = ctx.obj.clock.now()
    wanted = days if days is not None else 0 if no_track else USUAL_DAYS
    with opening.reading(loaded, db) as connection:
        found = silent_of(connection, loaded.campaigns, now, days=wanted, no_track=no_track)
        if json:
            output.lines(_record(one, now, config.zone) for one in found)
        else:
            one = "contact with consent is without a campaign" if no_track else "contact has gone without a message"
            since = f" for {how_many(wanted, 'day')}" if wanted else ""
            show(_COLUMNS, _rows(found, now, config.zone), nothing=f"No {one}{since}.")


def _rows(found: Iterator[Silent], now: int, zone: str) -> Iterator[tuple[Cell, ...]]:
    for one in found:
        yield (
            one.email, one.stage, (now - one.since) // 86400, written(one.last_touch, zone), one.reason, one.campaign,
            written(one.until, zone),
        )  # fmt: skip


def _record(one: Silent, now: int, zone: str) -> dict[str, Any]:
    return {
        "email": one.email, "contact": one.contact_id, "stage": one.stage, "since": iso(one.since, zone),
        "days": (now - one.since) // 86400, "last_touch": iso(one.last_touch, zone), "reason": one.reason,
        "campaign": one.campaign or None, "until": iso(one.until, zone),
    }  # fmt: skip
