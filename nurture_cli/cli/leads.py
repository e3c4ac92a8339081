"""Words that people try as a command, and the command that does what they want."""

from __future__ import annotations

from difflib import get_close_matches

from nurture_cli.cli.commands import COMMANDS

_SEND = "Mails are sent by `nurture run`."
_SHOW_FIRST = "`nurture plan` shows what a run would do, and sends nothing."
_LOOK_AT_FILES = "`nurture check` checks the project's files."
_MAKE = "`nurture init DIR` makes a project, `nurture new campaign NAME` a campaign, `nurture new asset NAME` an asset."
_RECORDS = "`nurture touches list` lists what was sent, and `nurture status` what ran."
_SEGMENTS = "Segments are in nurture.yml; `nurture contacts list --where CONDITION` lists the contacts who match."
_ASSETS = "Assets are files in templates/: `nurture new asset NAME` makes one, `nurture preview ASSET` shows it."
_CAMPAIGNS = (
    "Campaigns are files in campaigns/: `nurture new campaign NAME` makes one, `nurture plan` shows what they do."
)
_REPEAT = "`nurture cron` prints the line that starts `nurture run` every few minutes."
_SUPPRESS = "`nurture suppress` manages the addresses that nurture never writes to."
_CONTACTS = "`nurture contacts` imports, lists, shows and changes contacts."
_REMOVE = (
    "`nurture suppress add EMAIL` stops all messages to an address for good; campaigns and assets are files:"
    " delete the file."
)
_EDIT = (
    "Edit the files in campaigns/ and templates/ in your editor, then run `nurture check`;"
    " `nurture contacts set EMAIL NAME=VALUE` changes a contact."
)
_SETTINGS = "The settings are in nurture.yml; `nurture check` says whether they are right."

LEADS: dict[str, str] = {
    **dict.fromkeys(("send", "deliver", "mail", "execute", "go"), _SEND),
    **dict.fromkeys(("dry-run", "dryrun", "simulate", "due", "queue", "next"), _SHOW_FIRST),
    **dict.fromkeys(("validate", "lint", "verify", "test"), _LOOK_AT_FILES),
    **dict.fromkeys(("create", "make", "generate", "scaffold", "setup", "project"), _MAKE),
    **dict.fromkeys(("log", "logs", "history", "sent", "report", "stats"), _RECORDS),
    **dict.fromkeys(("segment", "segments", "query"), _SEGMENTS),
    **dict.fromkeys(("asset", "assets", "template", "templates", "render"), _ASSETS),
    **dict.fromkeys(("campaign", "campaigns"), _CAMPAIGNS),
    **dict.fromkeys(("schedule", "crontab", "systemd", "daemon", "serve", "watch", "start"), _REPEAT),
    **dict.fromkeys(("suppressions", "block", "blocklist", "blacklist", "bounce", "optout", "opt-out"), _SUPPRESS),
    **dict.fromkeys(("config", "configure", "settings"), _SETTINGS),
    "import": "Contacts come in with `nurture contacts import FILE`, events with `nurture events import FILE`.",
    "export": "`nurture contacts export` writes contacts, and `nurture sales export` leads, as CSV.",
    **dict.fromkeys(("contact", "people", "person", "subscribers", "customers", "prospects", "users"), _CONTACTS),
    **dict.fromkeys(("delete", "remove"), _REMOVE),
    "add": "`nurture contacts add EMAIL` adds a contact, and `nurture events add EMAIL KIND` an event.",
    "set": "`nurture contacts set EMAIL NAME=VALUE` changes a contact.",
    "tag": "`nurture contacts tag EMAIL TAG` tags a contact.",
    "show": "`nurture contacts show EMAIL` shows a contact, and `nurture explain EMAIL` what comes next for them.",
    "list": "`nurture contacts list` lists contacts, `nurture sales list` leads, `nurture touches list` what was sent.",
    "event": "`nurture events` records what contacts did.",
    "task": "`nurture tasks list` lists your to-dos.",
    "touch": "`nurture touches list` lists what was sent.",
    "why": "`nurture explain EMAIL` says why a contact got something, or did not.",
    "lead": "`nurture sales list` lists the leads.",
    "leads": "`nurture sales list` lists the leads.",
    "restore": "Put the backup's files in their place, then run `nurture recover`.",
    "upgrade": "`nurture migrate` brings the database to this version's schema.",
    "update": "`nurture contacts set EMAIL NAME=VALUE` changes a contact, `nurture migrate` the database's schema.",
    "pause": "Write `paused: true` into the campaign's file.",
    "resume": "Take `paused: true` out of the campaign's file.",
    "edit": _EDIT,
    "stop": "Write `paused: true` into a campaign's file; Ctrl-C ends a run cleanly.",
    "rules": "`nurture rule` lists the rules of `nurture check`.",
    "completion": "`nurture --install-completion` sets up completion for your shell.",
}  # fmt: skip


def lead_on(word: str) -> str:
    """What to type instead of a word that is no command; '' when nothing comes near."""
    lead = LEADS.get(word.lower())
    if lead is not None:
        return lead
    near = get_close_matches(word, [command.name for command in COMMANDS], n=1)
    if near:
        return f"Did you mean `nurture {near[0]}`?"
    slip = get_close_matches(word, LEADS, n=1, cutoff=0.75)  # these are guesses already: only a slip of the finger
    return LEADS[slip[0]] if slip else ""
