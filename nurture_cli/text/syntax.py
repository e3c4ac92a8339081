"""What the YAML scanner complains about, in a marketer's words, at the place of the mistake."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nurture_cli.text.advice import tag_call
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span
from nurture_cli.text.nodes import Source, clip

LONGEST_LINE = 4_000  # characters of a line that are searched for the mistake

_UNQUOTED_BRACES = re.compile(r"(?:[:\-\[,]\s+|^\s*)(\{\{.*?(?:\}\}|$))")
_QUOTE_THEN_MORE = re.compile(r"""[:\-\[,{]\s+(("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*[^\s#,\]}:].*)""")
_IN_TAGS = re.compile(r"""(?:"([^"\\]+)"|'([^'\\]+)')\s+(not\s+)?in\s+tags?\s*(?:#|\Z)""")
_BRACKETS_THEN_MORE = re.compile(r"""^\s*(?:- )?[\w-]+:\s+((?:\[[^\[\]]*\]|\{[^{}]*\})\s*[^\s#].*)$""")
_UNQUOTED_COLON = re.compile(r"""^\s*(?:- )?[\w-]+:\s+([^\s"'\[{|>][^#]*?: .*)$""")

_NEW_LINE = re.compile(r"\s*(?:- |[\w-]+:(?:\s|$))")  # where a key or an item begins, no bracket goes on


@dataclass(frozen=True, slots=True)
class Trouble:
    """A complaint of the scanner: its words, where it stopped and where the thing began (line, column from 0)."""

    problem: str
    at: tuple[int, int] | None
    began: tuple[int, int] | None


def explain(trouble: Trouble, source: Source) -> Diagnostic:
    """The finding for a text that is not YAML."""
    lines = [line[:LONGEST_LINE] for line in source.text.split("\n")]
    at = _inside(trouble.at or (0, 0), lines)
    began = _inside(trouble.began or at, lines)
    if lines[began[0]].startswith("%"):
        message = "Directives (lines that begin with `%`) are not read."
        place = _span(source, began[0], 0, len(lines[began[0]]))
        return Diagnostic("yaml-directive", Severity.ERROR, place, message, "Delete the line, or quote the text.")
    return (
        _tab(at, began, lines, source)
        or _by_line(trouble.problem, at, lines, source)
        or _by_words(trouble.problem, at, began, lines, source)
    )


def _tab(at: tuple[int, int], began: tuple[int, int], lines: list[str], source: Source) -> Diagnostic | None:
    """A tab where spaces must be, anywhere between where the thing began and where the scanner stopped."""
    for number in range(max(began[0], at[0] - 1), at[0] + 1):
        indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
        if "\t" in indent:
            place = _span(source, number, indent.index("\t"), len(indent))
            message = "This line is indented with a tab; YAML needs spaces."
            return Diagnostic("tab", Severity.ERROR, place, message, "Put two spaces for each tab.")
    if lines[at[0]][at[1] : at[1] + 1] == "\t":
        place = _span(source, at[0], at[1], at[1] + 1)
        return Diagnostic("tab", Severity.ERROR, place, "There is a tab here; YAML needs spaces.", "Put a space.")
    return None


def _by_line(problem: str, at: tuple[int, int], lines: list[str], source: Source) -> Diagnostic | None:
    """Mistakes that the line itself shows."""
    number, line = at[0], lines[at[0]]
    braces = _UNQUOTED_BRACES.search(line)
    if braces and braces.start(1) <= at[1]:
        place = _span(source, number, braces.start(1), braces.end(1))
        message = "`{{ … }}` must be in quotes here; without them YAML takes the `{` for a mapping."
        help = 'Put the whole text in quotes: "{{ contact.first_name }}, …"'
        return Diagnostic("unquoted-braces", Severity.ERROR, place, message, help)
    quoted = _QUOTE_THEN_MORE.search(line)
    if quoted and quoted.start(1) <= at[1] <= quoted.end(1) and problem == "did not find expected key":
        text = quoted[1].rstrip()
        place = _span(source, number, quoted.start(1), quoted.start(1) + len(text))
        message = "A value that begins with a quote ends at the next such quote, and here more follows."
        tags = _IN_TAGS.match(text)
        if tags:
            return _syntax(place, message, f"Write: {tag_call(tags[1] or tags[2], bool(tags[3]))}")
        return _syntax(place, message, _requoted(text, text[len(quoted[2]) : len(quoted[2]) + 1]))
    bracket = _BRACKETS_THEN_MORE.search(line)
    if bracket and bracket.start(1) <= at[1] and problem == "did not find expected key":
        place = _span(source, number, bracket.start(1), bracket.end(1))
        text = bracket[1].rstrip()
        help = f'Put the text in quotes: "{text}"' if '"' not in text else "Put it in quotes."
        return _syntax(place, f"A text that begins with `{text[0]}` must be in quotes.", help)
    return None


def _requoted(text: str, following: str) -> str:
    """Advice for a value in which a quote ends too early; `following` is the character after that quote."""
    other = "'" if text[0] == '"' else '"'
    whole = text if following.isspace() else text[1:].removesuffix(text[0])  # an apostrophe inside a quoted text
    example = f": {other}{whole}{other}" if other not in whole and len(whole) < 60 else "."
    return f"Put the whole value in the other kind of quotes{example}"


def _by_words(
    problem: str, at: tuple[int, int], began: tuple[int, int], lines: list[str], source: Source
) -> Diagnostic:
    """Mistakes told apart by the scanner's own words."""
    here = _span(source, at[0], at[1], at[1] + 1)
    start = _span(source, began[0], began[1], began[1] + 1)
    match problem:
        case "mapping values are not allowed in this context":
            colon = _UNQUOTED_COLON.match(lines[at[0]])
            if colon:
                place = _span(source, at[0], colon.start(1), colon.end(1))
                help = f'Put the text in quotes: "{colon[1].rstrip()}"' if '"' not in colon[1] else "Put it in quotes."
                return _syntax(place, "A text with a colon and a space in it must be in quotes.", help)
            return _syntax(
                here,
                "A `:` is not expected here.",
                "Is this line indented too far, or the one above not a key?",
            )
        case "could not find expected ':'":
            place = _span(source, began[0], began[1], len(lines[began[0]]))
            return _syntax(place, "This line has no colon: a line is `key: value`, or `- item` in a list.")
        case "found unexpected end of stream" | "found unexpected document indicator":
            return _syntax(start, "This quote is never closed.", "Put the closing quote at the end of the text.")
        case "did not find expected ',' or ']'" | "did not find expected ',' or '}'":
            return _bracket(problem[-2], here, start, at, began, lines)
        case "did not find expected '-' indicator":
            return _syntax(
                here,
                "A list began above, and this line is not an item of it.",
                "Indent it, or begin it with `- `.",
            )
        case "block sequence entries are not allowed in this context":
            return _syntax(here, "A list cannot begin on the same line as its key.", "Begin it on the next line.")
        case "found unknown escape character" | "found invalid Unicode character escape code":
            message = 'A backslash inside "…" begins an escape, and this is not one.'
            return _syntax(here, message, "Write `\\\\`, or use 'single quotes'.")
        case "did not find expected alphabetic or numeric character":
            letter = lines[began[0]][began[1] : began[1] + 1]
            message = f"A word that begins with `{letter}` has its own meaning in YAML, and this one is not whole."
            return Diagnostic("yaml-alias", Severity.ERROR, start, message, "If it is a text, put it in quotes.")
        case "did not find expected comment or line break" | "found an indentation indicator equal to 0":
            message = "After `|` or `>` the text begins on the next line."
            return _syntax(here, message, "If the sign is part of the text, put it in quotes.")
        case "did not find expected <document start>":
            message = "A second document begins here; one file holds one."
            return Diagnostic("several-documents", Severity.ERROR, here, message, "Move it to a file of its own.")
        case (
            "found undefined tag handle"
            | "did not find URI escaped octet"
            | "did not find expected whitespace or line break"
        ):
            message = "Tags (words that begin with `!`) are not read."
            return Diagnostic("yaml-tag", Severity.ERROR, start, message, "Put the text in quotes.")
        case "found character that cannot start any token":
            letter = lines[at[0]][at[1] : at[1] + 1]
            named = "a backtick" if letter == "`" else f"`{letter}`"
            return _syntax(here, f"A text cannot begin with {named}.", "Put it in quotes.")
        case "found unexpected ':'":
            return _syntax(
                here, "After this `:` a space is missing, or a value.", 'Nothing is written `""` or `~` here.'
            )
        case "did not find expected node content":
            if not lines[at[0]][at[1] :].strip():
                return _syntax(here, "Something is missing at the end.", "Is a bracket or brace not closed?")
            return _syntax(here, "A value is expected here.", "A text that begins with a sign must be in quotes.")
        case "did not find expected key":
            return _syntax(here, "A key is expected here.", "Compare its indentation with the lines above.")
        case _:
            return _syntax(here, f"This is not YAML: {clip(problem, 100)}.")


def _bracket(
    closing: str, here: Span, start: Span, at: tuple[int, int], began: tuple[int, int], lines: list[str]
) -> Diagnostic:
    opening = "[" if closing == "]" else "{"
    rest = lines[at[0]][at[1] :].strip()
    if not rest or (at[0] > began[0] and _NEW_LINE.match(lines[at[0]])):
        return _syntax(start, f"This `{opening}` is never closed.", f"Put a `{closing}` at its end.")
    message = f"Inside `{opening} {closing}` a `,` or a `{closing}` is expected here."
    help = "A text or a condition that has brackets, commas or quotes in it must be in quotes here."
    return Diagnostic("not-yaml", Severity.ERROR, here, message, help, ((start, f"the `{opening}` is here"),))


def _syntax(place: Span, message: str, help: str | None = None) -> Diagnostic:
    return Diagnostic("not-yaml", Severity.ERROR, place, message, help)


def _inside(at: tuple[int, int], lines: list[str]) -> tuple[int, int]:
    """The nearest place that exists: the scanner stops one line after the last."""
    line, col = at
    if line >= len(lines):
        line, col = len(lines) - 1, len(lines[-1])
    while at[0] >= len(lines) - 1 and line > 0 and not lines[line].strip():
        line, col = line - 1, len(lines[line - 1].rstrip())
    return line, min(col, len(lines[line]))


def _span(source: Source, line: int, start: int, end: int) -> Span:
    return Span(source.file, source.line + line, start + 1, max(start, end) + 1)
