"""One reading of one file: the known names, and the findings and places gathered on the way."""

from __future__ import annotations

from collections.abc import Collection

from nurture_cli.language.names import NameKind, Names, listed, nearest
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span
from nurture_cli.text.nodes import clip

MOST_GUESSES = 100  # a file with more mistakes than this gets no more guesses

_UNKNOWN = {
    NameKind.ASSET: "unknown-asset",
    NameKind.STAGE: "unknown-stage",
    NameKind.FIELD: "unknown-field",
    NameKind.KIND: "unknown-event-kind",
    NameKind.SEGMENT: "unknown-segment",
    NameKind.CHANNEL: "unknown-channel",
    NameKind.CAMPAIGN: "unknown-campaign",
}


class Reading:
    """Gathers what is found while a file is read; nothing here stops at the first mistake."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.places: dict[str, Span] = {}
        self._found: dict[Diagnostic, None] = {}  # in order, and the same finding once
        self._guesses = 0
        self._unbound = False

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Everything found, in the order of places."""
        return tuple(sorted(self._found, key=lambda found: found.order))

    @property
    def sound(self) -> bool:
        """Whether no error was found and every name is bound."""
        return not self._unbound and all(found.severity is not Severity.ERROR for found in self._found)

    def error(
        self,
        rule: str,
        span: Span,
        message: str,
        help: str | None = None,
        related: tuple[tuple[Span, str], ...] = (),
    ) -> None:
        """Note an error."""
        self._found[Diagnostic(rule, Severity.ERROR, span, message, help, related)] = None

    def add(self, found: Collection[Diagnostic]) -> None:
        """Note findings made elsewhere."""
        self._found.update(dict.fromkeys(found))

    def guess(self, name: str, among: Collection[str]) -> str | None:
        """The nearest name, while there are not too many to guess."""
        self._guesses += 1
        return nearest(name, among) if self._guesses <= MOST_GUESSES else None

    def known(self, sort: NameKind, name: str, span: Span) -> bool:
        """Whether a name of that sort exists; if not, says so with the nearest one."""
        among = self.names.of(sort)
        if name in among:
            return True
        if sort in self.names.unsure:
            self._unbound = True  # the file that would declare it is broken, which is a finding of its own
        else:
            near = self.guess(name, among)
            help = f"Did you mean `{near}`?" if near else _all(sort, name, among)
            self.error(_UNKNOWN[sort], span, f"There is no {sort} `{clip(name)}`.", help)
        return False


def _as_file(name: str) -> str:
    """The name, where a file could be called that."""
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else "…"


def _all(sort: NameKind, name: str, among: Collection[str]) -> str:
    match sort:
        case NameKind.ASSET:
            return f"Make it: nurture new asset {_as_file(name)}"
        case NameKind.KIND:
            return "Declare it under `events:` in nurture.yml, or use one of " + listed(sorted(among), 20) + "."
        case NameKind.FIELD:
            return "Declare it under `fields:` in nurture.yml."
        case NameKind.SEGMENT | NameKind.CHANNEL:
            declared = f"The {sort}s are {listed(sorted(among))}." if among else f"There are no {sort}s yet."
            return f"{declared} Declare them under `{sort}s:` in nurture.yml."
        case NameKind.CAMPAIGN:
            return f"Make it: nurture new campaign {_as_file(name)}"
        case NameKind.STAGE:
            return f"The stages are {listed(among)}; declare them under `stages:` in nurture.yml."
