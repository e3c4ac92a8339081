"""`nurture events`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import completion, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.contacts_import import (
    ColumnMapFile,
    Constants,
    Delimiter,
    EmailColumn,
    Encoding,
    Maps,
    Preview,
    Rejects,
    TableFile,
    ValueWords,
    column_map,
    counting,
    rejects_beside,
)
from nurture_cli.cli.import_report import tell
from nurture_cli.errors import WrongUsage
from nurture_cli.language.names import nearest
from nurture_cli.records import EVENT_KINDS

app = CommandApp()

SOURCE = "command line"
REQUESTED = "requested"


@app.callback()
def events() -> None:
    """Record what contacts did."""


@app.command()
def add(
    ctx: typer.Context,
    email: options.Email,
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="What happened, such as downloaded, clicked, attended or purchased.")
    ],
    asset: Annotated[
        str, typer.Argument(metavar="[ASSET]", help="Asset that it was about.", autocompletion=completion.assets)
    ] = "",
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="When it happened. Default: now.")] = None,
    name: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="External id; a second event with the same id is ignored.")
    ] = None,
    bounce: Annotated[
        str | None,
        typer.Option("--bounce", metavar="hard|soft", help="For a `bounced` event: whether it bounced for good."),
    ] = None,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Record one event by hand.

    A `requested` event makes its asset the next one for the contact. `unsubscribed`, `complained`, and `bounced` with
    --bounce hard suppress the address at once, even if it belongs to no contact.

    \b
    Examples:
      nurture events add ann@example.com downloaded zero-trust-ebook
      nurture events add ann@example.com attended webinar --at 2026-11-20T16:00
      nurture events add ann@example.com bounced --bounce hard
    """
    from nurture_cli.inbound.values import read_past
    from nurture_cli.store.contacts import contact_by_hash
    from nurture_cli.store.events import add_event, event_key, given_key
    from nurture_cli.store.fields import dump_fields
    from nurture_cli.store.suppressions import suppress, suppressing

    loaded, config = opening.configured_project(project)
    opening.known("kind of event", kind, {*EVENT_KINDS, *config.events})
    if kind == REQUESTED and asset:
        opening.known("asset", asset, loaded.assets)
    if not (asset + (name or "")).isprintable():
        raise WrongUsage("Control characters cannot be part of an asset or an id.")
    now = ctx.obj.clock.now()
    try:
        instant = now if at is None else read_past(at, config.zone, now)
    except ValueError as error:
        raise WrongUsage(f"--at: {error}") from None
    properties = _bounce(kind, bounce)
    reason = suppressing(kind, properties)
    with opening.changing(loaded, db) as connection:
        address_hash = opening.address_hash(loaded, connection, email)
        contact = contact_by_hash(connection, address_hash)
        if contact is None:
            if reason is None:
                raise opening.no_contact(email)
            new = suppress(connection, address_hash, reason=reason, source=SOURCE, at=instant)
        else:
            own_key = event_key(address_hash, kind, asset, instant, dump_fields(properties))
            new = add_event(
                connection,
                contact_id=contact.id,
                kind=kind,
                asset=asset,
                at=instant,
                now=now,
                source=SOURCE,
                key=given_key(SOURCE, name) if name else own_key,
                properties=properties,
            )
    if contact is None:
        told = f"suppressed all the same ({reason})" if new else "suppressed already"
        output.talk(f"{email} is not a contact; the address is {told}.")
        return
    output.talk(f"{contact.email} {kind} {asset}".rstrip() + (" is recorded." if new else " was recorded already."))
    if asset and asset not in loaded.assets:
        near = nearest(asset, loaded.assets)
        output.talk(
            f"There is no asset {asset}{f' (did you mean {near}?)' if near else ''}; the event is kept as it is."
        )


def _bounce(kind: str, given: str | None) -> dict[str, str]:
    """The properties of a bounce; raises WrongUsage for any but hard and soft, and for other kinds of events."""
    from nurture_cli.inbound.bounces import BOUNCE, BOUNCED, read_bounce

    if given is None:
        return {}
    word = read_bounce(given)
    if kind != BOUNCED or word is None:
        raise WrongUsage("--bounce is only for `bounced` events, and is `hard` or `soft`.")
    return {BOUNCE: word}


@app.command(name="import")
def import_(
    ctx: typer.Context,
    file: TableFile,
    email: EmailColumn = None,
    source: Annotated[
        str,
        typer.Option(
            "--source", metavar="NAME", help="The system that the events come from; ids are unique within it."
        ),
    ] = "import",
    mapping: ColumnMapFile = None,
    maps: Maps = None,
    values: ValueWords = None,
    constants: Constants = None,
    keep: Annotated[
        bool, typer.Option("--keep-columns", help="Keep columns that nurture does not know as properties of the event.")
    ] = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    rejects: Rejects = None,
    preview: Preview = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Import events from CSV or JSON lines.

    It imports everything or nothing, and accounts for every row. Columns (or keys): email, kind, asset, at, id,
    machine, bounce, properties. Instead of an email, a row may have the unsubscribe link of a mail, or its token. An
    event that is here already is ignored; nurture knows it by its id, or, without one, by everything in its row. Rows
    that it cannot use go to a file of their own; then it ends with code 1.

    `unsubscribed` and `complained` suppress the address, even if it is not a contact yet, so no later import can make
    nurture write to it. So does `bounced` where `bounce` is `hard` (or `permanent`; a column or property `bounce_type`,
    `bounceType`, `class`, `type` or `severity` may say it as well); a soft bounce never does.

    \b
    Examples:
      nurture events import clicks.csv --preview
      nurture events import webinar.csv --set kind=attended --set asset=webinar --map "Join Time=at"
      nurture events import bounces.csv --set kind=bounced --map Category=bounce
      nurture events import events.jsonl --source crm
    """
    from nurture_cli.inbound.event_rows import TARGETS
    from nurture_cli.inbound.events import EventOptions, import_events

    loaded, config = opening.configured_project(project)
    chosen = EventOptions(
        column_map=column_map(mapping, TARGETS, maps, values, constants, None),
        email=email,
        encoding=encoding,
        delimiter=delimiter,
        source=source,
        keep=keep,
        rejects=rejects or rejects_beside(file),
        preview=preview,
    )
    keys = opening.keys(loaded)
    with opening.writer(loaded, db) as connection, counting(file) as advance:
        report = import_events(connection, keys, config, file, chosen, now=ctx.obj.clock.now(), advance=advance)
    tell(report, preview=preview, json=json)
