"""Where the worked example is: in the package when it is installed, at the top of the repository when it is not.

Its layouts are the built-in ones.
"""

from __future__ import annotations

from pathlib import Path

import nurture_cli
from nurture_cli.message.layout import built_in_files
from nurture_cli.places import TEMPLATES

FILES = ("nurture.yml", "campaigns", "templates")
SAMPLES = ("contacts.csv", "events.csv")


def example_files() -> dict[str, Path]:
    """Every file of the worked example: its name within the project -> where it is now."""
    package = Path(nurture_cli.__file__).parent
    samples = package / "example"
    root = samples if (samples / "nurture.yml").is_file() else package.parent
    found = {name: samples / name for name in SAMPLES}
    found.update({f"{TEMPLATES}/{layout.name}": layout for layout in built_in_files()})
    for name in FILES:
        place = root / name
        members = sorted(place.iterdir()) if place.is_dir() else [place]
        found.update({str(member.relative_to(root)): member for member in members if member.is_file()})
    return found
