"""Projects for tests, written as what differs from a small sound one in `base/`.

A fragment is text in which lines like `# campaigns/example.yml` name the file that the lines below belong to. Top-level
keys replace those of the base file (under `sender` and `channels`, one level deeper); a text that begins with
`campaign:`, `project:` or `---`, and that of a layout or partial, is the whole file; a file that the base lacks begins
as a copy of its like.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

BASE = Path(__file__).parent / "base"
FILE = re.compile(r"^# ((?:campaigns|templates)/[\w.-]+|nurture\.yml)\n", re.MULTILINE)
KEY = re.compile(r"^(?=[A-Za-z_]+:)", re.MULTILINE)
DEEPER = ("sender", "channels")


def build(folder: Path, *fragments: str) -> Path:
    """Write the project that the fragments describe into `folder`."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    for fragment in fragments:
        pieces = FILE.split(fragment)
        assert not pieces[0].strip(), f"text before the first file name: {pieces[0]!r}"
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
            path = folder / name
            path.write_text(_changed(path, text))
    return folder


def _changed(path: Path, text: str) -> str:
    if re.match(r"campaign:|project:|---\n", text) or path.name.startswith("_"):
        return text
    before = path.read_text() if path.exists() else _like(path)
    if path.parent.name == "templates":
        _, matter, body = before.split("---\n", 2)
        new_matter, _, new_body = text.partition("---\n")
        return f"---\n{_merged(matter, new_matter)}---\n{new_body or body}"
    return _merged(before, text)


def _like(path: Path) -> str:
    if path.parent.name == "templates":
        return (BASE / "templates" / "hello.md").read_text().replace("Hello from us", path.stem)
    return (BASE / "campaigns" / "example.yml").read_text().replace("campaign: example", f"campaign: {path.stem}")


def _merged(before: str, after: str) -> str:
    old, new = _blocks(before), _blocks(after)
    for key in set(DEEPER) & old.keys() & new.keys():
        head, old_rest = old[key].split("\n", 1)
        old_inner, new_inner = _dedented(old_rest), _dedented(new[key].split("\n", 1)[1])
        new[key] = f"{head}\n{_indented(_merged(old_inner, new_inner))}"
    return "".join((old | new).values())


def _blocks(text: str) -> dict[str, str]:
    return {block.split(":", 1)[0]: block for block in KEY.split(text) if block.strip()}


def _dedented(text: str) -> str:
    return "".join(line[2:] for line in text.splitlines(keepends=True))


def _indented(text: str) -> str:
    return "".join(f"  {line}" for line in text.splitlines(keepends=True))
