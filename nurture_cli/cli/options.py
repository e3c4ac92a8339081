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
        help="Folder of the project. Default: this folder, or the nearest one above it, with a nurture.yml.",
    ),
]
Database = Annotated[
    Path | None,
    typer.Option(
        "--db",
        metavar="FILE",
        help="Database file. Default: nurture.db in the project's folder.",
        readable=False,  # our own message says to whom the file belongs
    ),
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
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Reason, for the record.")]
Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Email of the contact.")]
Where = Annotated[
    str | None,
    typer.Option(
        "--where", metavar="CONDITION", help="Limit to contacts who meet this condition, written as in campaign files."
    ),
]
