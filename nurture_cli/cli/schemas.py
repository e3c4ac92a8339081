"""The JSON Schemas of the three kinds of files, for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture_cli.campaign.keys.schema import Which

FOLDER = ".nurture"
MODELINE = "# yaml-language-server: $schema="
KINDS: tuple[Which, ...] = ("project", "campaign", "asset")


def file_name(kind: Which) -> str:
    """The name of the file that holds the schema of a kind, within `.nurture/`."""
    return f"{kind}.schema.json"


def write_schemas(folder: Path) -> list[Path]:
    """Write all three into `folder`, in place of older ones."""
    from nurture_cli.campaign.keys.schema import json_schema

    folder.mkdir(exist_ok=True)
    written = []
    for kind in KINDS:
        path = folder / file_name(kind)
        path.write_text(json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        written.append(path)
    return written
