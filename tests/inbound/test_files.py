from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from nurture_cli.errors import Findings, InputOutput, NurtureError, Refused, WrongUsage
from nurture_cli.inbound import textfile
from nurture_cli.inbound.table import Table, read_table
from nurture_cli.inbound.textfile import examine


def archive(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return packed.getvalue()


def table(tmp_path: Path, content: str | bytes, **how: str) -> Table:
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(examine(path, how.get("encoding")), how.get("delimiter"))


def rows(found: Table) -> list[list[str]]:
    with found.reading() as records:
        return [cells for _, cells in records]


# --- what it is


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (archive("[Content_Types].xml", "xl/workbook.xml"), r"Excel workbook \(XLSX\)"),
        (archive("notes.txt"), "ZIP archive"),
        (gzip.compress(b"email\n", mtime=0), "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel"),
        (b"SQLite format 3\x00", "SQLite"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>", "web page"),
        (b"<table><tr><td>email", "web page"),
        (b"<?xml version='1.0'?><contacts/>", "XML"),
    ],
)
def test_another_kind_of_file_is_refused_by_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(Findings, match=words):
        table(tmp_path, content)


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "device"])
def test_what_cannot_be_read_twice_is_refused_without_waiting(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "file.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path = Path("/dev/zero")

    with pytest.raises(InputOutput):
        examine(path)


# --- its encoding


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "UTF-8, comma separated"),
        ("utf-8-sig", "UTF-8 with a byte order mark, comma separated"),
        ("utf-16", "UTF-16 with a byte order mark, comma separated"),
        ("utf-32", "UTF-32 with a byte order mark, comma separated"),
    ],
)
def test_a_marked_or_plain_unicode_file_is_read_and_its_encoding_said(tmp_path: Path, encoding: str, said: str) -> None:
    found = table(tmp_path, "email,first_name\nzoe@x.example,Zoë 你\n".encode(encoding))

    assert found.said == said
    assert found.header == ("email", "first_name")
    assert rows(found) == [["zoe@x.example", "Zoë 你"]]


def test_other_bytes_are_refused_with_the_first_lines_as_others_would_read_them(tmp_path: Path) -> None:
    text = "email,first_name\na@x.example,Ann\nb@x.example,Zoë Müller\n"

    with pytest.raises(Findings, match=r"is not UTF-8: line 3") as refusal:
        table(tmp_path, text.encode("cp1252"))

    assert refusal.value.hint is not None
    shown = refusal.value.hint.splitlines()
    assert len(shown) == 4  # one line, as three encodings would have it
    assert any("cp1252" in line and "Zoë Müller" in line for line in shown)
    assert any("mac_roman" in line and "Zoë" not in line for line in shown)


def test_an_encoding_that_was_asked_for_is_used_and_said(tmp_path: Path) -> None:
    found = table(tmp_path, "email,first_name\nb@x.example,Zoë\n".encode("cp1252"), encoding="windows-1252")

    assert found.said == "cp1252 as asked for, comma separated"
    assert rows(found) == [["b@x.example", "Zoë"]]


def test_a_wrong_encoding_that_was_asked_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Findings, match="is not SHIFT_JIS"):
        table(tmp_path, "email,name\nb@x.example,Zoë\xff".encode("cp1252"), encoding="shift_jis")


@pytest.mark.parametrize("name", ["klingon", "base64", "idna", "unicode_escape", "utf-7", "a\0b"])
def test_what_is_no_encoding_of_texts_is_wrong_usage(tmp_path: Path, name: str) -> None:
    with pytest.raises(WrongUsage, match="is not an encoding"):
        table(tmp_path, "email\n", encoding=name)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_recognised_and_the_way_out_named(tmp_path: Path, encoding: str) -> None:
    content = "email,first_name\na@x.example,Ann\n".encode(encoding)

    with pytest.raises(Findings, match="looks like UTF-16") as refusal:
        table(tmp_path, content)

    assert f"--encoding {encoding}" in (refusal.value.hint or "")
    assert rows(table(tmp_path, content, encoding=encoding)) == [["a@x.example", "Ann"]]


def test_a_mark_is_not_part_of_the_first_column_when_the_encoding_was_named(tmp_path: Path) -> None:
    assert table(tmp_path, "email\n".encode("utf-8-sig"), encoding="utf8").header == ("email",)
    assert table(tmp_path, "email\n".encode("utf-16"), encoding="utf-16").header == ("email",)


# --- its columns and rows


