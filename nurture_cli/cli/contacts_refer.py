"""`nurture contacts refer`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.contacts_change import CAUSE, move_back, parsed_facts, warn, write_facts

SOURCE = "referral"


def refer(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="NEW_EMAIL", help="The address of who was brought.")],
    by: Annotated[str, typer.Option("--by", metavar="EMAIL", help="The contact who brought it.")],
    facts: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD=VALUE...]", help="What is known of the contact.")
    ] = None,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Note that one contact brought another.

    Who is new becomes a contact in the first stage, with the source `referral` and no consent: somebody else's word is
    no consent. For who brought it, it counts as the response `referred`. Told twice, it counts once.

    \b
    Examples:
      nurture contacts refer bob@example.org --by ann@example.com first_name=Bob company="Sample Inc"
    """
    from nurture_cli.store.contacts import add_contact, find_contact
    from nurture_cli.store.referrals import refer as keep

    loaded, config = opening.configured_project(project)
    now = ctx.obj.clock.now()
    with opening.changing(loaded, db) as connection:
        keys = opening.keys(loaded)
        referrer = opening.contact(loaded, connection, by)
        parsed = parsed_facts(facts or [], config, now)
        known = find_contact(connection, keys, email)
        if known is None:
            add_contact(connection, keys, email, stage=config.stages[0], now=now)
            parsed = {"source": SOURCE} | parsed
        contact = known or opening.contact(loaded, connection, email)
        new = keep(connection, contact, referrer, now=now, source=CAUSE)
        move_back(connection, config, contact, parsed.get("stage"), None, now)
        write_facts(connection, keys, config, contact, parsed, now)
    person = "a contact, and new" if known is None else "a contact already"
    output.talk(
        f"{contact.email}, {person}, was brought by {referrer.email}."
        if new
        else f"It is known already that {contact.email} was brought by {referrer.email}."
    )
    warn(parsed)
