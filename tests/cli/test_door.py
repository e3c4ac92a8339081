"""Commands write to the database through one door, so that none forgets what has to be done when it closes."""

from __future__ import annotations

import ast
from pathlib import Path

import nurture_cli

PACKAGE = Path(nurture_cli.__file__).parent

# The door of the commands, the run itself, and the note of a run that could not begin: it is about nobody.
DOORS = {"cli/opening.py", "runner/run.py", "runner/blocked.py"}


def test_nothing_but_the_doors_opens_the_database_for_writing() -> None:
    opening = {
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and "open_writer" in {name.name for name in node.names}
    }

    assert opening == DOORS
