"""Closed lists are closed: who adds a kind of step, of condition, of channel or a member of an enum is told where."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

import nurture_cli
from nurture_cli.campaign.channels import ChannelType, Settings
from nurture_cli.campaign.keys.project import CHANNELS
from nurture_cli.campaign.keys.step import VERBS
from nurture_cli.campaign.model import Step, Verb
from nurture_cli.language.expression import Expression, Fact, Operand
from nurture_cli.text.nodes import Node

ROOT = Path(nurture_cli.__file__).parent
# Matches that name a member and still are open, since what they look at is a text of the database.
OPEN = {"runner/resolve.py": "the state of a touch", "planner/plan.py": "the kind of a row"}
# Who asks for one kind of fact alone, and why a new kind changes nothing there.
ALONE = {
    "check/rules/lead_needs_both.py": "for one measure by its name",
    "check/values.py": "for the grades, and for both sides of one comparison",
    "language/comparisons.py": "for what has a name to show in a message",
    "planner/compile.py": "for what the ledger knows to have happened: a new kind is asked for its traits",
    "planner/criteria.py": "for the measures that rest on fit",
}
# Tables that are meant to know only some members.
PARTIAL = {
    "BY_THE_FUNNEL": "only the funnel ends a pass for these reasons",
    "BARS": "only these keep a contact out of a campaign",
    "TOLD": "the others are told in words of their own",
    "_ANYWHERE": "nothing is said by a text that is in no list",
    "_POSSIBLE": "the other states are the last",
}


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(nurture_cli.__path__, "nurture_cli."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def enums() -> set[str]:
    return {
        name
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Enum) and value.__module__.startswith("nurture_cli")
    }


def named_in(match: ast.Match) -> set[str]:
    """The classes, and the enums of the members, that the patterns of a match name."""
    found = set()
    for case in match.cases:
        for part in ast.walk(case.pattern):
            if isinstance(part, ast.MatchClass) and isinstance(part.cls, ast.Name):
                found.add(part.cls.id)
            if isinstance(part, ast.MatchValue) and isinstance(part.value, ast.Attribute):
                found |= {name.id for name in ast.walk(part.value) if isinstance(name, ast.Name)}
    return found


def takes_everything(case: ast.match_case) -> bool:
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None


def test_no_match_of_a_closed_list_has_a_case_for_the_rest() -> None:
    closed = enums() | {
        kind.__name__ for union in (Step, Expression, Operand, Settings, Node) for kind in get_args(union)
    }
    places = [
        f"{path.relative_to(ROOT)}:{match.lineno}"
        for path in sorted(ROOT.rglob("*.py"))
        for match in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(match, ast.Match) and named_in(match) & closed and any(map(takes_everything, match.cases))
    ]

    assert {place.partition(":")[0] for place in places} == set(OPEN), places


def asked_for(call: ast.Call) -> set[str]:
    """The classes that an `isinstance` asks for."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "isinstance"):
        return set()
    return {name.id for name in ast.walk(call.args[1]) if isinstance(name, ast.Name)}


def test_who_asks_for_one_kind_of_fact_says_why_a_new_kind_changes_nothing_there() -> None:
    """Anything else is a `match` that names every kind, so that the type checker finds it."""
    kinds = {kind.__name__ for kind in get_args(Fact)}
    places = {
        str(path.relative_to(ROOT))
        for path in sorted(ROOT.rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and asked_for(call) & kinds
    }

    assert places == set(ALONE)


def test_every_table_of_an_enum_knows_each_member() -> None:
    tables = {
        name: (set(kind), set(table))
        for module in modules()
        for name, table in vars(module).items()
        if isinstance(table, dict) and len(kinds := {type(key) for key in table}) == 1
        for kind in kinds
        if issubclass(kind, Enum)
    }

    assert {name for name, (members, known) in tables.items() if members != known} == set(PARTIAL)


@pytest.mark.parametrize("verb", Verb)
def test_each_verb_is_written_as_its_own_key_and_makes_its_own_step(verb: Verb) -> None:
    assert VERBS[verb].keys[0].name == verb
    assert len([step for step in get_args(Step) if step.verb is verb]) == 1


@pytest.mark.parametrize("kind", ChannelType)
def test_each_type_of_channel_keeps_every_key_of_its_own(kind: ChannelType) -> None:
    (settings,) = (one for one in get_args(Settings) if one.type is kind)
    own = {key.name for key in CHANNELS[kind].keys} - {"type", "hourly", "daily", "ramp"}

    assert {field.name for field in fields(settings)} == own
