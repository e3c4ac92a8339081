"""Which machine this is, and how a database records its place."""

from __future__ import annotations

import hashlib
from pathlib import Path

from nurture_cli.errors import WrongUsage

_MACHINE_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))


def host_fingerprint() -> str:
    """A hash of the machine's id; machines without one, such as most containers, all look the same."""
    for place in _MACHINE_IDS:
        try:
            text = place.read_text("ascii").strip()
        except (OSError, UnicodeError):
            continue
        if text:
            return hashlib.sha256(b"nurture host\0" + text.encode()).hexdigest()[:32]
    return "unknown"


def place_of(path: Path) -> str:
    """The place of a database, as `instance` records it; raises WrongUsage when the name of a folder is not text."""
    place = str(path.resolve())
    if not place.isascii() and any("\ud800" <= letter <= "\udfff" for letter in place):
        raise WrongUsage(
            f"The path {place} is not UTF-8 text, so a database there cannot record where it is.",
            "Rename the folder whose name has bytes that are not UTF-8.",
        )
    return place
