"""`nurture rule`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.folding import refolded
from nurture_cli.cli.tables import Column, show

app = CommandApp()


@app.command()
def rule(
    name: Annotated[
        str | None, typer.Argument(metavar="[RULE]", help="Name of the rule, as in the square brackets of a finding.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Explain a rule of `check`, or list all rules.

    \b
    Examples:
      nurture rule
      nurture rule loop-without-wait
    """
    from nurture_cli.cli.rule_pages import pages as all_pages

    pages = all_pages()
    if name is None:
        columns = (Column("rule", "Rule"), Column("severity", "Severity"), Column("summary", "Summary"))
        rows = ((page.id, page.severity, page.summary) for page in pages.values())
        show(columns, rows, json=json, head=None)
        return
    opening.known("rule", name, pages, listed_by="`nurture rule`")
    page = pages[name]
    if json:
        output.document({"rule": page.id, "severity": page.severity, "summary": page.summary, "page": page.text})
    else:
        text = refolded(page.text, output.terminal_width()) if output.is_terminal() else page.text
        output.data(f"{page.id} ({page.severity})\n\n{text}")
