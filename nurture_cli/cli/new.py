"""`nurture new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nurture_cli.cli import caret, completion, opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.inert import inert
from nurture_cli.errors import WrongUsage

app = CommandApp()


@app.callback()
def new() -> None:
    """Make a new asset or campaign from a commented template.

    The file is yours from then on; nurture never overwrites one.
    """


@app.command()
def asset(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the asset, such as pricing-guide.")],
    json: options.Json = False,
    project: options.ProjectFolder = None,
) -> None:
    """Make a new asset: templates/NAME.md.

    Its text is complete, but its link is a placeholder: `nurture check` shows it, and nurture hands no mail with it to
    a mail server.

    \b
    Examples:
      nurture new asset pricing-guide
    """
    from nurture_cli.cli import scaffold

    scaffold.insist_on_name("an asset", name)
    loaded, config = opening.configured_project(project)
    _make(loaded.root, {scaffold.asset_file(name): scaffold.asset_text(name, config)}, json)
    if not json:
        output.talk(f"Look at it: nurture preview {name}")


@app.command()
def campaign(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the campaign, such as spring-fair.")],
    assets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ASSET]...",
            help="Assets to send, in this order; nurture makes those that do not exist. Default: two new ones.",
            autocompletion=completion.assets,
        ),
    ] = None,
    json: options.Json = False,
    project: options.ProjectFolder = None,
) -> None:
    """Make a new campaign: campaigns/NAME.yml and its assets.

    Contacts with the tag NAME enter and get the assets one after the other, four days apart.

    \b
    Examples:
      nurture new campaign spring-fair
      nurture new campaign spring-fair good-to-meet-you pricing-guide
    """
    from nurture_cli.cli import scaffold

    scaffold.insist_on_name("a campaign", name)
    wanted = assets or [f"{name}-1", f"{name}-2"]
    for one in wanted:
        scaffold.insist_on_name("an asset", one)
    twice = next((one for one in wanted if wanted.count(one) > 1), None)
    if twice is not None:
        raise WrongUsage(f"{twice} is named twice, and a campaign sends an asset once.", "Name each asset once.")
    loaded, config = opening.configured_project(project)
    files = {scaffold.campaign_file(name): scaffold.campaign_text(name, wanted, config, loaded.campaigns.values())}
    missing = [one for one in wanted if not scaffold.exists(loaded.root, one)]
    _make(loaded.root, files | {scaffold.asset_file(one): scaffold.asset_text(one, config) for one in missing}, json)
    if not json:
        output.talk(f"See who would get what: nurture plan --campaign {name}")


def _make(root: Path, files: dict[str, bytes], json: bool) -> None:
    """Write all the files, or none, and print their names."""
    from nurture_cli.cli import scaffold
    from nurture_cli.cli.made_files import refuse_the_taken, undone_on_failure, write_new

    taken = [other for file in files for other in scaffold.of_that_name(file)]
    refuse_the_taken(root, taken, "Choose another name, or change that file.")
    with undone_on_failure() as made:
        for file, text in files.items():
            write_new(root / file, text, made)
    if json:
        output.document({"folder": str(root), "made": list(files)})
        return
    for file in files:
        output.data(inert(f"{caret.prefix(root)}{file}"))
