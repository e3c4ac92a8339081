from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.text.decode import MAX_BYTES, decode
from nurture_cli.text.nodes import BrokenNode, ListNode, MapNode, Node, Scalar
from nurture_cli.text.source import MAX_DEPTH, MAX_VALUES, read_yaml
from tests.examples import examples


def read(text: str) -> Node:
    root, found = read_yaml(text, "f.yml")
    assert not found
    assert root is not None
    return root


def value_of(text: str) -> object:
    root = read(f"key: {text}\n")
    assert isinstance(root, MapNode)
    value = root.entries[0][1]
    assert isinstance(value, Scalar)
    return value.value


def rules_of(data: bytes) -> set[str]:
    text, found = decode(data, "f.yml")
    if text is not None:
        found += read_yaml(text, "f.yml")[1]
    return {one.rule for one in found}


@pytest.mark.parametrize(
    "text",
    ["17:00", "9:30", "12:00:00", "no", "on", "off", "yes", "NO", "y", "1.10", "010", "1_000", "2026-11-22", "1e3",
     "0x1F", "0o17", "+", "--", ".5", "5.", ".inf", ".nan", "NaN", "1" * 30, "tRUE", "nULL", "=", "-1.50"],
)  # fmt: skip
def test_what_only_looks_like_a_number_or_a_truth_is_text(text: str) -> None:
    assert value_of(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("3", 3), ("-3", -3), ("+7", 7), ("0", 0), ("1.5", 1.5), ("-0.25", -0.25), ("true", True), ("False", False),
     ("null", None), ("~", None), ("", None)],
)  # fmt: skip
def test_numbers_truths_and_nothing_are_typed(text: str, value: object) -> None:
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


def test_quotes_make_text_of_everything() -> None:
    assert [value_of('"3"'), value_of("'true'"), value_of('""')] == ["3", "true", ""]


def test_every_node_knows_its_place() -> None:
    root = read("ä: b\nlist:\n  - x y\n  - {k: [1, 2]}\n")
    assert isinstance(root, MapNode)
    (first, b), (second, items) = root.entries
    assert isinstance(items, ListNode)
    flow = items.items[1]
    assert isinstance(flow, MapNode)
    inner = flow.entries[0][1]
    places = [(node.span.line, node.span.col, node.span.end) for node in (root, first, b, second, items, flow, inner)]
    assert places == [(1, 1, 2), (1, 1, 2), (1, 4, 5), (2, 1, 5), (3, 3, 4), (4, 5, 16), (4, 9, 15)]
    assert (items.flow, flow.flow) == (False, True)


def test_front_matter_is_placed_in_its_file() -> None:
    root, _ = read_yaml("a: b\nc: d", "templates/x.md", 2)
    assert isinstance(root, MapNode)
    assert [str(value.span) for _, value in root.entries] == ["templates/x.md:2:4", "templates/x.md:3:4"]


@pytest.mark.parametrize(
    ("yaml", "word"),
    [
        ("key: one two three", "two"),
        ('key: "one two three"', "two"),
        ("key: 'it''s two, isn''t it'", "two"),
        ('key: "tab\\t \\u00e4 \\x41 two"', "two"),
        ("key: one\n  zwei\n  two three", "two"),
        ('key: "one\n\n  zwei \\\n  two three"', "two"),
        ("key: |\n  one\n    zwei\n  two three\n", "two"),
        ("key: >-\n  one\n\n  zwei\n  two three\n", "two"),
        ("- a\n-   key: >\n      ünë two\n", "two"),
    ],
)
def test_a_word_of_a_text_is_found_in_the_file(yaml: str, word: str) -> None:
    node: Node | None = read(yaml)
    while not isinstance(node, Scalar):
        node = (
            node.items[-1] if isinstance(node, ListNode) else node.entries[0][1] if isinstance(node, MapNode) else None
        )
    at = node.text.index(word)
    place = node.place(at, at + len(word))
    assert yaml.split("\n")[place.line - 1][place.col - 1 : place.end - 1] == word


