"""`nurture contacts refer`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.contacts_change import CAUSE, move_back, parsed_facts, say_what_consent_lacks, warn, write_facts

SOURCE = "referral"


def refer(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(metavar="NEW_EMAIL", help="Email of the referred person.")],
    by: Annotated[str, typer.Option("--by", metavar="EMAIL", help="Email of the contact who referred them.")],
    facts: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD=VALUE...]", help="Fields of the contact.")
    ] = None,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Record a referral.

    A new person becomes a contact in the first stage, with the source `referral` and without consent, which nobody can
    give for somebody else. For the contact who referred them it counts as the response `referred`. The same referral
    recorded twice counts once.

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
    if not new:
        output.talk(f"{contact.email} is recorded already as referred by {referrer.email}.")
    elif known is None:
        output.talk(f"Added {contact.email}, referred by {referrer.email}.")
    else:
        output.talk(f"Recorded that {referrer.email} referred {contact.email}, who was a contact already.")
    warn(parsed)
    if known is None:
        say_what_consent_lacks(contact, parsed)
