"""A contact's way through the funnel as it is printed: the one verdict, the scores, the criteria, the radar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nurture_cli.cli import output
from nurture_cli.cli.inert import inert
from nurture_cli.cli.tables import Cell, Column, show
from nurture_cli.cli.times import iso, written
from nurture_cli.plural import how_many

if TYPE_CHECKING:
    from nurture_cli.explain.funnel import Asked, Course
    from nurture_cli.planner.criteria import Criterion

_CRITERIA = (Column("needed", "Needed"), Column("seen", "Seen"), Column("met", "Met"))


def record(course: Course, zone: str) -> dict[str, Any]:
    """Everything for programs."""
    sales, rest = course.with_sales, course.at_rest
    return {
        "turn": course.verdict, "why": course.why, "stage": course.stage, "to": course.to,
        "furthest_stage": course.furthest_stage, "owner": course.owner, "version": course.version or None,
        "fit": course.fit, "fit_why": [{"points": part.points, "for": part.condition} for part in course.fit_why],
        "interest": course.interest, "responses": course.responses, "grade": course.grade,
        "handoff": sales and {
            "state": sales.state, "at": iso(sales.at, zone), "cause": sales.cause, "due_by": iso(sales.due_by, zone),
        },
        "recycling": rest and {
            "reason": rest.reason, "at": iso(rest.at, zone), "rest_until": iso(rest.rest_until, zone),
            "campaign": rest.campaign or None,
        },
        "stages": [
            {
                "stage": asked.stage, "gate": asked.gate, "met": asked.met,
                "criteria": [
                    {"needed": one.needed, "seen": one.seen, "met": one.met, "facts": dict(one.facts)}
                    for one in asked.criteria
                ],
            }
            for asked in course.asked
        ],
        "radar": [
            {"signal": one.signal, "at": iso(one.at, zone), "facts": dict(one.facts)} for one in course.noticed
        ],
    }  # fmt: skip


def for_people(course: Course, zone: str) -> None:
    """The verdict with its reasons, then a table for each stage that is asked about."""
    for line in _paragraph(course, zone):
        output.prose(line)
    for asked in course.asked:
        output.data(f"\n{_heading(asked)}")
        show(_CRITERIA, (_row(one) for one in asked.criteria), head=None)


def _paragraph(course: Course, zone: str) -> Iterator[str]:
    yield f"{course.verdict.replace('-', ' ')}: {inert(course.why)}"
    if course.asked or course.responses or course.fit_why:  # nothing for a project that does not use the funnel
        yield from _scores(course)
    furthest = "" if course.furthest_stage == course.stage else f"furthest stage {inert(course.furthest_stage)}"
    owner = f"{course.owner} owns this stage" if course.owner and course.owner != "both" else ""
    version = f"version {inert(course.version)} of the agreement" if course.version else ""
    facts = ", ".join(part for part in (furthest, owner, version) if part)
    if facts:
        yield f"  {facts}"
    for noticed in course.noticed:
        seen = ", ".join(f"{inert(name)} = {_value(value)}" for name, value in noticed.facts.items())
        yield f"  radar: {inert(noticed.signal)}, {written(noticed.at, zone)}{f' [{seen}]' if seen else ''}"


def _scores(course: Course) -> Iterator[str]:
    responses = how_many(course.responses, "response")
    yield f"  grade {course.grade}: fit {course.fit}, interest {course.interest} from {responses}"
    for part in course.fit_why:
        yield f"    fit {part.points:+d} for {inert(part.condition)}"


def _heading(asked: Asked) -> str:
    gate = ", a gate" if asked.gate else ""
    return f"Criteria of {inert(asked.stage)}{gate}: {'met' if asked.met else 'not met'}"


def _row(criterion: Criterion) -> tuple[Cell, ...]:
    return criterion.needed, criterion.seen, criterion.met


def _value(value: object) -> str:
    return "missing" if value is None else inert(str(value))