@given(
    st.text(alphabet="ab \n\t\"'\\:#-|>ä€", max_size=30), st.sampled_from(["{}", '"{}"', "'{}'", "|\n  {}", ">\n  {}"])
)
def test_places_stay_inside_the_text_whatever_its_style(text: str, style: str) -> None:
    yaml = "k: " + style.format(text) + "\n"
    root, _ = read_yaml(yaml, "f.yml")
    node = root.get("k") if isinstance(root, MapNode) else None
    if isinstance(node, Scalar):
        lines = yaml.split("\n")
        for at, letter in enumerate(node.text):
            place = node.place(at, at + 1)
            assert 1 <= place.col <= place.end <= len(lines[place.line - 1]) + 1
            if letter.isalpha():
                assert lines[place.line - 1][place.col - 1] == letter


def test_encodings_and_line_ends_that_are_fine() -> None:
    for data in (b"\xef\xbb\xbfa: b\n", b"a: b\r\nc: d\r\n", b"a: b\rc: d", b"a: b"):
        assert rules_of(data) == set()
    text, _ = decode(b"\xef\xbb\xbfa: b\r\n", "f")
    assert text == "a: b\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(encoding: str) -> None:
    _, found = decode("campaign: x\n".encode(encoding), "f.yml")
    assert [one.rule for one in found] == ["not-utf-8"]
    assert "UTF-16" in found[0].message


def test_latin_1_is_named_at_its_letter() -> None:
    _, found = decode("a: ü\nb: grün\n".replace("ü", "ue", 1).encode("latin-1"), "f.yml")
    assert [(str(one.span), one.rule) for one in found] == [("f.yml:2:6", "not-utf-8")]
    assert "0xFC" in found[0].message
    assert "Latin-1" in (found[0].help or "")


