"""How ready contacts are at an instant: fit with its reasons, interest with its parts, the grade.

Interest is added up response by response from the events, so that each part can be shown; the sum is the one number
that `scores.py` works out. Fit is what the last run worked out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import groupby

from nurture_cli.campaign.funnel import Funnel
from nurture_cli.planner.fading import part_sql, whole
from nurture_cli.planner.scores import NOW, part_left
from nurture_cli.store.database import Connection


@dataclass(frozen=True, slots=True)
class Response:
    """One response that counts: its points when it was made, and what is left of them."""

    event_id: int
    kind: str
    asset: str
    at: int
    points: int
    left: float


@dataclass(frozen=True, slots=True)
class FitPart:
    """A rule of `fit:` that gave points."""

    points: int
    condition: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Fit, interest and grade, each with what it is made of; responses oldest first."""

    fit: int
    fit_why: tuple[FitPart, ...]
    interest: int
    responses: tuple[Response, ...]
    grade: str


# Of responses of one kind on one day only the first ones count, as in standing.py.
_RESPONSES = f"""
SELECT r.cid, r.id, r.kind, r.asset, r.at, r.points,
       r.points * {part_sql("r", NOW, ":half_life")} * {part_left("r", "r.cid", NOW)}
FROM (
  SELECT e.contact_id AS cid, e.id, e.kind, e.asset, e.at, json_extract(p.value, '$[0]') AS points,
         json_extract(p.value, '$[1]') AS per_day,
         row_number() OVER (PARTITION BY e.contact_id, e.kind, e.at / 86400 ORDER BY e.at, e.id) AS number
  FROM json_each(:ids) i CROSS JOIN json_each(:points) p
  CROSS JOIN main.event e ON e.contact_id = i.value AND e.kind = p.key
  WHERE e.machine = 0 AND e.at <= :now) AS r
WHERE r.number <= r.per_day ORDER BY r.cid, r.at, r.id
"""
_FIT = "SELECT contact_id, fit, fit_why FROM main.standing WHERE contact_id IN (SELECT value FROM json_each(?))"


def readiness(db: Connection, funnel: Funnel, contacts: Collection[int], at: int) -> Mapping[int, Readiness]:
    """How ready each of these contacts is at instant `at`; none of them is left out."""
    ids = json.dumps(sorted(contacts))
    interest = funnel.interest
    points = {kind: [number, interest.per_day[kind]] for kind, number in interest.points.items()}
    asked = {"ids": ids, "points": json.dumps(points), "now": at, "half_life": float(interest.half_life)}
    made = {
        contact: tuple(Response(*row[1:]) for row in rows)
        for contact, rows in groupby(db.execute(_RESPONSES, asked), key=lambda row: row[0])
    }
    fits = {contact: (fit, _parts(why)) for contact, fit, why in db.execute(_FIT, (ids,))}
    return {
        contact: _ready(funnel, *fits.get(contact, (0, ())), responses=made.get(contact, ())) for contact in contacts
    }


def _parts(why: str) -> tuple[FitPart, ...]:
    return tuple(FitPart(part["points"], part["for"]) for part in json.loads(why))


def _ready(funnel: Funnel, fit: int, why: tuple[FitPart, ...], *, responses: tuple[Response, ...]) -> Readiness:
    interest = whole(sum(response.left for response in responses))
    return Readiness(fit, why, interest, responses, grade(funnel, fit, interest))


def grade(funnel: Funnel, fit: int, interest: float) -> str:
    """Fit and interest in the matrix: A1 to C3."""
    a, b = funnel.grades.fit
    one, two = funnel.grades.interest
    letter = "A" if fit >= a else "B" if fit >= b else "C"
    return letter + ("1" if interest >= one else "2" if interest >= two else "3")
