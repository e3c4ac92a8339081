"""The names that the shell offers: read from the project's folder alone, so that they come at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer

from nurture_cli.errors import NurtureError
from nurture_cli.places import CAMPAIGNS, TEMPLATES, find_project


def _names_in(folder: str) -> Callable[[typer.Context, str], list[str]]:
    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            root = find_project(Path(ctx.params.get("project") or "."))
            names = {path.stem for path in (root / folder).iterdir() if not path.name.startswith(("_", "."))}
        except (NurtureError, OSError):
            return []
        return sorted(name for name in names if name.startswith(incomplete))

    return complete


campaigns = _names_in(CAMPAIGNS)
assets = _names_in(TEMPLATES)
