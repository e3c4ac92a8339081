"""Rows in portions, most of them cut at once: the same rows, numbers, faults and contacts as read one by one."""

from __future__ import annotations

import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nurture_cli.errors import Findings
from nurture_cli.inbound.plain import Columns
from nurture_cli.inbound.table import Table, read_table
from nurture_cli.inbound.textfile import examine
from tests.examples import examples

from .conftest import Desk
from .test_contacts import numbers

LINES = 3  # in a portion
CELL = st.sampled_from(["", "x", " x", "x ", '"x"', '"x\ny"', '"a""b"', "O'B", "'=1", "é", "\t", "¦", "x" * 10_001])
ROW = st.lists(CELL, min_size=1, max_size=4)
PLAIN = ("x", "x", "O'B")


def in_portions(table: Table) -> tuple[list[tuple[int, list[str]]], int]:
    """All rows, and how many of them were cut at once."""
    rows: list[tuple[int, list[str]]] = []
    cut = 0
    with table.in_portions(LINES, None) as portions:
        for portion in portions:
            if isinstance(portion, Columns):
                cut += len(portion)
                rows += [(number, list(cells)) for number, cells in portion.rows]
            else:
                rows += portion
    return rows, cut


@settings(max_examples=examples(300), deadline=None)
@given(
    st.lists(st.one_of(ROW, st.just(list(PLAIN))), max_size=14),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
@example([list(PLAIN)] * 4 + [['"x\ny"', "x", "x"]] + [list(PLAIN)] * 4, ",", "\r\n")
@example([[""], ["", "", ""], ["x"]], ",", "\n")
def test_rows_in_portions_are_the_rows_of_the_file(rows: list[list[str]], sign: str, end: str) -> None:
    text = end.join(sign.join(cells) for cells in [["a", "b", "c"], *rows])
    for content in (text, text + end):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.csv"
            path.write_bytes(content.encode())
            table = read_table(examine(path), sign)
            with table.reading() as records:
                assert in_portions(table)[0] == list(records)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("sign", [",", "\t"])
def test_plain_rows_are_cut_at_once(tmp_path: Path, sign: str, end: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(end.join(sign.join(cells) for cells in [["a", "b", "c"], *[list(PLAIN)] * 9]).encode())

    assert in_portions(read_table(examine(path)))[1] == 9


def test_a_fault_after_plain_rows_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("a,b\n" + "x,y\n" * 7 + '"x"z,y\n')
    table = read_table(examine(path))

    with pytest.raises(Findings, match=r":9: a cell in quotes begins .* ends wrongly in line 9\."):
        in_portions(table)


def dialects() -> list[bytes]:
    rows = [["email", "first_name", "company"]]
    rows += [[f"Ann.{n}+x@Firm{n % 7}.example", "Zoë" if n % 5 else "", "O'Neil & Söhne"] for n in range(200)]
    plain = "\r\n".join(",".join(cells) for cells in rows)
    return [
        plain.encode(),
        plain.encode("utf-8-sig"),
        plain.encode("utf-16"),
        plain.replace(",", ";").encode(),
        plain.replace(",", "\t").replace("\r\n", "\r").encode(),
        "\n".join(",".join(f'"{cell}"' for cell in cells) for cells in rows).encode(),
        "\n".join(", ".join(cells) for cells in rows).encode(),
    ]


def test_one_list_is_the_same_contacts_in_every_dialect(desk: Desk) -> None:
    first, *others = dialects()
    assert numbers(desk.contacts(first)) == {"rows": 200, "new": 200}
    before = desk.dump()

    for content in others:
        assert numbers(desk.contacts(content)) == {"rows": 200, "same": 200}
    assert desk.dump() == before
    assert desk.contact("ann.3+x@firm3.example").email == "Ann.3+x@firm3.example"


def test_memory_does_not_grow_with_the_list(desk: Desk) -> None:
    def peak(rows: int) -> int:
        path = desk.file("email,first_name\n" + "".join(f"p{n}@x.example,Ann{n}\n" for n in range(rows)), f"{rows}.csv")
        tracemalloc.start()
        try:
            assert desk.contacts(path).rows == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # what is loaded once
    assert peak(20_000) < peak(2_000) + 1_500_000


def test_what_a_spreadsheet_may_spoil_stays_a_text(desk: Desk) -> None:
    odd = [
        "=cmd|x",
        "+1",
        "-1",
        "@SUM(A1)",
        "1E5",
        "01234",
        "\u202eevil",
        "[/]",
        "\x1b[2J",
        "e" + "\u0301" * 500,
        "👩\u200d💻",
    ]
    desk.contacts("email,first_name\n" + "".join(f"p{at}@x.example,{text}\n" for at, text in enumerate(odd)))

    assert [desk.contact(f"p{at}@x.example").first_name for at in range(len(odd))] == odd


@pytest.mark.parametrize(
    "cell", ['"a@x.example\r\nRCPT TO:<x>"', '"Ann <a@x.example>, Bob <b@x.example>"', "a@x.example;", "a@b@x.example"]
)
def test_an_address_is_never_trimmed_into_a_valid_one(desk: Desk, cell: str) -> None:
    report = desk.contacts(f"email,first_name\np@x.example,Ann\n{cell},Bob\n")

    assert numbers(report) == {"rows": 2, "new": 1, "skipped": 1}


def test_tags_and_dots_in_an_address_are_other_people(desk: Desk) -> None:
    report = desk.contacts("email\nann@x.example\nann+a@x.example\na.nn@x.example\nANN@X.example\n")

    assert numbers(report) == {"rows": 4, "new": 3, "duplicate": 1}
