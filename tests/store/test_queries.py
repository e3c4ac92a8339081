"""The named queries: each fits the schema, and each is asked by somebody."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

import nurture_cli
from nurture_cli.store.database import Connection
from nurture_cli.store.queries import queries

PACKAGE = Path(nurture_cli.__file__).parent
NOUNS = sorted(file.stem for file in (PACKAGE / "store" / "queries").glob("*.sql"))
ALL = [(noun, name) for noun in NOUNS for name in queries(noun)]


# What is asked about one contact, and what is counted: by an index, however many contacts and touches there are.
ABOUT_ONE_CONTACT = [
    ("story", "story"), ("events", "of_contact"), ("brief", "happenings"), ("brief", "questions"),
    *(("dossier", name) for name in queries("dossier")),
]  # fmt: skip
COUNTED = [
    ("contacts", "count_by_stage"), ("enrollments", "count_by_state"), ("enrollments", "count_ended"),
    ("touches", "count_by_state"), ("touches", "count_failed_waiting"), ("tasks", "count_open"),
    ("forgotten", "stays"),
]  # fmt: skip
READ = re.compile(r"SCAN (?P<what>\w\S*)(?P<how>.*)")
MADE = {"CONSTANT", "others", "everything", "present"}  # in the query itself


class Anything(dict[str, object]):
    """A value for every name."""

    def __missing__(self, name: str) -> object:
        return None


def bare(sql: str) -> str:
    """The statement without its comments."""
    return re.sub(r"-- .*", "", sql).strip()


def askers() -> Mapping[str, list[ast.Module]]:
    """The modules that ask the queries of each noun."""
    found = defaultdict(list)
    for file in PACKAGE.rglob("*.py"):
        text = file.read_text()
        if "queries(" in text:
            tree = ast.parse(text)
            for noun in re.findall(r'\bqueries\("(\w+)"\)', text):
                found[noun].append(tree)
    return found


@pytest.mark.parametrize(("noun", "name"), ALL)
def test_a_query_is_one_statement_that_fits_the_schema(db: Connection, noun: str, name: str) -> None:
    makers = [bare(sql) for other in NOUNS for sql in queries(other).values()]
    for maker in makers:
        if maker.startswith(("CREATE TEMP TABLE", "CREATE INDEX temp.")):
            db.execute(maker)
    sql = bare(queries(noun)[name])
    if not sql.startswith("CREATE"):
        marks = sql.count("?")
        db.execute(f"EXPLAIN {sql}", (None,) * marks if marks else Anything())


@pytest.mark.parametrize(("noun", "name"), ABOUT_ONE_CONTACT + COUNTED)
def test_what_is_asked_of_a_long_list_reads_no_table_from_end_to_end(db: Connection, noun: str, name: str) -> None:
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {queries(noun)[name]}", Anything())]

    scans = [found for line in plan if (found := READ.match(line)) and found["what"] not in MADE]
    assert plan
    assert [scan[0] for scan in scans if (noun, name) in ABOUT_ONE_CONTACT or "USING" not in scan["how"]] == []


def test_every_query_is_asked_by_somebody() -> None:
    said = {
        noun: {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        for noun, trees in askers().items()
    }
    said["dossier"] = set(queries("dossier"))  # asked one after the other, whatever there is

    assert [f"{noun}.{name}" for noun, name in ALL if name not in said.get(noun, set())] == []


def test_every_query_that_is_asked_is_there() -> None:
    asked = {
        (noun, node.slice.value)
        for noun, trees in askers().items()
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        if isinstance(node.value, ast.Name) and node.value.id == "_SQL"
    }

    assert len(asked) > 60
    assert {noun for noun, _ in asked} <= set(NOUNS)
    assert sorted(asked - set(ALL)) == []


def test_no_text_of_a_file_of_queries_is_left_over() -> None:
    for noun in NOUNS:
        whole = (PACKAGE / "store" / "queries" / f"{noun}.sql").read_text().strip()
        assert "\n\n".join(queries(noun).values()).split() == whole.split()