@pytest.mark.parametrize("letter", ["\0", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe"])
def test_control_characters_are_refused_where_they_stand(letter: str) -> None:
    _, found = read_yaml(f"a: b\nc: x{letter}y\n", "f.yml")
    assert [(str(one.span), one.rule) for one in found] == [("f.yml:2:5", "control-character")]


def test_lone_surrogates_are_refused_raw_and_escaped() -> None:
    assert read_yaml("a: \ud800", "f.yml")[1][0].rule == "control-character"
    assert rules_of(b"a: \xed\xa0\x80") == {"not-utf-8"}
    assert rules_of(b'a: "\\ud800"') == {"not-yaml"}


def test_a_file_that_is_too_large_is_not_read() -> None:
    assert rules_of(b"#" * (MAX_BYTES + 1)) == {"too-large"}
    assert rules_of(b"#" * MAX_BYTES) == set()


@pytest.mark.parametrize("opening", ["[", "{", "{a: ", "- ", "? ", "[{", "&a [", "!a ["])
def test_a_million_brackets_are_refused_at_once(opening: str) -> None:
    began = time.process_time()
    _, found = read_yaml(opening * (1_000_000 // len(opening)), "f.yml")
    assert found
    assert time.process_time() - began < 5


def test_nesting_up_to_the_limit_is_read() -> None:
    assert not read_yaml("[" * MAX_DEPTH + "]" * MAX_DEPTH, "f.yml")[1]
    assert read_yaml("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "f.yml")[1][0].rule == "too-deep"


@pytest.mark.parametrize("opening", ["[", "{", "{a: ", "- ", "? ", "[{", "&a ["])
@pytest.mark.parametrize("times", [MAX_DEPTH + 1, 999, 1_001, 20_000])
def test_where_it_nests_too_deep_is_told_however_far_the_scanner_reads_ahead(opening: str, times: int) -> None:
    _, (found,) = read_yaml(f"a: 1\nb:\n  {opening * times}", "f.yml")
    assert found.rule == "too-deep"
    levels = MAX_DEPTH - 1  # the first is that of `b`
    at = (levels + 1) // 2 * len(opening) - 1 if opening == "[{" else levels * len(opening)
    assert (found.span.line, found.span.col) == (3, 3 + at)


def test_brackets_in_a_text_nest_nothing() -> None:
    assert rules_of(f"a: '{'[' * 60}'\nb: c: d".encode()) == {"not-yaml"}


def test_aliases_cannot_nest_deeper_than_brackets() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60)]
    assert [one.rule for one in read_yaml("\n".join(lines), "f.yml")[1]] == ["too-deep"]


def test_aliases_cannot_multiply() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    began = time.process_time()
    _, found = read_yaml("\n".join(lines), "f.yml")
    assert [one.rule for one in found] == ["too-large"]
    assert time.process_time() - began < 0.5


def test_a_few_aliases_are_read() -> None:
    root = read("a: &x {k: v}\nb: *x\nc: [*x, *x]\n")
    assert isinstance(root, MapNode)
    assert root.get("b") is root.get("a")


def test_a_great_many_values_are_refused_quickly() -> None:
    began = time.process_time()
    _, found = read_yaml("- []\n" * (MAX_VALUES + 10), "f.yml")
    assert [one.rule for one in found] == ["too-large"]
    assert time.process_time() - began < 5


def test_a_refused_value_leaves_a_mark_and_the_rest_is_read() -> None:
    root, found = read_yaml("a: !x y\nb: {{ z }}\nc: [1, !t 2]\nd: e\n", "f.yml")
    assert {one.rule for one in found} == {"yaml-tag", "unquoted-braces"}
    assert isinstance(root, MapNode)
    assert [type(root.get(key)) for key in "abcd"] == [BrokenNode, BrokenNode, ListNode, Scalar]


@pytest.mark.parametrize("piece", ["- '''", '- "\\', ": {{", "k: a: ", "''''", "[,", "- x: '", "{{ }}, "])
def test_an_endless_line_is_explained_at_once(piece: str) -> None:
    for text in (piece * (900_000 // len(piece)), "k: " + piece * 100_000 + ": }"):
        began = time.process_time()
        read_yaml(text, "f.yml")
        assert time.process_time() - began < 3


@settings(max_examples=examples(300))
@given(st.binary(max_size=120))
def test_no_bytes_at_all_raise_anything(data: bytes) -> None:
    rules_of(data)


YAML_ISH = st.text(alphabet="abc:-?[]{},&*!|>'\"%@`#=~<\\ \n\t0.éあ\U0001f600", max_size=80)


@settings(max_examples=examples(400))
@given(YAML_ISH)
def test_a_text_of_yaml_signs_is_read_or_explained_inside_the_file(text: str) -> None:
    root, found = read_yaml(text, "f.yml")
    lines = text.split("\n")
    for one in found:
        assert 1 <= one.span.line <= len(lines)
        assert 1 <= one.span.col <= len(lines[one.span.line - 1]) + 2
        assert one.message.endswith((".", "?"))
    assert found or root is None or isinstance(root, Scalar | ListNode | MapNode)


@pytest.mark.parametrize("sign", ["a: b: c", "\ta: b", "a: 'x", "a: [1", "*x", "%YAML 9", "{{ x }}", "!x y"])
def test_what_the_scanner_says_is_the_same_without_the_c_library(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    fast = read_yaml(sign, "f.yml")[1]
    monkeypatch.setattr("nurture_cli.text.source._LOADER", yaml.SafeLoader)
    slow = read_yaml(sign, "f.yml")[1]
    assert [(one.rule, one.span.line) for one in slow] == [(one.rule, one.span.line) for one in fast]


def test_reading_leaves_the_recursion_limit_alone() -> None:
    before = sys.getrecursionlimit()
    read_yaml("[" * 100_000, "f.yml")
    assert sys.getrecursionlimit() == before
