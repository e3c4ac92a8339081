"""Mails in a real browser: what a reader would see, as figures."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any, Literal

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
PHONE, DESKTOP = 375, 1280  # pixels
WIDE = (  # what every picture shows: something that is 2000 pixels wide
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='2000' height='500'%3E%3C/svg%3E"
)

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--virtual-time-budget=10000", "--dump-dom",
)  # fmt: skip
_MEASURE = Path(__file__).with_name("measure.js")


def installed() -> str | None:
    """The browser there is."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def measured(
    browser: str, mails: Mapping[str, str], folder: Path, *, width: int, scheme: Literal["light", "dark"]
) -> dict[str, Any]:
    """What `measure.js` finds in each mail, by name, on a screen of this width."""
    frames = "".join(
        f'<iframe name="{escape(name)}" style="border:0;width:{width}px;height:800px;color-scheme:{scheme}"'
        f' srcdoc="{escape(_with_pictures(html))}"></iframe>'
        for name, html in mails.items()
    )
    page = folder / f"{width}-{scheme}.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{frames}<script>{_MEASURE.read_text()}</script>", "utf-8")
    done = subprocess.run(
        [browser, *_FLAGS, f"--user-data-dir={folder / 'profile'}", f"--window-size={DESKTOP},800", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    found = re.search(r'<pre id="measured">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stderr[-2000:]
    result: dict[str, Any] = json.loads(unescape(found[1]))
    return result


def _with_pictures(html: str) -> str:
    return re.sub(r'(<img\b[^>]*?\ssrc=")[^"]*', lambda hit: hit[1] + WIDE, html)
