"""Bytes of a user's file -> text with `\\n` line ends, or the reason why not."""

from __future__ import annotations

import re

from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

MAX_BYTES = 1_000_000

# Characters that no YAML may contain: C0 and C1 controls but tab and line end, DEL, non-characters, and marks that
# an editor does not show but YAML counts as a line end (U+2028, U+2029) or as a letter (U+FEFF).
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def decode(data: bytes, file: str) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The text of a file: UTF-8, with or without a byte order mark, any line ends."""
    if len(data) > MAX_BYTES:
        message = f"This file has {len(data):,} bytes; the limit is {MAX_BYTES:,}."
        return None, (_finding("too-large", Span(file, 1, 1, 1), message, "Split it."),)
    if _looks_like_utf16(data):
        message = "This file is UTF-16, not UTF-8."
        return None, (_finding("not-utf-8", Span(file, 1, 1, 1), message, "Save it again as UTF-8."),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        line, col = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        message = f"This file is not UTF-8: byte 0x{data[error.start]:02X} does not fit here."
        help = "It looks like Latin-1 or Windows-1252. Save it again as UTF-8."
        return None, (_finding("not-utf-8", Span(file, line, col, col + 1), message, help),)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text, ()


def control_characters(text: str, file: str, line: int) -> tuple[Diagnostic, ...]:
    """One finding for the first control character, if there is one; `line` is the number of the text's first line."""
    hit = CONTROL.search(text)
    if hit is None:
        return ()
    at = hit.start()
    col = at - (text.rfind("\n", 0, at) + 1) + 1
    span = Span(file, line + text.count("\n", 0, at), col, col + 1)
    message = f"There is an invisible control character here (U+{ord(hit[0]):04X})."
    return (_finding("control-character", span, message, "Delete it; it often comes with copied text."),)


def _looks_like_utf16(data: bytes) -> bool:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    head = data[:200]
    zeros = head.count(0)
    return zeros > 0 and zeros * 3 > len(head) and (not any(head[::2]) or not any(head[1::2]))


def _finding(rule: str, span: Span, message: str, help: str) -> Diagnostic:
    return Diagnostic(rule, Severity.ERROR, span, message, help)
