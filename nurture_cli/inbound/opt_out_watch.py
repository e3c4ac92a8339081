"""Looks for opt-outs that an import would not read, and refuses a file that has some.

A million rows pass here, so nothing is looked at cell by cell: in columns that ask about opt-outs it counts the texts,
in all others it only looks for texts that are clear alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nurture_cli.errors import Refused
from nurture_cli.inbound.column_map import IGNORE
from nurture_cli.inbound.column_names import bare_name
from nurture_cli.inbound.consent import CONSENT, SUPPRESSED
from nurture_cli.inbound.layout import Layout, flag
from nurture_cli.inbound.opt_out import (
    NOT_ACTIVE,
    TELLING_CELLS,
    OptOutColumn,
    OptOutKind,
    Said,
    opt_out_column,
    said_in_cell,
)
from nurture_cli.inbound.values import shown

# Fields that never hold answers of contacts.
_AS_THEY_ARE = frozenset({
    "email", "first_name", "last_name", "company", "job_title", "phone", "country", "language", "zone", "consent_at",
    "consent_until",
})  # fmt: skip
_LISTING = re.compile(r"(?:.*_)?(?:tags?|lists?|segments?|groups?|labels?|gruppen?|listen|etiquet(?:a|te)s?)(?:_.*)?")
_PARTS = re.compile(r"[,;|]")
_MOST_TEXTS = 1000  # different texts of a column, before they are judged and forgotten
_MOST_TELLING = 100  # different texts that are kept to be shown
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Telling:
    """A column that says that contacts left or never agreed, which the import would not read that way."""

    column: str
    target: str | None  # what the import reads it as, if anything
    meant_for: str  # the target that would take it
    rows: int
    examples: tuple[tuple[str, int], ...]  # texts and how often they occur, the most frequent first

    @property
    def values(self) -> str:
        """The texts with their numbers, in words."""
        texts = ", ".join(
            f"{shown(text)} {count:,} times" if count > 1 else shown(text) for text, count in self.examples
        )
        rest = self.rows - sum(count for _, count in self.examples)
        return texts + (f" and others in {rest:,} row{'s' if rest > 1 else ''}" if rest else "")


class OptOutsUnreadError(Refused):
    """A file says that contacts left, and the import would mail them."""

    def __init__(self, path: Path, found: Sequence[Telling], name: Said | None) -> None:
        self.found = tuple(found)
        self.name = name
        super().__init__(*_words(path, self.found, name))


@dataclass(slots=True)
class _Watched:
    column: OptOutColumn | None  # None where only texts that are clear alone count
    listing: bool = False
    texts: Counter[str | None] = field(default_factory=Counter)
    telling: Counter[str] = field(default_factory=Counter)
    never: Counter[str] = field(default_factory=Counter)
    rows: int = 0  # rows with an opt-out
    rows_never: int = 0  # rows with a contact who never agreed

    def judge(self) -> None:
        """Sort the texts that were counted, and forget those that say nothing."""
        for text, count in self.texts.items():
            match self.said(text or ""):
                case Said.NOTHING:
                    continue
                case Said.NEVER_AGREED:
                    self.rows_never += count
                    kept = self.never
                case Said.UNSUBSCRIBED | Said.HARD_BOUNCE | Said.COMPLAINT | Said.MANUAL:
                    self.rows += count
                    kept = self.telling
            if len(kept) < _MOST_TELLING or text in kept:
                kept[text or ""] += count
        self.texts.clear()

    def said(self, text: str) -> Said:
        if self.listing:
            found = [said for part in _PARTS.split(text) if (said := said_in_cell(part, None))]
            return min(found, key=list(Said).index, default=Said.NOTHING)
        said = said_in_cell(text, self.column)
        if said is None and self.column is not None:
            if self.column.kind is OptOutKind.OPT_OUT:
                return self.column.said  # not understood, and not a no either
            if self.column.kind is OptOutKind.STATUS and text in ("2", "3"):
                return Said.MANUAL  # a code: unsubscribed and bounced in ActiveCampaign
            if self.column.kind is OptOutKind.STATUS and bare_name(text) in NOT_ACTIVE:
                return Said.NEVER_AGREED
        return said or Said.NOTHING


class OptOutWatch:
    """Watches the columns that are not read as consent or opt-outs, and that the user did not name."""

    def __init__(self, header: Sequence[str], layout: Layout) -> None:
        self._header = header
        self._targets = layout.targets
        self._watched: dict[int, _Watched] = {}
        self._others: list[int] = []
        self._read = frozenset(layout.several.get(SUPPRESSED, ()))
        consent = layout.several.get(CONSENT, ())
        for place, name in enumerate(header):
            left_alone = place in layout.said or place in consent or self._targets.get(place) in _AS_THEY_ARE
            if left_alone and place not in self._read:
                continue
            column, listing = opt_out_column(name), _LISTING.fullmatch(bare_name(name)) is not None
            if column is not None or listing or place in self._read:
                self._watched[place] = _Watched(column, listing and column is None)
            else:
                self._others.append(place)
        self._counted = list(self._watched.items())

    def look(self, columns: Sequence[Sequence[str | None]]) -> None:
        """Look at some rows, given as columns."""
        for place, watched in self._counted:
            watched.texts.update(columns[place])
            if len(watched.texts) > _MOST_TEXTS:
                watched.judge()
        for place in self._others:
            if not TELLING_CELLS.isdisjoint(columns[place]):
                found = self._watched.setdefault(place, _Watched(None))
                found.texts.update(cell for cell in columns[place] if cell in TELLING_CELLS)

    def found(self, *, gives_consent: bool) -> tuple[Telling, ...]:
        """The columns that say so; a contact who only never agreed counts where the import gives consent."""
        found = []
        for watched in self._watched.values():
            watched.judge()
        for place, watched in sorted(self._watched.items()):
            if place in self._read or self._is_beside(watched):
                continue
            rows, texts = watched.rows, watched.telling
            if gives_consent:
                rows, texts = rows + watched.rows_never, texts + watched.never
            if not rows:
                continue
            asks_consent = watched.column is not None and watched.column.kind is OptOutKind.OPT_IN
            target = CONSENT if asks_consent or not watched.rows else SUPPRESSED
            examples = tuple(texts.most_common(_SHOWN))
            found.append(Telling(self._header[place], self._targets.get(place), target, rows, examples))
        return tuple(found)

    def _is_beside(self, watched: _Watched) -> bool:
        """Whether a column only adds a reason or a place to another one, such as UNSUB_REASON to UNSUB_TIME."""
        column = watched.column
        return (
            column is not None
            and column.prose
            and any(
                other.column is not None
                and (other.column.kind, other.column.said) == (column.kind, column.said)
                and not other.column.prose
                and other.rows >= watched.rows
                for other in self._watched.values()
            )
        )


def _words(path: Path, found: Collection[Telling], name: Said | None) -> tuple[str, str]:
    """The sentence and the help of a refusal."""
    lines = [
        f"`{one.column}` says so in {one.rows:,} row{'s' if one.rows != 1 else ''}: {one.values}." for one in found
    ]
    if found:
        take, leave = (
            ("To take it as it says:     ", "If it means something else:")
            if len(found) == 1
            else ("To take them as they say:   ", "If they mean something else:")
        )
        lines += [
            f"  {take} " + " ".join(flag("--map", f"{one.column}={one.meant_for}") for one in found),
            f"  {leave} " + " ".join(flag("--map", f"{one.column}={one.target or IGNORE}") for one in found),
        ]
    if name is not None:
        file = flag("", str(path)).strip()
        lines += [
            f"Its name says so about every contact in it ({name.value}).",
            f"  To mail none of them, ever: nurture suppress import {file}"
            if name.suppresses
            else f"  To mail none of them:       nurture contacts import {file} --set consent=unknown",
            "  If they may be mailed:      --not-opt-outs",
        ]
    who = "contacts who opted out, bounced, complained or never agreed"
    return f"{path} holds {who}, and the import would ignore that. Nothing was imported.", "\n".join(lines)
