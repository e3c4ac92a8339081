"""What `init` needs to know about a new project, and the nurture.yml that it writes from that."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path
from string import Template

from nurture_cli.campaign.keys.notations import parse_zone
from nurture_cli.cli.goals import BY_NAME, GOALS, StarterGoal
from nurture_cli.places import CONFIG_FILE

STARTER = Path(__file__).parent / "starter"
LATER_ADDRESS = "you@your-company.example"  # a reserved domain, so that `check` finds it before anything leaves
LATER_POSTAL_ADDRESS = "1 Example Street, 12345 Example Town"
PLAIN_NAME = "Nurture"  # of a project whose folder has a name that cannot be shown

_LOCALTIME = Path("/etc/localtime")
_PLAIN = re.compile(r"[A-Za-z](?:[\w .@+/-]*\w)?", re.ASCII)  # needs no quotation marks in YAML
_NO_TEXT = ("true", "false", "null")


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers about a new project; None where there is none."""

    goal: str | None = None
    name: str | None = None
    sender_name: str | None = None
    sender_address: str | None = None
    reply_to: str | None = None
    postal_address: str | None = None
    zone: str | None = None

    @property
    def given(self) -> list[str]:
        """The names of the questions that have an answer."""
        return [one.name for one in fields(self) if getattr(self, one.name) is not None]

    @property
    def chosen(self) -> StarterGoal:
        """The goal, or the default one."""
        return BY_NAME[self.goal] if self.goal else GOALS[0]

    @property
    def missing(self) -> list[str]:
        """The keys of `sender` that hold a placeholder."""
        unsubscribe = self.reply_to or self.sender_address
        values = {
            "address": self.sender_address, "postal_address": self.postal_address, "unsubscribe.mailto": unsubscribe,
        }  # fmt: skip
        return [key for key, value in values.items() if value is None]


def fault(name: str, value: str) -> str | None:
    """Why nurture.yml could not hold an answer, in the words of `check`; None when it can."""
    from nurture_cli.campaign.config import parse_config

    if name == "goal":
        known = ", ".join(BY_NAME)
        return None if value in BY_NAME else f"`{value}` is not one of {known}."
    text = config_text(replace(Answers(name=PLAIN_NAME), **{name: value}))
    found = parse_config(
        text.encode("utf-8", "replace"), CONFIG_FILE, (), [goal.campaign for goal in GOALS]
    ).diagnostics
    return None if not found else " ".join(filter(None, (found[0].message, found[0].help)))


def config_text(answers: Answers) -> str:
    """The nurture.yml of a new project whose name is known."""
    project = _or(answers.name, PLAIN_NAME)
    address = _or(answers.sender_address, LATER_ADDRESS)
    reply_to = "" if answers.reply_to is None else f"\n  reply_to: {_as_yaml(answers.reply_to)}"
    fill_in = enumerated([f"`{key}`" for key in answers.missing])
    return Template((STARTER / CONFIG_FILE).read_text("utf-8")).substitute(
        project=_as_yaml(project),
        zone=_as_yaml(_or(answers.zone, zone_here())),
        sender_name=_as_yaml(_or(answers.sender_name, project)),
        sender_address=_as_yaml(address) + reply_to,
        postal_address=_as_yaml(_or(answers.postal_address, LATER_POSTAL_ADDRESS)),
        unsubscribe_mailto=_as_yaml(_or(answers.reply_to, address)),
        fill_in=f" Fill in {fill_in}:\n# these are placeholders, and nurture sends no mail with one."
        if fill_in
        else "",
        campaign=answers.chosen.campaign,
    )


def enumerated(names: list[str]) -> str:
    """Several names in a sentence: `a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _or(said: str | None, otherwise: str) -> str:
    """The answer, even an empty one, which nurture.yml may refuse; else a value to begin with."""
    return otherwise if said is None else said


def project_name(folder: Path) -> str:
    """What to call the project in a folder: `My Letter` for `my-letter`, when the folder's name can be shown."""
    name = folder.resolve().name
    words = re.sub(r"[-_\s]+", " ", name).split()
    if not words or not name.isprintable() or "{" in name:
        return PLAIN_NAME
    return " ".join(word[0].upper() + word[1:] if word.islower() else word for word in words)


def zone_here() -> str:
    """The zone of this machine, or UTC where it has none with a name."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if not named and _LOCALTIME.is_symlink():
        named = str(_LOCALTIME.readlink()).partition("zoneinfo/")[2]
    try:
        return parse_zone(named)
    except ValueError:
        return "UTC"


def _as_yaml(text: str) -> str:
    """A text as a YAML scalar on one line; JSON's notation is also YAML's."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NO_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)
