"""`nurture contacts add`, `set`, `tag` and `untag`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.errors import OutOfPlace, WrongUsage

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Config
    from nurture_cli.keys import Keys
    from nurture_cli.project import Project
    from nurture_cli.records import Contact
    from nurture_cli.store.database import Connection
    from nurture_cli.store.sales import GivenBack

CAUSE = "command line"  # of a move to another stage

FactArguments = Annotated[
    list[str], typer.Argument(metavar="FIELD=VALUE...", help="Fields to write; nothing after the = clears one.")
]
Tags = Annotated[list[str], typer.Argument(metavar="TAG...", help="One or more tags.")]


def add(
    ctx: typer.Context,
    email: options.Email,
    facts: Annotated[
        list[str] | None, typer.Argument(metavar="[FIELD=VALUE...]", help="Fields of the contact.")
    ] = None,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Add one contact by hand.

    Nothing is sent to a contact without consent, its basis and its source.

    \b
    Examples:
      nurture contacts add ann@example.com first_name=Ann consent=express \\
        consent_basis="business card" consent_source="fair 2026"
    """
    from nurture_cli.store.contacts import add_contact

    loaded, config = opening.configured_project(project)
    now = ctx.obj.clock.now()
    with opening.changing(loaded, db) as connection:
        keys = opening.keys(loaded)
        add_contact(connection, keys, email, stage=config.stages[0], now=now)
        contact = opening.contact(loaded, connection, email)
        parsed = parsed_facts(facts or [], config, now)
        write_facts(connection, keys, config, contact, parsed, now)
    output.talk(f"Added {contact.email}.")
    warn(parsed)
    say_what_consent_lacks(contact, parsed)


