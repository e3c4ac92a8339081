"""The two streams: data on standard output, talk on standard error."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from nurture_cli.cli.folding import folded
from nurture_cli.cli.inert import inert
from nurture_cli.errors import InputOutput

NARROWEST, WIDEST = 20, 500
IN_A_LOG = 120  # columns, where COLUMNS does not say otherwise

# Valid in JSON, but not harmless on a terminal: C1 controls, bidirectional controls, separators, lone surrogates.
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

# Made once: json.dumps with such options makes an encoder for every line.
_ON_ONE_LINE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class ReaderGone(BaseException):
    """The reader of our standard output went away, as in `nurture plan | head`; there is nobody to tell."""


def prepare_streams() -> None:
    """Make the three standard streams fit to use, whatever cron, a closed pipe or an old locale made of them.

    A closed descriptor would be given to the next file that is opened, and a stray print would then land in it.
    Pipes and files always get UTF-8; a terminal keeps its own encoding, with escapes for what it cannot show.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number, that is this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(descriptor, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether people read `stream` (standard output when not given)."""
    stream = sys.stdout if stream is None else stream
    with contextlib.suppress(ValueError, OSError):
        return stream.isatty()
    return False


def wants_colour(stream: TextIO | None = None) -> bool:
    """Whether `stream` is a terminal that shows colours, and nobody asked for none (NO_COLOR, TERM=dumb)."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"


def terminal_width(stream: TextIO | None = None) -> int:
    """Columns of the terminal, within reason; of a log that people read, as many as it can be trusted to show."""
    stream = sys.stdout if stream is None else stream
    fallback = (80, 24) if is_terminal(stream) else (IN_A_LOG, 24)
    with contextlib.suppress(OSError, ValueError):  # standard error can be a terminal where standard output is none
        fallback = os.get_terminal_size(stream.fileno())
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size(fallback).columns))


def fitting(line: str, stream: TextIO | None = None, *, hang: int = 2) -> str:
    """One inert line of prose, folded where `stream` is a terminal; a pipe and a file get it whole."""
    return folded(line, terminal_width(stream), hang=hang) if is_terminal(stream) else line


def data(line: str) -> None:
    """Print one line of data."""
    write(line + "\n")


def prose(line: str) -> None:
    """Print one line of prose, which is inert already."""
    data(fitting(line))


def path(place: Path) -> None:
    """Print the name of a file."""
    data(inert(str(place)))


def write(text: str) -> None:
    """Write text to standard output as it is; raises ReaderGone or InputOutput."""
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise unwritable(error) from error


def write_bytes(content: bytes) -> None:
    """Write bytes to standard output as they are; raises ReaderGone or InputOutput."""
    flush()
    try:
        sys.stdout.buffer.write(content)
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        raise unwritable(error) from error


class Standard:
    """Standard output as a file for those who write to files."""

    def write(self, text: str) -> None:
        """Write text as it is; raises ReaderGone or InputOutput."""
        write(text)


def flush() -> None:
    """Hand everything written so far to the system; raises ReaderGone or InputOutput."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        abandon_stdout()
        raise ReaderGone from None
    except OSError as error:
        abandon_stdout()
        raise unwritable(error) from error


def abandon_stdout() -> None:
    """Point standard output at nothing, so that the interpreter's own last flush does not fail once more."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def unwritable(error: OSError) -> InputOutput:
    """What to say when standard output does not take what we write."""
    return InputOutput(f"Standard output cannot be written: {error.strerror or error}.")


def as_json(value: object) -> str:
    """`value` as JSON on one line, harmless on a terminal too."""
    return _harmless(_ON_ONE_LINE(value))


def _is_plain(json: str) -> bool:
    return json.isascii() and "\x7f" not in json


def _harmless(json: str) -> str:
    if _is_plain(json) or json.isprintable():
        return json
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", json)


def document(value: Mapping[str, Any]) -> None:
    """Print one JSON document, indented for the eye."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    data(_UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def lines(values: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON document a line."""
    for value in values:
        data(as_json(value))


def json_lines(blocks: Iterable[Sequence[str]]) -> None:
    """Print lines that are JSON already, harmless on a terminal too."""
    for block in blocks:
        text = "\n".join(block)
        write((text if _is_plain(text) else "\n".join(map(_harmless, block))) + "\n")


def talk(sentence: str) -> None:
    """Say something about the work, to people, on standard error; never fails."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(fitting(inert(sentence), sys.stderr, hang=0) + "\n")
        sys.stderr.flush()


def picture(text: str) -> None:
    """Show several lines that are inert already, on standard error; never fails."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def complain(sentence: str, hint: str | None = None) -> None:
    """Say what went wrong and what to do about it, on standard error; never fails."""
    red, bold, off = ("\x1b[1;31m", "\x1b[1m", "\x1b[0m") if wants_colour(sys.stderr) else ("", "", "")
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(_paragraph(f"{red}error:{off} ", sentence))
        if hint:
            sys.stderr.write(_paragraph(f"{bold}help:{off} ", hint))
        sys.stderr.flush()


def _paragraph(label: str, text: str) -> str:
    """Our own sentences may have several lines; each of them is made inert."""
    first, *others = (inert(line) for line in text.split("\n"))
    return "".join(
        f"{fitting(line, sys.stderr, hang=hang)}\n"
        for line, hang in ((label + first, 2), *((f"  {line}", 0) for line in others))
    )
