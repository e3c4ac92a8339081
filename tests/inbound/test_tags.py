"""Tags: read as the usual tools write them, and the same ones after an export and an import."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture_cli.errors import WrongUsage
from nurture_cli.inbound.column_map import ColumnMap
from nurture_cli.inbound.tags import read_tags, tags_cell

from .conftest import Desk


@pytest.mark.parametrize(
    "text",
    [
        "Website,Kunde", " Website ; Kunde;;Website,", "Website|Kunde", '"Website","Kunde"', '"Website", Kunde',
        '["Website", "Kunde"]', "['Website', 'Kunde']", "[Website, Kunde]",
    ],
)  # fmt: skip
def test_tags_are_read_as_tools_write_them(text: str) -> None:
    assert read_tags(text) == ["Website", "Kunde"]


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('"fair, 2026",x', ["fair, 2026", "x"]), ('say ""hi""', ['say ""hi""']), ('"a""b"', ['a"b']), ('"', ['"']),
        ("[]", []), ("", []), (",", []), ("[x", ["[x"]), ("don't", ["don't"]), ('["a", 1]', ["a", "1"]),
    ],
)  # fmt: skip
def test_quotes_keep_a_tag_whole(text: str, tags: list[str]) -> None:
    assert read_tags(text) == tags


@given(
    st.frozensets(st.text(st.sampled_from("ab \"',;|[]=é"), min_size=1, max_size=8).filter(lambda t: t == t.strip()))
)
def test_what_is_written_is_read_again(tags: frozenset[str]) -> None:
    assert frozenset(read_tags(tags_cell(tags))) == tags


@pytest.mark.parametrize("text", ["a" * 101, "two\nlines", "bell\x07", "a\u202eb", "zero\u200bwidth"])
def test_what_is_no_tag_is_refused(desk: Desk, text: str) -> None:
    with pytest.raises(ValueError, match="not a tag"):
        read_tags(text)
    with pytest.raises(WrongUsage, match="not a tag"):
        desk.contacts("email\nann@x.example\n", column_map=ColumnMap(tags=(text,)))


def test_an_import_counts_the_tags_of_its_rows(desk: Desk) -> None:
    content = 'email,TAGS\na@x.example,"""Website"",""Kunde"""\nb@x.example,"""Website"""\nB@x.example,x\nno,y\n'

    report = desk.contacts(content, column_map=ColumnMap(tags=("fair",)))

    assert report.tags == (("Website", 2), ("fair", 2), ("Kunde", 1))
    assert desk.contact("a@x.example").tags == {"Website", "Kunde", "fair"}
    many = desk.contacts("email,tags\na@x.example," + ";".join(f"t{n:02}" for n in range(25)) + "\n")
    assert (len(many.tags), many.other_tags) == (10, 15)