@pytest.mark.parametrize(("sign", "word"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar")])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found_and_said_whatever_ends_a_line(tmp_path: Path, sign: str, word: str, end: str) -> None:
    lines = [["email", "note"], ["a@x.example", "one, two; three"], ["b@x.example", "x"]]
    text = end.join(sign.join(f'"{cell}"' for cell in line) for line in lines) + end
    found = table(tmp_path, text)

    assert found.said == f"UTF-8, {word} separated"
    assert rows(found) == lines[1:]


def test_a_delimiter_that_excel_announces_counts(tmp_path: Path) -> None:
    found = table(tmp_path, "sep=;\nemail;note,1\na@x.example;b\n")

    assert found.header == ("email", "note,1")
    assert found.header_row == 2


def test_a_delimiter_that_was_asked_for_counts(tmp_path: Path) -> None:
    assert table(tmp_path, "email:note\na@x.example:b\n", delimiter=":").header == ("email", "note")
    with pytest.raises(WrongUsage):
        table(tmp_path, "email\n", delimiter="::")


def test_one_column_is_a_table_too(tmp_path: Path) -> None:
    assert rows(table(tmp_path, "email\na@x.example\nb@x.example\n")) == [["a@x.example"], ["b@x.example"]]


def test_quoted_cells_hold_line_ends_and_quotes_and_come_after_blanks(tmp_path: Path) -> None:
    found = table(tmp_path, 'email,note\na@x.example,"one\r\n""two"""\nb@x.example, "three"\n')

    assert rows(found) == [["a@x.example", 'one\r\n"two"'], ["b@x.example", "three"]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('email,note\na@x.example,x\nb@x.example,"never closed\nc@x.example,y\n', r"file\.csv:3: a quote opens"),
        ('email,note\na@x.example,"x" y\n', r"file\.csv:2: a cell in quotes"),
        ('email,note\na@x.example,"' + "x" * 1_000_001 + '"\n', r"file\.csv:2: a quote opens"),
        ("", "is empty"),
        ("\n\n \n", "is empty"),
        ("email,,note\n", "column 2 has no name"),
        ("email,Note,note\n", "two columns have the name `note`"),
        ("email,\u200b \ufeff,x\n", "column 2 has no name"),
    ],
)
def test_a_table_that_cannot_be_trusted_is_refused_with_the_place(tmp_path: Path, content: str, words: str) -> None:
    with pytest.raises(Findings, match=words):
        rows(table(tmp_path, content))


LONG = 1_100_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x" * LONG, "file.csv:1: this line is longer than 1,000,000 characters"),
        ("email\n" + "x" * LONG, "file.csv:2: this line is longer"),
        ("email\n\n" + "x" * 3 * LONG + "\na@b.org\n", "file.csv:3: this line is longer"),
        ("email\r\r" + "\0" * 2 * LONG, "file.csv:3: this line is longer"),
        ('email,name\na@b.org,"' + "x" * LONG, "file.csv:2: this line is longer"),
        ("email" + "," * LONG, "file.csv:1: this line is longer"),
        ("email," + ",".join(map(str, range(5_000))), "names 5,001 columns; the limit is 5,000"),
        ('email\na@b.org\nb@b.org,"' + "x\n" * LONG, "file.csv:3: a quote opens"),
        ("email\na@b.org\nb@b.org" + ',"x\n"' * LONG, "file.csv:3: the row that begins in this line goes on for more"),
    ],
)
def test_a_line_a_row_or_a_header_without_end_is_refused_with_its_place(
    tmp_path: Path, content: str, words: str
) -> None:
    with pytest.raises(Findings, match=words):
        rows(table(tmp_path, content))
    with pytest.raises(Findings, match=words), table(tmp_path, content).in_portions(64, None) as portions:
        list(portions)


def test_a_long_line_is_refused_before_the_rest_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = 0
    look = textfile._Lines.look

    def counted(lines: textfile._Lines, text: str) -> None:
        nonlocal seen
        seen += len(text)
        look(lines, text)

    monkeypatch.setattr(textfile._Lines, "look", counted)
    with pytest.raises(Findings, match="longer than"):
        table(tmp_path, "x" * 20 * LONG)

    assert seen <= 3 * LONG


def test_json_without_line_ends_is_told_how_to_become_lines(tmp_path: Path) -> None:
    with pytest.raises(Findings) as caught:
        table(tmp_path, '[{"email": "a@b.org"}' + ', {"email": "a@b.org"}' * 60_000 + "]")

    assert "jq -c '.[]'" in (caught.value.hint or "")


def test_a_line_that_is_just_short_enough_is_read(tmp_path: Path) -> None:
    assert rows(table(tmp_path, "email\n" + "x" * 900_000 + "\n" + "y" * 900_000 + "\n")) == [
        ["x" * 900_000],
        ["y" * 900_000],
    ]


def test_bytes_that_fit_no_text_are_told_of_without_reading_a_line_without_end(tmp_path: Path) -> None:
    with pytest.raises(Findings, match="is not UTF-8"):
        table(tmp_path, b"email\n" + b"\xff" * 3 * LONG)


def test_reading_leaves_the_limits_of_the_process_as_they_were(tmp_path: Path) -> None:
    import csv

    before = csv.field_size_limit()
    rows(table(tmp_path, "email\na@x.example\n"))

    assert csv.field_size_limit() == before


@pytest.mark.parametrize("change", ["written to", "replaced", "removed", "shortened"])
def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text("email\na@x.example\n")
    file = examine(path)
    file.refuse_if_changed()
    match change:
        case "written to":
            path.write_text("email\nb@x.example\n")
        case "replaced":
            (tmp_path / "other").write_text("email\na@x.example\n")
            (tmp_path / "other").replace(path)
        case "shortened":
            path.write_text("email\n")
        case _:
            path.unlink()

    with pytest.raises(InputOutput if change == "removed" else Refused):
        file.refuse_if_changed()


def test_bytes_that_stop_being_text_are_a_change(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("email\na@x.example\n")
    found = read_table(examine(path))
    path.write_bytes(b"email\n\xff\xfe\xff\n")

    with pytest.raises(NurtureError, match="changed while nurture read it"):
        rows(found)
