"""Comments that allow a finding: `# nurture: allow wait-forever`, on its line or on the line above.

Several ids are separated by commas. In the body of a template the comment is written `{# nurture: allow … #}`. Errors
are never allowed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from nurture_cli.text.diagnostic import Diagnostic, Severity

COMMENT = re.compile(r"#\s*nurture:\s*allow\s+([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)")


class Allowances:
    """The comments of a project's files; a file is searched only for a finding in it."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._files: dict[str, dict[int, frozenset[str]]] = {}

    def cover(self, finding: Diagnostic) -> bool:
        """Whether a comment allows the finding."""
        if finding.severity is Severity.ERROR:
            return False
        file, line = finding.span.file, finding.span.line
        if file not in self._files:
            self._files[file] = _comments(self._sources.get(file, ""))
        allowed = self._files[file]
        return any(finding.rule in allowed.get(number, ()) for number in (line, line - 1))


def _comments(text: str) -> dict[int, frozenset[str]]:
    """Line -> the ids that a comment on it allows."""
    return {
        text.count("\n", 0, hit.start()) + 1: frozenset(re.split(r"\s*,\s*", hit[1])) for hit in COMMENT.finditer(text)
    }
