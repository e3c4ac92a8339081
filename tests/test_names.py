"""One name, one thing: whoever reads a name in one room need not ask which of two is meant."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import nurture_cli

PACKAGE = Path(nurture_cli.__file__).parent
OPTIONS = "cli/options.py"  # always read with its module: `options.Json`


def test_no_two_public_types_are_alike() -> None:
    places = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        for node in ast.parse(path.read_text("utf-8")).body:
            match node:
                case ast.ClassDef(name=name) if not name.startswith("_"):
                    places[name].append(place)
                case ast.Assign(targets=[ast.Name(id=name)]) if name[0].isupper() and not name.isupper():
                    places[name].append(place)

    alike = {name: found for name, found in places.items() if len({*found} - {OPTIONS}) > 1}
    assert alike == {}
