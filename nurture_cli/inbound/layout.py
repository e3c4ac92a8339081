"""Where in a table the facts stand: column names recognised, and what the user said about them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nurture_cli.campaign.names import listed, nearest
from nurture_cli.errors import Findings, WrongUsage
from nurture_cli.inbound.column_map import IGNORE, ColumnMap
from nurture_cli.inbound.column_names import plain_name
from nurture_cli.inbound.table import Table

EMAIL = "email"
_EMAIL_NAME = re.compile(r"(?:[a-z]+_)?(?:e_?mail|mail)(?:_(?:address|adress|id))?(?:_?[0-9]+)?")
_NOT_EMAIL = re.compile(
    r"(?:no|has|is|last|direct|voice)_.*"
)  # `no_mail`, `last_email` and the like say something else


@dataclass(frozen=True, slots=True)
class Layout:
    """The place of each target in a row, counted from 0, and the columns that are not read."""

    places: Mapping[str, int]
    values: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, str]
    ignored: tuple[str, ...]


def lay_out(
    table: Table,
    column_map: ColumnMap,
    *,
    recognised: Mapping[str, str],
    targets: Collection[str],
    email: str | None = None,
) -> Layout:
    """Find the column of each target: by the map, else by its plain name among `recognised`.

    Raises WrongUsage for a map that does not fit the table, and when it is unclear which column is the address.
    """
    said = _mapped(table, column_map, targets)
    if email is not None:
        said[EMAIL] = _column(table, email)
    left = {_column(table, name) for name, target in column_map.columns.items() if target == IGNORE}
    places = dict(said)
    for place, name in enumerate(table.header):
        target = recognised.get(plain_name(name), EMAIL)
        if target == EMAIL or place in left or place in said.values():
            continue
        if target in said or target in column_map.constants:
            continue  # the user said it otherwise
        if target in places:
            first = table.header[places[target]]
            raise WrongUsage(
                f"Two columns could be `{target}`: `{first}` and `{name}`.",
                f'Choose one with --map "{name}={target}".',
            )
        places[target] = place
    if EMAIL not in places:
        places[EMAIL] = _find_email(table, left | set(places.values()))
    ignored = tuple(name for place, name in enumerate(table.header) if place not in places.values())
    return Layout(places, column_map.values, column_map.constants, ignored)


def _mapped(table: Table, column_map: ColumnMap, targets: Collection[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    refuse_unknown_targets(column_map, targets)
    for name, target in column_map.columns.items():
        place = _column(table, name)
        if target == IGNORE:
            continue
        if target in places:
            raise WrongUsage(
                f"Two columns are mapped to `{target}`: `{table.header[places[target]]}` and `{name}`.",
                "Leave one of them out.",
            )
        if target in column_map.constants:
            raise WrongUsage(
                f"`{target}` is given twice: as a constant, and in the column `{name}`.", "Leave one of them out."
            )
        places[target] = place
    return places


def refuse_unknown_targets(column_map: ColumnMap, targets: Collection[str]) -> None:
    """Raise WrongUsage for a map that names what a row cannot have."""
    for target in (*column_map.columns.values(), *column_map.values, *column_map.constants):
        if target not in targets and target != IGNORE:
            raise _unknown_target(target, targets)
    if EMAIL in column_map.constants:
        raise WrongUsage("The mail address cannot be the same for every row.")


def _column(table: Table, name: str) -> int:
    """The place of a column by its name, or by its plain name when only one has it."""
    exact = [place for place, title in enumerate(table.header) if title == name]
    alike = [place for place, title in enumerate(table.header) if plain_name(title) == plain_name(name)]
    found = exact or alike
    if len(found) == 1:
        return found[0]
    near = nearest(name, table.header)
    raise WrongUsage(
        f"{table.file.path} has no column `{name}`." + (f" Did you mean `{near}`?" if near else ""),
        f"Its columns are {listed(table.header, 20)}.",
    )


def _unknown_target(target: str, targets: Collection[str]) -> WrongUsage:
    near = nearest(target, targets)
    return WrongUsage(
        f"`{target}` is not something that a row can have." + (f" Did you mean `{near}`?" if near else ""),
        "Custom fields must be declared under `fields:` in nurture.yml.",
    )


def _find_email(table: Table, taken: set[int]) -> int:
    names = {place: plain_name(title) for place, title in enumerate(table.header) if place not in taken}
    found = [place for place, name in names.items() if _EMAIL_NAME.fullmatch(name) and not _NOT_EMAIL.fullmatch(name)]
    numbered = {name.rpartition("_")[2]: place for place in found if (name := names[place])}
    alike = {names[place].rpartition("_")[0] for place in found}
    if len(alike) == 1 and "1" in numbered and len(numbered) == len(found):
        return numbered["1"]  # `Email 1` and `Email 2`: the first one is meant to be written to, and is said aloud
    if len(found) == 1:
        return found[0]
    if found:
        titles = [table.header[place] for place in found]
        raise WrongUsage(
            f"Several columns of {table.file.path} could be the mail address: {listed(titles)}.",
            f'Choose one with --email "{titles[0]}".',
        )
    if any("@" in title for title in table.header):
        raise Findings(
            f"{table.file.path} has no header row: its first row holds an address.",
            "Put the names of the columns into a row above it.",
        )
    raise WrongUsage(
        f"{table.file.path} has no column with mail addresses. Its columns are {listed(table.header, 20)}.",
        "If one of them is the address, say which with --email COLUMN.",
    )
