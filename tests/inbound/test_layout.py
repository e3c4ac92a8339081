from __future__ import annotations

from pathlib import Path

import pytest

from nurture_cli.errors import Findings, WrongUsage
from nurture_cli.inbound.column_map import ColumnMap, read_column_map, with_flags
from nurture_cli.inbound.column_names import bare_name, plain_name
from nurture_cli.inbound.contacts import contact_targets
from nurture_cli.inbound.layout import Layout, lay_out
from nurture_cli.inbound.table import Table
from nurture_cli.inbound.textfile import TextFile

from .conftest import CONFIG

TARGETS = contact_targets(CONFIG)
FILE = TextFile(Path("file.csv"), "utf-8", "UTF-8", "", (0, 0, 0, 0))


def layout(*header: str, email: str | None = None, **said: object) -> Layout:
    table = Table(FILE, ",", header, 1)
    column_map = ColumnMap(**said)  # type: ignore[arg-type]
    return lay_out(table, column_map, recognised={target: target for target in TARGETS}, targets=TARGETS, email=email)


@pytest.mark.parametrize("name", ["First Name", "first_name", "FirstName", "firstName", "FIRST-NAME", " first  name:"])
def test_one_name_has_many_manners(name: str) -> None:
    assert plain_name(name) == "first_name"


@pytest.mark.parametrize(
    ("name", "bare"), [("Prénom", "prenom"), ("Straße", "strasse"), ("NÃO contatar", "nao_contatar")]
)
def test_a_bare_name_has_no_accents_either(name: str, bare: str) -> None:
    assert bare_name(name) == bare


@pytest.mark.parametrize(
    "name",
    ["email", "E-Mail", "EMail", "Email Address", "e-mail address", "Mail", "Email 1", "Work Email", "emailAddress"],
)
def test_a_column_of_addresses_is_recognised(name: str) -> None:
    assert layout("id", name).places["email"] == 1


@pytest.mark.parametrize("name", ["Emailed", "No Mail", "has_email", "Last Email", "Mailing List", "Direct Mail"])
def test_a_column_that_only_sounds_like_it_is_not(name: str) -> None:
    with pytest.raises(WrongUsage, match="no column with email addresses"):
        layout("id", name)


def test_two_columns_of_addresses_need_a_choice() -> None:
    with pytest.raises(WrongUsage, match="`Email`, `Work Email`") as refusal:
        layout("Email", "Work Email")
    assert '--email "Email"' in (refusal.value.hint or "")

    assert layout("Email", "Work Email", email="Work Email").places == {"email": 1}
    assert layout("Email", "Work Email", columns={"Email": "email"}).ignored == ("Work Email",)
    assert layout("Email", "Work Email", columns={"Email": "ignore"}).places == {"email": 1}


def test_of_numbered_columns_of_addresses_the_first_one_is_meant() -> None:
    found = layout("Email 2", "Email 1", "Email 3")

    assert found.places == {"email": 1}
    assert found.ignored == ("Email 2", "Email 3")
    with pytest.raises(WrongUsage, match="could be the email address"):
        layout("Email 2", "Email 3")


def test_a_file_without_a_header_row_is_told_so() -> None:
    with pytest.raises(Findings, match="no header row"):
        layout("17", "ann@company.example", "Ann")


def test_columns_are_recognised_and_the_rest_is_named() -> None:
    found = layout("E-Mail", "First Name", "EMPLOYEES", "Shoe size")

    assert found.places == {"email": 0, "first_name": 1, "employees": 2}
    assert found.ignored == ("Shoe size",)


def test_what_the_user_says_wins_over_a_recognised_name() -> None:
    found = layout("email", "Source", "Campaign", columns={"campaign": "source"})

    assert found.places == {"email": 0, "source": 2}
    assert layout("email", "Source", constants={"source": "fair"}).places == {"email": 0}
    assert layout("email", "Source", columns={"Source": "ignore"}).ignored == ("Source",)