def set_(
    ctx: typer.Context,
    email: options.Email,
    facts: FactArguments,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="REASON", help="Why the contact goes back to an earlier stage.")
    ] = None,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Change facts of one contact.

    Fields, stage, zone, consent, or the address itself. You can do what campaigns cannot: record more consent, or move
    a contact back to an earlier stage. If nurture.yml declares ways back (`back:`), the contact moves back only along
    one of them, for one of its reasons; what `recycling:` says about the reason follows.

    \b
    Examples:
      nurture contacts set ann@example.com company="Example Ltd" employees=250
      nurture contacts set ann@example.com stage=opportunity
      nurture contacts set ann@example.com stage=recycled --reason no-budget
      nurture contacts set ann@example.com email=ann@example.org phone=
    """
    from nurture_cli.cli.sales_answers import what_follows

    loaded, config = opening.configured_project(project)
    now = ctx.obj.clock.now()
    with opening.changing(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        parsed = parsed_facts(facts, config, now)
        back = move_back(connection, config, contact, parsed.get("stage"), reason, now)
        rest = {name: value for name, value in parsed.items() if name != "stage"} if back else parsed
        changed = write_facts(connection, opening.keys(loaded), config, contact, rest, now, reason or "")
        taken_along = _suppression_taken_along(connection, loaded, contact, parsed)
    output.talk(f"Changed {contact.email}." if changed or back else f"{contact.email} had these values already.")
    if back is not None:
        output.talk(what_follows(back, config.zone))
    if taken_along is not None:
        output.talk(f"The new address is suppressed like the old one ({taken_along}), so nurture sends nothing to it.")
    warn(parsed)
    if any(name.startswith("consent") for name in parsed):
        say_what_consent_lacks(contact, parsed)


def _suppression_taken_along(
    connection: Connection, project: Project, contact: Contact, facts: dict[str, Any]
) -> str | None:
    """The suppression that a new address takes over from the old one; None when there is none, or no new address."""
    from nurture_cli.store.suppressions import suppression_of

    if "email" not in facts or suppression_of(connection, contact.address_hash) is None:
        return None
    held = suppression_of(connection, opening.address_hash(project, connection, facts["email"]))
    return None if held is None else held.reason


def move_back(
    connection: Connection, config: Config, contact: Contact, stage: str | None, reason: str | None, now: int
) -> GivenBack | None:
    """Move a contact back along a declared way, where any is declared; None when no such move is asked for.

    Raises OutOfPlace or WrongUsage for a move that is not allowed.
    """
    from nurture_cli.store.sales import give_back, handoffs_of, ways

    funnel = config.funnel
    if reason is not None and not reason.isprintable():
        raise WrongUsage("The reason has control characters in it.")
    if stage is None or funnel.rank(stage) >= funnel.rank(contact.stage):
        if reason is not None and stage != contact.stage:
            raise WrongUsage("--reason is only for a move back to an earlier stage.", "Leave it out.")
        return None
    if not funnel.reasons:
        return None
    if reason is None:
        raise WrongUsage(
            f"To move a contact back from {contact.stage} to {stage}, give a reason: --reason REASON.",
            ways(funnel, contact.stage),
        )
    if any(handoff.closed_at is None for handoff in handoffs_of(connection, contact.id)):
        raise OutOfPlace(
            f"{contact.email} is with Sales.", "Return it with `nurture sales reject` or `nurture sales lost`."
        )
    return give_back(connection, contact, config, reason, cause=CAUSE, now=now, to=stage)


def tag(email: options.Email, tags: Tags, project: options.ProjectFolder = None, db: options.Database = None) -> None:
    """Put tags on a contact.

    \b
    Examples:
      nurture contacts tag ann@example.com partner fair-2026
    """
    from nurture_cli.inbound.tags import read_tags
    from nurture_cli.store.contacts import add_tag

    loaded, _ = opening.configured_project(project)
    wanted = [name for given in tags for name in _read("tag", read_tags, given)]
    with opening.changing(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        new = [name for name in wanted if add_tag(connection, contact.id, name)]
    output.talk(f"Tagged {contact.email}: {', '.join(new)}." if new else f"{contact.email} had these tags already.")


def untag(email: options.Email, tags: Tags, project: options.ProjectFolder = None, db: options.Database = None) -> None:
    """Take tags off a contact.

    \b
    Examples:
      nurture contacts untag ann@example.com partner
    """
    from nurture_cli.store.contacts import remove_tag

    loaded, _ = opening.configured_project(project)
    with opening.changing(loaded, db) as connection:
        contact = opening.contact(loaded, connection, email)
        gone = [name for name in tags if remove_tag(connection, contact.id, name)]
    output.talk(
        f"Removed from {contact.email}: {', '.join(gone)}." if gone else f"{contact.email} had none of these tags."
    )


def parsed_facts(facts: list[str], config: Config, now: int) -> dict[str, Any]:
    """The facts by name with their values, read as their types demand; None clears."""
    from nurture_cli.inbound import values
    from nurture_cli.inbound.rows import TEXT_TARGETS

    readers: dict[str, Any] = {
        **dict.fromkeys(TEXT_TARGETS, str),
        **{name: lambda text, type=type: values.read_value(text, type) for name, type in config.fields.items()},
        "email": str,
        "stage": values.stage_reader(config.stages),
        "zone": _read_zone,
        "consent": values.read_consent,
        "consent_at": lambda text: values.read_past(text, config.zone, now),
        "consent_until": lambda text: values.read_instant(text, config.zone),
    }
    parsed: dict[str, Any] = {}
    for fact in facts:
        name, sign, text = fact.partition("=")
        if not sign:
            raise WrongUsage(f"`{fact}` is not a field with a value.", "Write it as FIELD=VALUE.")
        opening.known("field", name, readers)
        if name in parsed:
            raise WrongUsage(f"{name} is given twice.")
        if not text.strip() and name in ("email", "stage", "consent"):
            raise WrongUsage(f"{name} cannot be cleared.")
        parsed[name] = _read(name, readers[name], text.strip()) if text.strip() else None
    return parsed


def _read(name: str, reader: Any, text: str) -> Any:
    if not text.isprintable():
        raise WrongUsage(f"{name} has control characters in it.")
    try:
        return reader(text)
    except ValueError as error:
        raise WrongUsage(f"{name}: {error}") from None


def _read_zone(text: str) -> str:
    from nurture_cli.inbound.values import read_zone
    from nurture_cli.zones import is_abbreviation, nearest_zones, valid_zone

    zone = read_zone(text)
    if zone is None:
        near = [name for name in nearest_zones(text[:60]) if "/" in name]
        if valid_zone(text) or is_abbreviation(text):
            place = " or ".join(near or ["Europe/Berlin"])
            raise ValueError(f"`{text}` names no place, so its summer time is not known. Write one, such as {place}.")
        guess = f"Did you mean {' or '.join(near)}?" if near else "Write a place, such as Europe/Berlin."
        raise ValueError(f"`{text[:60]}` is not a time zone. {guess}")
    return zone


def say_what_consent_lacks(contact: Contact, facts: dict[str, Any]) -> None:
    """Say so when nothing can be sent yet to a contact with these facts, and what to type."""
    consent = facts.get("consent", contact.consent)
    if consent == "withdrawn":
        return
    missing = ["consent"] if consent == "unknown" else []
    missing += [name for name in ("consent_basis", "consent_source") if not facts.get(name, getattr(contact, name))]
    if not missing:
        return
    *first, last = missing
    names = f"{', '.join(first)} and {last} are" if first else f"{last} is"
    output.talk(f"Nothing can be sent to {contact.email} yet: {names} missing.")
    output.talk(f"  nurture contacts set {contact.email} {' '.join(f'{name}=...' for name in missing)}")


def warn(facts: dict[str, Any]) -> None:
    """Warn when a fact does not mean what it looks like."""
    from nurture_cli.zones import turned_round

    zone = facts.get("zone")
    where = turned_round(zone) if zone else None
    if where is not None:
        output.talk(f"Note that {zone} means {where}, the opposite of what it looks like; a place is safer.")


def write_facts(
    connection: Connection,
    keys: Keys,
    config: Config,
    contact: Contact,
    facts: dict[str, Any],
    now: int,
    reason: str = "",
) -> bool:
    """Write facts as they were read, and say whether any is new; `reason` is that of a move to another stage."""
    from nurture_cli.inbound.rows import TEXT_TARGETS
    from nurture_cli.store.contacts import set_address, set_consent, set_fields, set_stage

    plain = {name: value for name, value in facts.items() if name in config.fields}
    plain |= {n: v for n, v in facts.items() if n in TEXT_TARGETS and not n.startswith("consent_")}
    if "zone" in facts:
        plain |= {"zone": facts["zone"], "zone_given": None}
    changed = set_fields(connection, contact, plain, now)
    if any(name.startswith("consent") for name in facts):
        changed |= set_consent(
            connection,
            contact,
            facts.get("consent", contact.consent),
            basis=facts.get("consent_basis", contact.consent_basis),
            source=facts.get("consent_source", contact.consent_source),
            at=facts.get("consent_at", contact.consent_at),
            until=facts.get("consent_until", contact.consent_until),
            now=now,
        )
    if "stage" in facts:
        changed |= set_stage(
            connection, contact, facts["stage"], stages=config.stages, cause=CAUSE, now=now, reason=reason
        )
    if "email" in facts:
        changed |= set_address(connection, keys, contact, facts["email"], now)
    return changed
