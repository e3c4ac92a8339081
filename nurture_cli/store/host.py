"""Which machine this is, and how a database records its place."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from nurture_cli.errors import WrongUsage

_MOUNTS = Path("/proc/self/mounts")
_OCTAL = re.compile(r"\\([0-7]{3})")
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


def file_system(path: Path) -> str:
    """The kind of file system that a path is on, such as `nfs4`; '' where the system does not tell."""
    place = str(path.resolve())
    try:
        mounts = [line.split(" ")[1:3] for line in _MOUNTS.read_text("utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    # Names have octal numbers for blanks; of two mounts at one place the later one counts.
    named = [(_OCTAL.sub(lambda found: chr(int(found[1], 8)), point), kind) for point, kind in mounts]
    above = [
        (len(point), number, kind)
        for number, (point, kind) in enumerate(named)
        if place == point or place.startswith(point.rstrip("/") + "/")
    ]
    return max(above, default=(0, 0, ""))[2]
