import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from nurture_cli.cli.spreadsheet import write_csv

CELLS = st.sampled_from(["", "a", "a,b", ",", '"', 'say "hi"', "x\r\ny", "\n", "\\", "Müller", '","', "'"]) | st.text(
    st.characters(exclude_categories=["Cs"])
)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3)))
def test_rows_are_those_of_the_csv_module(rows: list[list[str]]) -> None:
    names = ["one", "two, three", "four"]
    wanted, found = io.StringIO(), io.StringIO()
    csv.writer(wanted).writerows([names, *rows])

    arrays = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]
    assert write_csv(found, names, [arrays[:2], arrays[2:]]) == len(rows)
    assert found.getvalue() == wanted.getvalue()
