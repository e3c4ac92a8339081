"""`nurture tasks`."""

from __future__ import annotations

from typing import Annotated

import typer

from nurture_cli.cli import opening, options, output
from nurture_cli.cli.app import CommandApp
from nurture_cli.cli.tables import Column, show
from nurture_cli.cli.times import iso, written

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
    from nurture_cli.store.tasks import list_tasks

    columns = (
        Column("id", "Task", right=True), Column("title", "What"), Column("email", "Contact"),
        Column("made_at", "Since"), Column("done_at", "Done"), Column("note", "Note"), Column("body", "Text"),
    )  # fmt: skip
    loaded, config = opening.configured_project(project)
    time = iso if json else written
    with opening.reading(loaded, db) as connection:
        found = list_tasks(connection, done_too=every)
    short = not json and output.is_terminal()  # the text is long: `--json` and pipes have it
    show(
        columns[:-1] if short else columns,
        [
            (
                t.id, t.title, t.email, time(t.made_at, config.zone), time(t.done_at, config.zone), t.note,
                *(() if short else (t.body,)),
            )
            for t in found
        ],
        json=json,
        head=None,
        nothing="There are no tasks." if every else "There are no open tasks.",
    )  # fmt: skip


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