@pytest.mark.parametrize(
    ("header", "said", "words"),
    [
        (("email", "Handy"), {"columns": {"Hanndy": "phone"}}, "no column `Hanndy`. Did you mean `Handy`"),
        (("email", "Handy"), {"columns": {"Handy": "phne"}}, "There is no field `phne`. Did you"),
        (("email", "a", "b"), {"columns": {"a": "phone", "b": "phone"}}, "Two columns are mapped to `phone`"),
        (("email", "a"), {"columns": {"a": "phone"}, "constants": {"phone": "1"}}, "`phone` is given twice"),
        (("email",), {"values": {"stge": {}}}, "There is no field `stge`"),
        (("email",), {"constants": {"email": "a@b.example"}}, "cannot be the same for every row"),
        (("email", "First Name", "first_name_"), {}, "Two columns could be `first_name`"),
    ],
)  # fmt: skip
def test_a_map_that_does_not_fit_is_refused(header: tuple[str, ...], said: dict[str, object], words: str) -> None:
    import re

    with pytest.raises(WrongUsage, match=re.escape(words)):
        layout(*header, **said)


# --- maps said with flags, and saved ones


def test_flags_add_to_a_saved_map_and_win() -> None:
    saved = ColumnMap({"A": "phone", "B": "company"}, {"stage": {"x": "name"}}, {"source": "fair"}, ("one",))

    found = with_flags(
        saved,
        columns=["A=role", "C = D=country"],
        values=["stage:x=lead", "stage:Closed Won=customer"],
        constants=["language=de"],
        tags=["two", "one"],
    )

    assert found.columns == {"A": "role", "B": "company", "C = D": "country"}
    assert found.values == {"stage": {"x": "lead", "Closed Won": "customer"}}
    assert found.constants == {"source": "fair", "language": "de"}
    assert found.tags == ("one", "two")


@pytest.mark.parametrize(
    "said", [{"columns": ["phone"]}, {"columns": ["=phone"]}, {"values": ["x=y"]}, {"constants": ["language"]}]
)
def test_a_flag_in_another_form_is_wrong_usage(said: dict[str, list[str]]) -> None:
    with pytest.raises(WrongUsage, match="is not understood"):
        with_flags(ColumnMap(), **said)  # type: ignore[arg-type]


def test_a_saved_map_is_read(tmp_path: Path) -> None:
    path = tmp_path / "map.yml"
    path.write_text(
        "columns:\n  Email 1: email\n  Notes: ignore\nvalues:\n  stage:\n    Closed Won: customer\n    '*': name\n"
        "constants:\n  source: fair 2026\n  vip: no\ntags: [fair, b2b]\n"
    )

    found, diagnostics = read_column_map(path, TARGETS)

    assert diagnostics == ()
    assert found == ColumnMap(
        {"Email 1": "email", "Notes": "ignore"},
        {"stage": {"Closed Won": "customer", "*": "name"}},
        {"source": "fair 2026", "vip": "no"},
        ("fair", "b2b"),
    )


def test_every_mistake_of_a_saved_map_has_its_place(tmp_path: Path) -> None:
    path = tmp_path / "map.yml"
    path.write_text("columns:\n  A: phne\n  B: [x]\nvalues:\n  stge: {}\ncolumn: 3\nconstants: none\n")

    _, found = read_column_map(path, TARGETS)

    assert [(one.span.line, one.span.col) for one in found] == [(2, 6), (3, 6), (5, 3), (6, 1), (7, 12)]
    assert found[0].message == "There is no field `phne`. Did you mean `phone`?"


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"- a\n", b"a: 1\na: 2\n", b"\xff\xfe", b"a: !!python/x 1\n"])
def test_a_saved_map_that_is_none_is_a_finding(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "map.yml"
    path.write_bytes(content)

    _, found = read_column_map(path, TARGETS)

    assert found
    assert all(one.span.file == str(path) for one in found)
