"""A located finding in a user's file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one line: `file` relative to the project, `line` and `col` from 1, `end` exclusive."""

    file: str
    line: int
    col: int
    end: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


class Severity(StrEnum):
    """How bad a finding is: an error stops `run`; a warning does not; a note only informs."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: which rule, how bad, where, what was found, and what to do about it."""

    rule: str
    severity: Severity
    span: Span
    message: str
    help: str | None = None
    related: tuple[tuple[Span, str], ...] = ()

    @property
    def order(self) -> tuple[str, int, int, str]:
        """The key by which findings are listed: by place, then by rule."""
        return (self.span.file, self.span.line, self.span.col, self.rule)
