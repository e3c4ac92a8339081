"""Every command: its section and its line in `nurture --help`, and the module that is loaded when it is called."""

from __future__ import annotations

from typing import NamedTuple


class Command(NamedTuple):
    """A command as `--help` and completion know it, without loading its module `nurture_cli.cli.<module>`."""

    section: str
    name: str
    module: str
    summary: str


WRITE, LOOK, RUN, DATA, KEEP = "Write", "Look", "Run", "Data", "Keep"

COMMANDS: tuple[Command, ...] = (
    Command(WRITE, "init", "init", "Make a new project in a folder."),
    Command(WRITE, "new", "new", "Make a new asset or campaign from a commented template."),
    Command(WRITE, "check", "check", "Check the project's files."),
    Command(WRITE, "rule", "rule", "Explain a rule of `check`, or list all rules."),
    Command(WRITE, "schema", "schema", "Print the JSON Schema of the files, so that your editor completes them."),
    Command(WRITE, "preview", "preview", "Show the exact message that `run` would send, or send yourself a test mail."),
    Command(LOOK, "plan", "plan", "Show who is due for which asset now, and who is held back and why."),
    Command(LOOK, "explain", "explain", "Show where a contact is, what comes next, and why not sooner."),
    Command(LOOK, "stuck", "stuck", "List contacts who have been in a stage too long, and what they still need."),
    Command(LOOK, "silent", "silent", "List contacts who haven't been written to lately, and why."),
    Command(LOOK, "status", "status", "Show what ran, what is waiting, and what needs a human."),
    Command(LOOK, "demo", "demo", "Watch a year go by on the worked example, in a scratch folder."),
    Command(RUN, "run", "run", "Do what `plan` says: send what is due."),
    Command(RUN, "cron", "cron", "Print a crontab line, or systemd units, for this project."),
    Command(RUN, "tasks", "tasks", "List and close the tasks that campaigns made for you."),
    Command(RUN, "sales", "sales", "Hand leads to Sales: the queue, the brief, and the answers."),
    Command(RUN, "touches", "touches", "Show what was sent, what failed, and what is in doubt."),
    Command(
        RUN, "recover", "recover", "Update a restored or outdated database with what was really sent and who left."
    ),
    Command(RUN, "adopt", "adopt", "Let a database that you moved or copied send from here."),
    Command(DATA, "contacts", "contacts", "Import, list, show, change, tag and export contacts."),
    Command(DATA, "events", "events", "Record what contacts did."),
    Command(DATA, "suppress", "suppress", "Manage the addresses that nurture never writes to."),
    Command(DATA, "unsubscribe", "unsubscribe", "Unsubscribe a contact by the token in a mail."),
    Command(DATA, "request", "request", "Send a contact one asset next, because they asked for it."),
    Command(KEEP, "doctor", "doctor", "Check the database, lock, clock and mail delivery."),
    Command(KEEP, "backup", "backup", "Make a verified copy of the database and the key."),
    Command(KEEP, "migrate", "migrate", "Update the database to this version's schema, after a verified copy."),
    Command(KEEP, "help", "help", "List all commands and topics, or describe one."),
)

FIRST = ("demo", "init", "check", "plan", "run", "explain", "status")  # what `nurture --help` has room to describe


def sections() -> list[tuple[str, list[Command]]]:
    """The commands by section, in order."""
    names = dict.fromkeys(command.section for command in COMMANDS)
    return [(name, [command for command in COMMANDS if command.section == name]) for name in names]
