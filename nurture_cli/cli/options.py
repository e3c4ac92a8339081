"""The options and arguments that several commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProjectFolder = Annotated[
    Path | None,
    typer.Option(
        "--project",
        metavar="DIR",
        help="The folder of the project. Without it: the nearest folder upward that has a nurture.yml.",
    ),
]
Database = Annotated[
    Path | None,
    typer.Option("--db", metavar="FILE", help="The database. Without it: nurture.db in the project's folder."),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="Answer as of this time, such as 2026-11-22T09:00 (in the project's zone). Default: now.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The contact's address.")]
Where = Annotated[
    str | None,
    typer.Option("--where", metavar="CONDITION", help="Only contacts for whom this holds, as in campaign files."),
]
