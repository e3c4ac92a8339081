"""Projects on disk, written from texts, and their databases: whatever test needs one builds on these."""

from __future__ import annotations

import os
import secrets
import sqlite3
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from nurture_cli.keys import Keys, create_key_file, read_keys
from nurture_cli.project import Project, load_project
from nurture_cli.store.create import create
from nurture_cli.store.host import host_fingerprint

SHOP = {
    "nurture.yml": """\
project: Shop
zone: Europe/Berlin
sender:
  name: Ada from Shop
  address: ada@news.shop.internal
  postal_address: Shop, 1 Main Street, Springfield
  unsubscribe: {url: "https://shop.internal/unsubscribe/{token}", mailto: out@shop.internal}
stages: [name, lead, customer]
fields: {employees: number, vip: boolean, renewal: date}
limits: {per_contact: [1 per day], guard: 50}
channels: {mail: {type: outbox}}
""",
    "campaigns/fair.yml": """\
campaign: fair
title: After the fair
enter: {when: tag("fair"), backfill: true}
exit: {when: stage == "customer"}
pace: {window: Mon-Fri 09:00-17:00}
stages:
  any:
    - send: welcome
    - wait: 2 days
    - send: guide
    - send: call
""",
    "templates/welcome.md": """\
---
title: Welcome
subject: Welcome, {{ contact.first_name | default("friend") }}
---
Hello {{ contact.first_name | default("friend") }}, [begin here](https://shop.internal/begin).
""",
    "templates/guide.md": """\
---
title: The guide
subject: The guide that you asked about
---
Here is [the guide](https://shop.internal/guide).
""",
    "templates/call.txt": """\
---
title: Call them
channel: task
---
Call {{ contact.email }}.
""",
}


def write_files(root: Path, files: Mapping[str, str | bytes | None]) -> Path:
    """Write files below a folder by their names in it, but for those of None."""
    for name, content in files.items():
        if content is not None:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return root


def make_database(root: Path, now: int) -> Keys:
    """Give a project a key file and an empty database."""
    create_key_file(root)
    keys = read_keys(root)
    new_database(root / "nurture.db", now, keys)
    return keys


def new_database(path: Path, now: int, keys: Keys) -> None:
    """What `create` makes, in a twentieth of the time: the schema comes from a database that was made before."""
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(_empty_database())
    db = sqlite3.connect(path)
    try:
        db.execute("PRAGMA synchronous = OFF")
        with db:
            db.execute(
                "UPDATE instance SET id = ?, created_at = ?, host = ?, path = ?, key_fingerprint = ?",
                (secrets.token_hex(16), now, host_fingerprint(), str(path.resolve()), keys.fingerprint),
            )
    finally:
        db.close()


@cache
def _empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nurture.db"
        create(path, 0, Keys(bytes(32)))
        return path.read_bytes()


class ProjectFolder:
    """The files of a project, which a test writes and changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        write_files(self.folder, {name: text})

    def write_asset(self, name: str, body: str = "Hello.", **front: str) -> None:
        """Write an asset; `front` are further keys of its front matter."""
        keys = {"title": name.upper(), "kind": "article", "subject": f"About {name}"} | front
        lines = "".join(f"{key}: {value}\n" for key, value in keys.items())
        self.write(f"templates/{name}.md", f"---\n{lines}---\n{body}\n")

    @property
    def project(self) -> Project:
        """The project as its files say now; they must be sound."""
        project = load_project(self.folder)
        assert project.errors == (), "\n".join(f"{found.span}: {found.message}" for found in project.errors)
        return project
