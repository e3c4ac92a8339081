"""`nurture schema`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.schemas import FOLDER, MODELINE, file_name, write_schemas

app = CommandApp()


@app.command()
def schema(
    kind: Annotated[
        Literal["campaign", "project", "asset"],
        typer.Argument(metavar="[campaign|project|asset]", help="Kind of file."),
    ] = "campaign",
    write: Annotated[bool, typer.Option("--write", help=f"Write all schemas into {FOLDER}/ of the project.")] = False,
    project: options.ProjectFolder = None,
) -> None:
    """Print the JSON Schema of the files, so that your editor completes them.

    An editor with a YAML language server (VS Code, Neovim, Helix, Emacs, JetBrains) then completes keys, shows what
    they mean and marks mistakes while you type. `nurture init` writes the schemas into new projects.

    \b
    Examples:
      nurture schema campaign > campaign.schema.json
      nurture schema --write
    """
    from nurture_cli.campaign.keys.schema import json_schema

    if not write:
        output.document(json_schema(kind))
        return
    root = opening.find_root(project)
    for path in write_schemas(root / FOLDER):
        output.path(path)
    output.talk("Make these the first lines of your files:")
    output.talk(f"  nurture.yml      {MODELINE}{FOLDER}/{file_name('project')}")
    output.talk(f"  campaigns/*.yml  {MODELINE}../{FOLDER}/{file_name('campaign')}")
