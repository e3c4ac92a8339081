from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

import nurture_cli
from nurture_cli.campaign.config import parse_config
from nurture_cli.campaign.keys.blocks import Block, Key, read_block
from nurture_cli.campaign.keys.schema import BLOCKS, Which, json_schema
from nurture_cli.campaign.rule_pages import RULES
from nurture_cli.language.expression import Condition, Constant
from nurture_cli.language.names import Names
from nurture_cli.language.reading import Reading
from nurture_cli.text.diagnostic import Span
from nurture_cli.text.source import read_yaml
from tests.campaign.project_maker import CAMPAIGN, CONFIG
from tests.campaign.test_parse import WHOLE

HERE = Span("f", 1, 1, 1)
BLOCKS_AND_KEYS = [(which, block, key) for which, blocks in BLOCKS.items() for block in blocks for key in block.keys]
TRUE = Condition("True", Constant(True, HERE), HERE)


class Everything(frozenset[str]):
    """A set that has every name in it, for examples taken out of their project."""

    def __contains__(self, name: object) -> bool:
        return True


def anything() -> Names:
    every = Everything()
    return Names(
        stages=(
            *("awareness", "recycled", "engaged", "consideration", "decision", "lead", "sales-lead"),
            *("opportunity", "customer"),
        ),
        fields=parse_config(
            (CONFIG.replace("vip: boolean", "vip: boolean, topic: text")).encode(), "x", ()
        ).names.fields,
        kinds=every,
        assets=every,
        channels=every,
        campaigns=every,
    )


def as_editor_sees_it(text: str) -> Any:
    """The text as JSON, by YAML 1.2: dates stay text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        letter: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":bool"))]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
    return json.loads(json.dumps(yaml.load(text, Loader)))


@pytest.mark.parametrize(
    ("which", "block", "key"), BLOCKS_AND_KEYS, ids=lambda value: getattr(value, "name", str(value))
)
def test_the_example_of_a_key_is_right(which: Which, block: Block, key: Key) -> None:
    reading = Reading(anything())
    example = re.sub(r"subject: (.*\{\{.*)", r'subject: "\1"', key.example)
    root, found = read_yaml(example, "f")
    assert not found
    assert root is not None
    values = read_block(root, block, reading)
    assert values is not None
    assert [one for one in reading.diagnostics if one.rule not in ("missing-key", "unknown-step")] == []
    wanted = {name: part for name, part in block.json()["properties"].items() if name == key.name}
    schema = {
        "properties": wanted,
        "additionalProperties": False,
        "definitions": json_schema("campaign")["definitions"],
    }
    Draft7Validator(schema).validate(as_editor_sees_it(example))


@pytest.mark.parametrize("which", list(BLOCKS))
def test_the_schemas_are_schemas_and_describe_every_key(which: Which) -> None:
    schema = json_schema(which)
    Draft7Validator.check_schema(schema)
    text = json.dumps(schema, ensure_ascii=False)
    for block in BLOCKS[which]:
        for key in block.keys:
            assert key.sentence.endswith(".")
            if not (block.title.startswith("channel") and key.name == "type"):
                assert json.dumps(key.sentence, ensure_ascii=False)[1:-1] in text


def test_the_schemas_take_what_the_parser_takes() -> None:
    Draft7Validator(json_schema("campaign")).validate(as_editor_sees_it(WHOLE))
    Draft7Validator(json_schema("campaign")).validate(as_editor_sees_it(CAMPAIGN))
    Draft7Validator(json_schema("project")).validate(as_editor_sees_it(CONFIG))
    for channel in (
        "{type: smtp, host: h, port: 25}",
        "{type: outbox}",
        "{type: webhook, url: 'https://x/'}",
        "{type: task}",
    ):
        Draft7Validator(json_schema("project")).validate(as_editor_sees_it(f"{CONFIG}channels: {{x: {channel}}}"))


@pytest.mark.parametrize(
    ("which", "old", "new"),
    [
        ("campaign", "- send: a\n", "- sned: a\n"),
        ("campaign", "title: A title", "titel: A title"),
        ("campaign", "priority: 70", "priority: 700"),
        ("campaign", "objective: known", "objective: old"),
        ("campaign", "      within: forever\n", ""),
        ("campaign", "weight: 3", "weight: many"),
        ("campaign", "    stage: decision\n", "    stage: decision\n    exit: x\n"),
        ("campaign", "  backfill: false\n", ""),
        ("project", "zone: Europe/Berlin\n", ""),
        ("project", "employees: number", "employees: num"),
        ("project", "  name: Anna Berg", "  nome: Anna Berg"),
    ],
)
def test_the_schemas_refuse_what_the_parser_refuses(which: Which, old: str, new: str) -> None:
    text = WHOLE if which == "campaign" else CONFIG
    assert old in text
    validator = Draft7Validator(json_schema(which))
    assert not validator.is_valid(as_editor_sees_it(text.replace(old, new, 1)))


def test_an_editor_is_told_what_a_step_can_be() -> None:
    steps = json_schema("campaign")["definitions"]["steps"]["items"]["anyOf"]
    assert [next(iter(step["properties"])) for step in steps] == [
        "send", "wait", "wait_for", "stream", "branch", "split", "set", "stage", "goto", "exit", "handoff",
    ]  # fmt: skip
    assert all(step["additionalProperties"] is False and step["description"] for step in steps)


def test_no_block_declares_a_key_twice() -> None:
    for _, block, _ in BLOCKS_AND_KEYS:
        assert len({key.name for key in block.keys}) == len(block.keys)


def test_every_rule_that_is_found_has_its_page_and_every_page_its_rule() -> None:
    """Rule ids are the first argument of `error`, `refuse` and `Diagnostic`, or a member of a table of them."""
    folder = Path(nurture_cli.__file__).parent / "campaign"
    used: set[str] = set()
    for file in folder.glob("*.py"):
        if file.name != "rules.py":
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in RULES:
                    used.add(node.value)
                called = getattr(node.func, "attr", getattr(node.func, "id", "")) if isinstance(node, ast.Call) else ""
                if called in ("error", "refuse", "_error", "Diagnostic", "_finding") and isinstance(node, ast.Call):
                    rule = node.args[0]
                    assert not (isinstance(rule, ast.Constant) and rule.value not in RULES), ast.dump(rule)
    assert used == set(RULES)
