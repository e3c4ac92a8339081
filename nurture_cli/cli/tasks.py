"""`nurture tasks`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.listings import show_listing
from nurture_cli.cli.tables import Column

app = CommandApp()


@app.callback()
def tasks() -> None:
    """List and close the tasks that campaigns made for you.

    An asset with `channel: task` becomes a task when a contact reaches its step.
    """


@app.command(name="list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Include tasks that are done.")] = False,
    json: options.Json = False,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """List open tasks, oldest first.

    \b
    Examples:
      nurture tasks list
      nurture tasks list --all --json
    """
    from nurture_cli.report.lists import task_list

    columns = (
        Column("id", "Task", right=True), Column("title", "What"), Column("email", "Contact"),
        Column("made_at", "Since"), Column("done_at", "Done"), Column("note", "Note"), Column("body", "Text"),
    )  # fmt: skip
    loaded, config = opening.configured_project(project)
    people = not json and output.is_terminal()  # the text is long: `--json` and pipes have it
    shown = columns[:-1] if people else columns
    listing = task_list(done_too=every).only([column.name for column in shown])
    nothing = "There are no tasks." if every else "There are no open tasks."
    with opening.reading(loaded, db) as connection:
        show_listing(connection, listing, shown, config.zone, json=json, nothing=nothing, head=None)


@app.command()
def done(
    ctx: typer.Context,
    task: Annotated[int, typer.Argument(metavar="TASK", help="Number of the task, as `tasks list` shows it.")],
    note: Annotated[str | None, typer.Option("--note", metavar="TEXT", help="Result, for the record.")] = None,
    project: options.ProjectFolder = None,
    db: options.Database = None,
) -> None:
    """Mark a task as done.

    \b
    Examples:
      nurture tasks done 3 --note "will decide in May"
    """
    from nurture_cli.store.tasks import finish_task

    loaded, _ = opening.configured_project(project)
    with opening.changing(loaded, db) as connection:
        changed = finish_task(connection, task, note=note, now=ctx.obj.clock.now())
    output.talk(f"Task {task} is done." if changed else f"Task {task} was already done.")
