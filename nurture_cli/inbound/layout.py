"""Where in a table the facts are: the recognised column names, and what the user said about them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nurture_cli.errors import Findings, WrongUsage
from nurture_cli.inbound.column_map import IGNORE, ColumnMap, fields_help, unknown_target
from nurture_cli.inbound.column_names import bare_name, plain_name
from nurture_cli.inbound.headers import KNOWN
from nurture_cli.inbound.table import Table
from nurture_cli.language.names import listed, nearest

EMAIL = "email"
_SHELL = re.compile(r"[\"$`\\!]")  # what a shell interprets within double quotes
_EMAIL_NAME = re.compile(
    r"(?:[a-z]+_)?(?:e_?mail|mail)(?:_?(?:address|adress|adresse|adres)|_id)?(?:_?[0-9]+)?"
    r"|(?:adresse|indirizzo|direccion|endereco)(?:_d[ei])?_(?:e_?mail|mail|courriel)"
)
_NOT_EMAIL = re.compile(
    r"(?:no|has|is|last|direct|voice)_.*"
)  # `no_mail`, `last_email` and the like say something else


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a row the facts are: the columns of each target, counted from 0, and those that are not read."""

    places: Mapping[str, int]
    several: Mapping[str, tuple[int, ...]]  # of the targets that may have more than one column
    values: Mapping[str, Mapping[str, str]]
    constants: Mapping[str, str]
    ignored: tuple[str, ...]
    said: frozenset[int]  # columns that the user named

    @property
    def given(self) -> frozenset[str]:
        """The targets that have a column or a constant."""
        return frozenset({*self.places, *self.several, *self.constants})

    @property
    def targets(self) -> dict[int, str]:
        """The target of each column that is read, in their order."""
        found = {place: target for target, place in self.places.items()}
        found |= {place: target for target, places in self.several.items() for place in places}
        return dict(sorted(found.items()))


def lay_out(
    table: Table,
    column_map: ColumnMap,
    *,
    recognised: Mapping[str, str],
    targets: Collection[str],
    several: Collection[str] = (),
    email: str | None = None,
) -> Layout:
    """Find the columns of each target: by the map, else by plain or bare name among `recognised`.

    Targets in `several` may have more than one column, and a constant beside them. Raises WrongUsage for a map that
    does not fit the table, and when it is unclear which column is the address.
    """
    said, many = _mapped(table, column_map, targets, several)
    if email is not None:
        said[EMAIL] = _column(table, email)
    left = {_column(table, name) for name, target in column_map.columns.items() if target == IGNORE}
    spoken_of = frozenset({*said.values(), *left, *(place for places in many.values() for place in places)})
    places = dict(said)
    for place, name in enumerate(table.header):
        target = recognised.get(plain_name(name), recognised.get(bare_name(name), EMAIL))
        if target == EMAIL or place in spoken_of:
            continue
        if target in several:
            many.setdefault(target, []).append(place)
            continue
        if target in said or target in column_map.constants:
            continue  # the user said otherwise
        if target in places:
            first = table.header[places[target]]
            exact = [plain_name(one) == target for one in (first, name)]
            if exact == [True, False]:
                continue  # a column with exactly this name is meant
            if exact == [False, True]:
                places[target] = place
                continue
            raise WrongUsage(
                f"Two columns could be `{target}`: `{first}` and `{name}`.",
                f"Choose one with {flag('--map', f'{name}={target}')}.",
            )
        places[target] = place
    taken = left | set(places.values()) | {place for found in many.values() for place in found}
    if EMAIL not in places:
        places[EMAIL] = _find_email(table, taken)
    read = taken - left | {places[EMAIL]}
    return Layout(
        places=places,
        several={target: tuple(found) for target, found in many.items()},
        values=column_map.values,
        constants=column_map.constants,
        ignored=tuple(name for place, name in enumerate(table.header) if place not in read),
        said=spoken_of,
    )


def flag(option: str, value: str) -> str:
    """An option with its value, as you type it into a shell."""
    return f'{option} "{value}"' if not _SHELL.search(value) else f"{option} {shlex.quote(value)}"


def _mapped(
    table: Table, column_map: ColumnMap, targets: Collection[str], several: Collection[str]
) -> tuple[dict[str, int], dict[str, list[int]]]:
    places: dict[str, int] = {}
    many: dict[str, list[int]] = {}
    refuse_unknown_targets(column_map, targets)
    for name, target in column_map.columns.items():
        place = _column(table, name)
        if target == IGNORE:
            continue
        if target in several:
            many.setdefault(target, []).append(place)
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
    return places, many


def refuse_unknown_targets(column_map: ColumnMap, targets: Collection[str]) -> None:
    """Raise WrongUsage for a map that names something that a row cannot have."""
    for target in (*column_map.columns.values(), *column_map.values, *column_map.constants):
        if target not in targets and target != IGNORE:
            raise WrongUsage(unknown_target(target, targets), fields_help(targets))
    if EMAIL in column_map.constants:
        raise WrongUsage("The email address cannot be the same for every row.")


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


def _find_email(table: Table, taken: set[int]) -> int:
    names = {place: bare_name(title) for place, title in enumerate(table.header) if place not in taken}
    found = [place for place, name in names.items() if _names_email(name)]
    numbered = {name.rpartition("_")[2]: place for place in found if (name := names[place])}
    alike = {names[place].rpartition("_")[0] for place in found}
    if len(alike) == 1 and "1" in numbered and len(numbered) == len(found):
        return numbered["1"]  # `Email 1` and `Email 2`: mail goes to the first one, and the report says so
    if len(found) == 1:
        return found[0]
    if found:
        titles = [table.header[place] for place in found]
        raise WrongUsage(
            f"Several columns of {table.file.path} could be the email address: {listed(titles)}.",
            f"Choose one with {flag('--email', titles[0])}.",
        )
    if any("@" in title for title in table.header):
        raise Findings(
            f"{table.file.path} has no header row: its first row holds an address.",
            "Put the names of the columns into a row above it.",
        )
    raise WrongUsage(
        f"{table.file.path} has no column with email addresses. Its columns are {listed(table.header, 20)}.",
        "If one of them is the address, say which with --email COLUMN.",
    )


def _names_email(bare: str) -> bool:
    return KNOWN.get(bare) == EMAIL or bool(_EMAIL_NAME.fullmatch(bare) and not _NOT_EMAIL.fullmatch(bare))
