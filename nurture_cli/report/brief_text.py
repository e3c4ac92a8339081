"""The brief for Sales as Markdown.

Text from contacts stays text: what Markdown could take for a link, for HTML or for any markup is put in a code span,
and control characters are written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from nurture_cli.inert import inert
from nurture_cli.records import Value
from nurture_cli.report.brief import Brief, Happening, StageMove
from nurture_cli.store.sales import LeadHandoff
from nurture_cli.timing import format_instant

LONGEST = 2_000  # characters of one value; a reply may be long

# Letters, digits and punctuation that mean nothing in Markdown, in the middle of a line.
_PLAIN = re.compile(r"""(?:[^\W_]|[ ,.'"’()/%;?!+“”„‘…–—-]|[:&](?= ))*""")
_LIKE_A_HOST = re.compile(r"[^\W_]\.[^\W\d_]{2}|(?i:www\.)|---|//")
_SORTS = {
    "new": "new to us", "known-passive": "known to us, passive before", "known-active": "known to us, active before",
}  # fmt: skip
_STATES = {"open": "waits for an answer", "unknown": "may have been delivered"}


def inert_markdown(text: str) -> str:
    """A text from outside, for the middle of a line: as it is when it is plain, else in a code span."""
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    text = inert(" ".join(text.split()))
    if _PLAIN.fullmatch(text) and not _LIKE_A_HOST.search(text):
        return text
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    blank = " " if "`" in (text[0], text[-1]) else ""
    return f"{fence}{blank}{text}{blank}{fence}"


def markdown(brief: Brief) -> str:
    """The brief as Markdown; it ends with a line break."""
    parts = [f"# Lead: {', '.join(inert_markdown(part) for part in _titles(brief))}"]
    if brief.no_mail:
        parts.append(f"**No mail may follow a call:** {inert_markdown(brief.no_mail)}.")
    parts.append("\n".join(_lines(_head(brief))))
    for title, lines in (
        ("Who", _who(brief)),
        ("Why handed over", _why(brief)),
        ("Open question", _questions(brief)),
        ("How to begin", [inert_markdown(brief.opening)] if brief.opening else []),
        ("Fit and interest", _scores(brief)),
        ("Colleagues", _colleagues(brief)),
        ("Content", _content(brief)),
        ("Stages", [_move(brief, move) for move in brief.moves]),
        ("Everything that happened", [_happening(brief, one) for one in brief.story]),
        ("Earlier hand-offs", [_period(brief, one) for one in brief.before]),
        ("Consent", _consent(brief)),
    ):
        if written := list(_lines(lines)):
            parts.append(f"## {title}\n\n" + "\n".join(written))
    return "\n\n".join(parts) + "\n"


def _lines(lines: Iterable[str]) -> Iterator[str]:
    return (f"- {line}" for line in lines)


def _titles(brief: Brief) -> Iterator[str]:
    contact = brief.contact
    yield name_of(brief) or contact.email
    if contact.company:
        yield contact.company


def name_of(brief: Brief) -> str:
    return " ".join(part for part in (brief.contact.first_name, brief.contact.last_name) if part)


def _head(brief: Brief) -> Iterator[str]:
    ready, handoff = brief.readiness, brief.handoff
    yield f"Grade {ready.grade}: fit {ready.fit}, interest {ready.interest}; {_SORTS[handoff.sort]}"
    yield f"Handed over {_time(brief, handoff.at)}; {_state(brief, handoff)}"
    if brief.due_by is not None:
        yield f"An answer is due by {_time(brief, brief.due_by)}" + (": **overdue**" if brief.overdue else "")


def _who(brief: Brief) -> Iterator[str]:
    contact = brief.contact
    facts: dict[str, object] = {
        "Name": name_of(brief), "Company": contact.company, "Role": contact.role, "Job title": contact.job_title,
        "Address": contact.email, "Phone": contact.phone, "Country": contact.country, "Language": contact.language,
        "Source": contact.source, "Referred by": brief.referred_by,
    }  # fmt: skip
    for label, value in (facts | dict(contact.fields)).items():
        if value not in (None, ""):
            yield f"{label}: {_value(value)}"
    if contact.tags:
        yield f"Tags: {', '.join(map(inert_markdown, sorted(contact.tags)))}"
    guessed = "" if contact.zone else ", the zone of the project: theirs is not known"
    yield f"Local time: {format_instant(brief.at, brief.local_zone)} ({brief.local_zone}{guessed})"


def _why(brief: Brief) -> Iterator[str]:
    yield f"Cause: {inert_markdown(brief.handoff.cause)}"
    if brief.handoff.version:
        version = inert_markdown(brief.handoff.version)
        yield f"Criteria of version {version} of the agreement between Marketing and Sales"
    if brief.move is not None:
        yield _move(brief, brief.move)
        for fact, value in brief.move.facts.items():
            yield f"Seen then: {_code(fact)} was {_value(value)}"


def _questions(brief: Brief) -> Iterator[str]:
    for one in brief.questions:
        why = inert_markdown(one.why_open)
        yield f"{_time(brief, one.at)}: {_kind(one.kind)}{_about(one.title)}; {why}{_words(one.words)}"


def _scores(brief: Brief) -> Iterator[str]:
    ready = brief.readiness
    parts = [f"{part.points} for {_code(part.condition)}" for part in ready.fit_why]
    yield _with_parts(f"Fit {ready.fit}, as of the last run", parts)
    parts = [
        f"{_points(one.left)} of {one.points} for {_kind(one.kind)}{_about(_title(brief, one.asset))}"
        f" on {_time(brief, one.at)}"
        for one in ready.responses
    ]
    yield _with_parts(f"Interest {ready.interest}, what is left now of the responses that count", parts)


def _with_parts(line: str, parts: Iterable[str]) -> str:
    return "".join((line, *(f"\n  - {part}" for part in parts)))


def _about(title: str) -> str:
    return f" {inert_markdown(title)}" if title else ""


def _title(brief: Brief, asset: str) -> str:
    return next((one.title for one in brief.content if one.asset == asset), asset)


def _colleagues(brief: Brief) -> Iterator[str]:
    for one in brief.colleagues:
        about = ", ".join(inert_markdown(part) for part in (one.name, one.role, one.email) if part)
        yield f"{about}: interest {one.interest}, stage {inert_markdown(one.stage)}"
    if brief.more_colleagues:
        yield f"and {brief.more_colleagues:,} more"


def _content(brief: Brief) -> Iterator[str]:
    for one in brief.content:
        came = f"sent {_time(brief, one.received_at)}" if one.received_at is not None else "not sent by us"
        yield f"{inert_markdown(one.title)}: {came}; {', '.join(map(_kind, one.responses)) or 'no response'}"


def _move(brief: Brief, move: StageMove) -> str:
    why = f", for {inert_markdown(move.reason)}" if move.reason else ""
    version = f", agreement {inert_markdown(move.version)}" if move.version else ""
    stages = f"from {inert_markdown(move.before)} to {inert_markdown(move.stage)}"
    return f"{_time(brief, move.at)}: {stages}{why} ({inert_markdown(move.cause)}{version})"


def _happening(brief: Brief, one: Happening) -> str:
    about = _about(one.title)
    if one.ours:
        doubt = " (may have been delivered)" if one.what == "unknown" else ""
        return f"{_time(brief, one.at)}: we sent{about} by {inert_markdown(one.by)}{doubt}"
    return f"{_time(brief, one.at)}: {_kind(one.what)}{about}{_words(one.words)}"


def _words(words: Mapping[str, Value]) -> str:
    return "".join(f"; {_code(name)} {_value(value)}" for name, value in words.items())


def _period(brief: Brief, one: LeadHandoff) -> str:
    until = "now" if one.closed_at is None else _time(brief, one.closed_at)
    return f"{_time(brief, one.at)} to {until}: {_state(brief, one)} ({inert_markdown(one.cause)})"


def _state(brief: Brief, one: LeadHandoff) -> str:
    told = _STATES.get(one.state, one.state)
    if one.answered_at is not None and one.closed_at is None:
        told += f" {_time(brief, one.answered_at)}"
    told += f", for {inert_markdown(one.reason)}" if one.reason else ""
    return told + (f", value {one.value:,g}" if one.value is not None else "")


def _consent(brief: Brief) -> Iterator[str]:
    contact = brief.contact
    basis = ", ".join(inert_markdown(part) for part in (contact.consent_basis, contact.consent_source) if part)
    yield f"Consent {contact.consent}" + (f" ({basis})" if basis else "")
    if contact.consent_at is not None:
        yield f"Since {_time(brief, contact.consent_at)}"
    if contact.consent_until is not None:
        yield f"Until {_time(brief, contact.consent_until)}"
    if brief.suppression is not None:
        told = f"{brief.suppression.reason}; {inert_markdown(brief.suppression.source)}"
        yield f"Suppressed since {_time(brief, brief.suppression.at)}: {told}"
    yield "Mail may be sent" if not brief.no_mail else "No mail may be sent"


def _kind(kind: str) -> str:
    return inert_markdown(kind.replace("_", " "))


def _time(brief: Brief, instant: int) -> str:
    return format_instant(instant, brief.zone)


def _points(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _value(value: object) -> str:
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case _:
            return inert_markdown(str(value))


def _code(text: str) -> str:
    """A condition or a name, always in a code span."""
    written = inert_markdown(text)
    return written if written.startswith("`") else f"`{written}`"
