"""A small sound project, and how its findings are written down."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nurture_cli.project import Project, load_project
from nurture_cli.text.diagnostic import Diagnostic
from tests.projects import write_files

CONFIG = """\
project: Example
zone: Europe/Berlin
sender:
  name: Anna Berg
  address: anna@example.com
  postal_address: 1 Main Street, Springfield
  unsubscribe: {url: "https://example.com/u/{token}"}
stages: [awareness, decision, customer]
fields: {employees: number, renewal: date, vip: boolean}
segments:
  buyers: role in ["buyer", "decision-maker"]
"""
CAMPAIGN = """\
campaign: first
enter:
  when: did("downloaded", "ebook")
  backfill: false
stages:
  awareness:
    - send: hello
    - wait: 3 days
    - send: guide
"""
ASSETS = ("ebook", "hello", "guide")


def make_project(root: Path, files: Mapping[str, str | bytes]) -> Project:
    """A sound project at `root`, with `files` (path within the project -> content) added or put in place."""
    assets = {f"templates/{name}.md": f"---\ntitle: {name}\nsubject: Hello\n---\nText\n" for name in ASSETS}
    write_files(root, {"nurture.yml": CONFIG, "campaigns/first.yml": CAMPAIGN} | assets | dict(files))
    return load_project(root)


def written(found: Diagnostic, sources: Mapping[str, str]) -> str:
    """A finding as text: place, rule, message, the line with its caret, help, related places."""
    place = found.span
    lines = [f"{place}: {found.severity} [{found.rule}] {found.message}"]
    source = sources.get(place.file, "").split("\n")
    if place.line <= len(source) and source[place.line - 1]:
        lines += [f"  {source[place.line - 1]}", "  " + " " * (place.col - 1) + "^" * max(1, place.end - place.col)]
    if found.help:
        lines.append(f"  help: {found.help}")
    lines += [f"  {span}: {message}" for span, message in found.related]
    return "\n".join(lines)
