"""`nurture sales accept`, `reject`, `lost` and `won`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.times import written
from nurture_cli.errors import WrongUsage

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.store.sales import Answered, GivenBack

AnswerReason = Annotated[
    str,
    typer.Option(
        "--reason",
        metavar="REASON",
        help="Reason; one of those that nurture.yml lists for leaving the current stage.",
    ),
]


def accept(
    ctx: typer.Context, email: options.Email, project: options.ProjectFolder = None, db: options.Database = None
) -> None:
    """Accept a lead: Sales works on it.

    The contact moves to the stage that nurture.yml names in `sales: accepted`, unless it is further on.

    \b
    Examples:
      nurture sales accept ann@example.com
    """
    from nurture_cli.store.sales import accept as accept_lead

    loaded, config = opening.configured_project(project)
    with opening.changing(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        done = accept_lead(connection, contact, config, now=ctx.obj.clock.now())
    if done.changed:
        output.talk(f"{contact.email} is accepted{_moved(contact.stage, done.stage)}.")
    else:
        output.talk(f"{contact.email} was accepted already.")


def reject(
    ctx: typer.Context,
    email: options.Email,
    reason: AnswerReason,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Return a lead to marketing.

    The contact moves back to the stage that nurture.yml declares for the reason (`back:`). What `recycling:` says about
    the reason follows: a rest, then a campaign.

    \b
    Examples:
      nurture sales reject ann@example.com --reason no-budget
    """
    from nurture_cli.store.sales import reject as reject_lead

    loaded, config = opening.configured_project(project)
    with opening.changing(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        done = reject_lead(connection, contact, config, reason, now=ctx.obj.clock.now())
    _tell(contact.email, "returned to marketing", reason, done, config)


def lost(
    ctx: typer.Context,
    email: options.Email,
    reason: AnswerReason,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Record that a lead that Sales had accepted did not buy.

    The contact moves back as with `sales reject`.

    \b
    Examples:
      nurture sales lost ann@example.com --reason chose-other
    """
    from nurture_cli.store.sales import lose

    loaded, config = opening.configured_project(project)
    with opening.changing(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        done = lose(connection, contact, config, reason, now=ctx.obj.clock.now())
    _tell(contact.email, "lost", reason, done, config)


def _tell(email: str, what: str, reason: str, done: Answered, config: Config) -> None:
    """What happened to a contact who goes back, and what follows."""
    if done.given_back is None:
        output.talk(f"{email} was {what} already, for {reason}.")
    else:
        output.talk(f"{email} is {what}. {what_follows(done.given_back, config.zone)}")


def won(
    ctx: typer.Context,
    email: options.Email,
    value: Annotated[
        float | None, typer.Option("--value", metavar="NUMBER", help="Value of the sale, in your currency.")
    ] = None,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Record that a lead bought.

    The contact moves to the stage that nurture.yml names in `sales: won`, and leaves the campaigns for new contacts.

    \b
    Examples:
      nurture sales won ann@example.com
      nurture sales won ann@example.com --value 48000
    """
    from nurture_cli.store.sales import win

    if value is not None and not (math.isfinite(value) and value >= 0):
        raise WrongUsage("--value is not an amount that a sale can have.", "Write a number that is zero or more.")
    loaded, config = opening.configured_project(project)
    with opening.changing(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        done = win(connection, contact, config, value, now=ctx.obj.clock.now())
    if done.changed:
        output.talk(f"{contact.email} is won{_moved(contact.stage, done.stage)}.")
    else:
        output.talk(f"{contact.email} was won already.")


def _moved(before: str, stage: str) -> str:
    return f" and stays in {stage}" if before == stage else f" and moves from {before} to {stage}"


def what_follows(back: GivenBack, zone: str) -> str:
    """What happens to a contact who goes back, in one sentence."""
    if back.campaign is not None:
        then = f"enters {back.campaign}"
    else:
        then = "enters whichever campaign lets them in"
    rest = "" if back.rest_until is None else f"rests until {written(back.rest_until, zone)}, then "
    return f"The contact moves from {back.before} back to {back.stage} for {back.reason}, {rest}{then}."
