"""Whether two plans are one: `python -m benchmarks.agreement FILE FILE` prints how many are due and how many held.

A process of its own, so that what it reads does not count as memory of what is measured afterwards.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

Touch = tuple[str, str, str, str, str]  # due or held, address, campaign, asset, why held


def touches(file: Path) -> set[Touch]:
    """The touches of a plan printed as JSON lines."""
    found: set[Touch] = set()
    for text in file.read_text("utf-8").splitlines():
        line = json.loads(text)
        if line["type"] in ("due", "held"):
            why = line["reason"] if line["type"] == "held" else ""
            found.add((line["type"], line["email"], line["campaign"], line["asset"], why))
    return found


def main(one: Path, other: Path) -> str | None:
    """Print the two numbers, or return what differs."""
    first, second = touches(one), touches(other)
    if first != second:
        return f"The plan and the hand-written SQL differ, for instance in {sorted(first ^ second)[:3]}."
    due = sum(touch[0] == "due" for touch in first)
    sys.stdout.write(f"{due} {len(first) - due}\n")
    return None


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
