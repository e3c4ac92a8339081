"""Why a condition cannot be parsed, in plain words: habits from other languages, each at its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nurture_cli.text.advice import tag_call

# Compiled only when needed. Strings are matched first: text in quotes is never taken for a mistake.
_TOKENS = (
    r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<named>[(,]\s*\w+\s*=(?!=))"""
    r"""|(?P<fine>==(?!=)|!=(?!=)|<=|>=)"""
    r"""|(?P<odd>&&|\|\||<>|===|!==|!|=|\#|;|\?|\$|`|\{\{|\}\}|%\}|\{%|[“”„‘’‚«»])"""
    r"""|(?P<glued>\b\d+(?:\.\d+)?[A-Za-z]\w*)"""
    r"""|(?P<word>\b(?:AND|OR|NOT|IN|IS|contains|CONTAINS|like|LIKE|matches|equals|exists|then|xor)\b)"""
)
_ADVICE = {
    "&&": "Write `and` for `&&`.",
    "||": "Write `or` for `||`.",
    "<>": "Write `!=` for `<>`.",
    "===": "Write `==` for `===`.",
    "!==": "Write `!=` for `!==`.",
    "!": "Write `not` for `!`.",
    "=": "Write `==` to compare.",
    "#": "Move the comment out of the condition.",
    "{{": "Write conditions without braces.",
    "}}": "Write conditions without braces.",
    "{%": "Write conditions without braces.",
    "%}": "Write conditions without braces.",
}
_WORD_ADVICE = {
    "contains": 'Write `"text" in field`.',
    "like": 'Write `"text" in field`.',
    "matches": 'Write `"text" in field`; there are no patterns.',
    "equals": "Write `==`.",
    "exists": "Write `field is not None`.",
    "then": "What to do goes under its own key, not into the condition.",
    "xor": "Write it with `and`, `or` and `not`.",
}
_TAGS = r"\btags?\s*\Z"
_WORD_GIVEN = r"""\s*(?:"(?P<double>[^"\\]+)"|'(?P<single>[^'\\]+)'|(?P<bare>\w[\w-]*))"""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a text is not a condition; `start` and `end` are offsets in the text."""

    start: int
    end: int
    message: str
    help: str | None = None


def comment_in(text: str) -> Mistake | None:
    """A `#` outside quotes: Python's parser would silently leave out everything after it."""
    if "#" in text:
        for found in re.finditer(_TOKENS, text, re.VERBOSE):
            if found["odd"] == "#":
                return _odd(found)
    return None


def explain_syntax(text: str, error: Exception) -> Mistake:
    """The mistake behind an error of the parser; the text has no line ends."""
    if not isinstance(error, SyntaxError):
        return Mistake(
            0, len(text), "This condition is too deeply nested.", "Name a part of it as a segment in nurture.yml."
        )
    for found in re.finditer(_TOKENS, text, re.VERBOSE):
        if found.lastgroup in ("odd", "glued", "word"):
            return _odd(found)
    start = min(max((error.offset or len(text) + 1) - 1, 0), len(text))
    end = max(min((error.end_offset or 0) - 1, len(text)), start + 1)
    reason = error.msg.split(" (")[0]
    if "unterminated string" in reason:
        return Mistake(start, len(text), "This quote is never closed.", "Put the closing quote at the end of the text.")
    if "was never closed" in reason:
        return Mistake(start, start + 1, f"This `{text[start : start + 1]}` is never closed.")
    if reason.startswith("unmatched"):
        return Mistake(start, start + 1, f"This `{text[start : start + 1]}` closes nothing.")
    if "Maybe you meant '=='" in reason:
        at = text.find("=", start)
        return Mistake(max(at, start), max(at, start) + 1, "A single `=` does not compare.", "Write `==` to compare.")
    if "too many nested" in reason:
        return Mistake(start, end, "Too many brackets are nested here.")
    if start >= len(text.rstrip()):
        return Mistake(len(text.rstrip()), len(text.rstrip()) + 1, "Something is missing at the end of this condition.")
    return Mistake(
        start,
        end,
        "This cannot follow what is before it.",
        "Is an `and`, an `or`, a comma or a quote missing before it?",
    )


def _odd(found: re.Match[str]) -> Mistake:
    word = found[0]
    if found.lastgroup == "glued":
        return Mistake(
            found.start(), found.end(), f"`{word}` is neither a number nor a name.", f'Put it in quotes: "{word}"'
        )
    if found.lastgroup == "word":
        advice = _tag_meant(found) or _WORD_ADVICE.get(word.lower(), f"Write `{word.lower()}` in lowercase.")
        return Mistake(found.start(), found.end(), f"Conditions do not know the word `{word}`.", advice)
    if word in "“”„‘’‚«»":
        return Mistake(found.start(), found.end(), "This is a typographic quote.", 'Use a straight one: "')
    return Mistake(
        found.start(),
        found.end(),
        f"`{word}` has no meaning in conditions." if word != "`" else "A backtick has no meaning in conditions.",
        (_tag_meant(found) if word == "=" else None) or _ADVICE.get(word),
    )


def _tag_meant(found: re.Match[str]) -> str | None:
    """Advice when the word or sign is between `tags` and a tag."""
    given = re.match(_WORD_GIVEN, found.string[found.end() :])
    if given is None or not re.search(_TAGS, found.string[: found.start()]):
        return None
    return f"Write: {tag_call(given['double'] or given['single'] or given['bare'])}"
