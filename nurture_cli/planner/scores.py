"""Fit, interest and what follows from them, as SQL over the table `standing`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nurture_cli.campaign.funnel import Funnel
from nurture_cli.campaign.model import Asset, Config
from nurture_cli.language.expression import Burst, CompanyPeople, Measure, MeasureName, Responses
from nurture_cli.planner.bound import COUNTED_STATES, Parameters
from nurture_cli.planner.fading import COLD, heat_sql, interest_sql, part_sql, whole_sql

STORED = "main.standing"
WORKED_OUT = "temp.present"  # as it is in the course of a plan
NOW = ":now"  # the instant of the plan


@dataclass(frozen=True, slots=True)
class Scoring:
    """The rules for compiling conditions about scores: the funnel, and the assets that are written for each stage."""

    funnel: Funnel
    assets_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of events that are responses."""
        return tuple(sorted(self.funnel.interest.points))


def scoring_of(config: Config, assets: Mapping[str, Asset]) -> Scoring:
    """The scoring of a sound project."""
    by_stage: dict[str, list[str]] = {}
    for asset in assets.values():
        for stage in asset.stages:
            by_stage.setdefault(stage, []).append(asset.name)
    return Scoring(config.funnel, {stage: tuple(sorted(names)) for stage, names in by_stage.items()})


@dataclass(frozen=True, slots=True)
class AskedOf:
    """The contact and the instant of a question: the alias of a contact row, the instant, the table of standings.

    With a `floor`, responses up to that instant never happened; with `events=False`, none ever did.
    """

    contact: str
    ceiling: str
    floor: str | None
    events: bool
    standing: str
    joined: bool = False  # the statement has the contact's own standing at hand: JOINS

    def own(self, column: str, otherwise: str) -> str:
        """A column of the contact's own standing, or `otherwise` where it has none; never NULL."""
        contact = f"{self.contact}.id"
        if self.joined:
            return f"coalesce(w.{column}, m.{column}, {otherwise})"
        stored = f"(SELECT m.{column} FROM main.standing m WHERE m.contact_id = {contact})"
        if self.standing == STORED:
            return f"coalesce({stored}, {otherwise})"
        newer = f"(SELECT w.{column} FROM temp.standing w WHERE w.contact_id = {contact})"
        return f"coalesce({newer}, {stored}, {otherwise})"


# For a statement about a contact c that asks for many scores.
JOINS = (
    " LEFT JOIN temp.standing w ON w.contact_id = c.id LEFT JOIN main.standing m ON m.contact_id = c.id"
    " LEFT JOIN temp.stage_rank r ON r.stage = c.stage"
)


def measure_sql(measure: Measure, where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    """The value of a measure; 0 where nothing is known, never NULL."""
    match measure.name:
        case MeasureName.FIT:
            return _fit(where)
        case MeasureName.INTEREST:
            return _interest(where, scoring, parameters)
        case MeasureName.COMPANY_INTEREST:
            return _company_interest(where, scoring, parameters)
        case MeasureName.GRADE:
            return _grade(where, scoring, parameters)
        case MeasureName.FURTHEST_STAGE:
            return f"coalesce(nullif({where.contact}.furthest_stage, ''), {where.contact}.stage)"


def _fit(where: AskedOf) -> str:
    return where.own("fit", "0")


def own_heat(where: AskedOf) -> str:
    """The heat of the contact who is asked about."""
    return where.own("heat", str(COLD))


def faded(heat: str, at: str, scoring: Scoring, parameters: Parameters) -> str:
    """The interest that a heat comes to at an instant."""
    return interest_sql(heat, at, _half_life(scoring, parameters))


def _half_life(scoring: Scoring, parameters: Parameters) -> str:
    return parameters.bind(float(scoring.funnel.interest.half_life))


def _interest(where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    value = _warmth(own_heat(where), f"{where.contact}.id", where, scoring, parameters)
    return _if_responded(whole_sql(value), where, scoring, parameters)


def _warmth(heat: str, person: str, where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    """The interest of a person at the instant of the question.

    Heat is as of the plan; as of an earlier instant (a wait that was over before this run) the responses are counted.
    """
    if where.ceiling == NOW:
        return faded(heat, where.ceiling, scoring, parameters)
    at = where.ceiling
    left = f"{part_sql('r', at, _half_life(scoring, parameters))} * {part_left('r', 'r.cid', at)}"
    return (
        f"coalesce((SELECT sum(r.points * {left}) FROM ("
        " SELECT e.contact_id AS cid, e.at, p.points, p.per_day,"
        " row_number() OVER (PARTITION BY e.kind, e.at / 86400 ORDER BY e.at, e.id) AS number"
        " FROM main.event e CROSS JOIN temp.points p ON p.kind = e.kind"
        f" WHERE e.contact_id = {person} AND e.machine = 0 AND e.at <= {at}) AS r"
        " WHERE r.number <= r.per_day), 0.0)"
    )


def part_left(response: str, contact: str, at: str) -> str:
    """The part of a contact's response that recycling has left: all, a half for each `halve`, nothing after `reset`."""
    return (
        "(SELECT iif(coalesce(sum(g.interest = 'reset'), 0), 0.0, pow(0.5, coalesce(sum(g.interest = 'halve'), 0)))"
        f" FROM main.recycling g WHERE g.contact_id = {contact} AND g.at >= {response}.at AND g.at <= {at})"
    )


def _company_interest(where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    return _if_responded(whole_sql(_company_warmth(where, scoring, parameters)), where, scoring, parameters)


def _company_warmth(where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    """The interest of the whole company at the instant of the question, not yet rounded."""
    company = _company(where)
    known = f"SELECT o.interest FROM temp.company o WHERE o.name = {company} AND {where.ceiling} = {NOW}"
    value = _warmth("p.heat", "p.contact_id", where, scoring, parameters)
    own = f"SELECT {value} * p.weight FROM {where.standing} p WHERE p.contact_id = {where.contact}.id"
    total = f"SELECT sum({value} * p.weight) FROM ({_people(company, where)}) p"
    return f"coalesce(({known}), ({total}), ({own}), 0.0)"


def company_heat(where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    """The heat of the whole company of the contact who is asked about, as of the plan."""
    return heat_sql(_company_warmth(where, scoring, parameters), NOW, _half_life(scoring, parameters))


def oldest_colleague_sql(within: int, where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    """When that person of the company responded whose response will be the first to be too long ago."""
    company, time = _company(where), f"e.at <= {NOW} AND e.at > {NOW} - {parameters.bind(within)}"
    known = f"SELECT 1 FROM temp.company o WHERE o.name = {company}"
    counted = f"SELECT min(e.at) FROM temp.company_response e WHERE e.name = {company} AND {time}"
    people = f"SELECT contact_id FROM ({_people(company, where)}) UNION SELECT {where.contact}.id"
    act = response_of("p.contact_id", scoring, parameters)
    one_by_one = f"SELECT min(e.at) FROM ({people}) p CROSS JOIN main.event e WHERE {act} AND {time}"
    return f"iif(EXISTS ({known}), ({counted}), ({one_by_one}))"


def _company(where: AskedOf) -> str:
    return f"(SELECT s.company FROM {where.standing} s WHERE s.contact_id = {where.contact}.id)"


def _people(company: str, where: AskedOf) -> str:
    """The standings of everybody in a company; nobody when it is NULL."""
    stored = f"SELECT m.contact_id, m.heat, m.weight FROM main.standing m WHERE m.company = {company}"
    if where.standing == STORED:
        return stored
    newer = f"SELECT w.contact_id, w.heat, w.weight FROM temp.standing w WHERE w.company = {company}"
    return f"{newer} UNION ALL {stored} AND m.contact_id NOT IN (SELECT contact_id FROM temp.standing)"


def _grade(where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    grades = scoring.funnel.grades
    a, b = (parameters.bind(number) for number in grades.fit)
    one, two = (parameters.bind(number) for number in grades.interest)
    fit, interest = _fit(where), _interest(where, scoring, parameters)
    return (
        f"(CASE WHEN {fit} >= {a} THEN 'A' WHEN {fit} >= {b} THEN 'B' ELSE 'C' END"
        f" || CASE WHEN {interest} >= {one} THEN '1' WHEN {interest} >= {two} THEN '2' ELSE '3' END)"
    )


def _if_responded(value: str, where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    """A value that is 0 when no response falls into the time that is asked about."""
    if not where.events:
        return "0"
    if where.floor is None:
        return value
    newer = f"e.at > {where.floor} AND e.at <= {where.ceiling}"
    return f"iif({responded(where.contact, newer, scoring, parameters)}, {value}, 0)"


def responded(contact: str, when: str, scoring: Scoring, parameters: Parameters, stage: str | None = None) -> str:
    """Whether the contact responded, with `when` a condition on event e."""
    return f"EXISTS (SELECT 1 FROM main.event e WHERE {response_terms(contact, scoring, parameters, stage)} AND {when})"


def response_terms(contact: str, scoring: Scoring, parameters: Parameters, stage: str | None = None) -> str:
    """Which events e are responses of the contact with this alias, perhaps only about assets for one stage."""
    terms = response_of(f"{contact}.id", scoring, parameters)
    if stage is not None:
        assets = ", ".join(parameters.bind(name) for name in scoring.assets_of.get(stage, ())) or "NULL"
        terms += f" AND e.asset IN ({assets})"
    return terms


def response_of(person: str, scoring: Scoring, parameters: Parameters) -> str:
    """Whether event e is a response of the contact with the id `person`."""
    kinds = ", ".join(parameters.bind(kind) for kind in scoring.kinds) or "NULL"
    return f"e.contact_id = {person} AND e.machine = 0 AND e.kind IN ({kinds})"


def responses_sql(asked: Responses, where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    """The number of responses."""
    if not where.events:
        return "0"
    terms = response_terms(where.contact, scoring, parameters, asked.stage)
    return f"(SELECT count(*) FROM main.event e WHERE {terms} AND {_time(where, asked.within, parameters)})"


def people_sql(asked: CompanyPeople, where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    """The number of people of the company who responded."""
    if not where.events:
        return "0"
    time, company = _time(where, asked.within, parameters), _company(where)
    known = f"SELECT 1 FROM temp.company o WHERE o.name = {company} AND {where.ceiling} = {NOW}"
    # The longer ago the last responses are, the more people made theirs then or later.
    counted = f"SELECT e.people FROM temp.company_response e WHERE e.name = {company} AND {time} ORDER BY e.at LIMIT 1"
    act = f"EXISTS (SELECT 1 FROM main.event e WHERE {response_of('p.contact_id', scoring, parameters)} AND {time})"
    alone = responded(where.contact, time, scoring, parameters)
    one_by_one = f"max({alone}, (SELECT count(*) FROM ({_people(company, where)}) p WHERE {act}))"
    return f"iif(EXISTS ({known}), coalesce(({counted}), 0), {one_by_one})"


def burst_sql(burst: Burst, where: AskedOf, scoring: Scoring, parameters: Parameters) -> str:
    """Whether a contact that was known before responded several times after a silence."""
    if not where.events:
        return "0"
    began = f"{where.ceiling} - {parameters.bind(burst.within)}"
    silent = f"{began} - {parameters.bind(burst.after)}"
    terms = response_terms(where.contact, scoring, parameters)
    lately = f"SELECT count(*) FROM main.event e WHERE {terms} AND e.at > {began} AND e.at <= {where.ceiling}"
    newer = ""
    if where.floor is not None:
        since = f"e.at > {where.floor} AND e.at <= {where.ceiling}"
        newer = f" AND {responded(where.contact, since, scoring, parameters)}"
    before = responded(where.contact, f"e.at > {silent} AND e.at <= {began}", scoring, parameters)
    known = responded(where.contact, f"e.at <= {silent}", scoring, parameters)
    touched = (
        f"EXISTS (SELECT 1 FROM main.touch x WHERE x.contact_id = {where.contact}.id AND x.reaches_contact = 1"
        f" AND x.{COUNTED_STATES} AND x.state = 'sent' AND x.at <= {silent})"
    )
    times = parameters.bind(burst.times)
    return f"(({lately}) >= {times} AND NOT {before} AND ({known} OR {touched}){newer})"


def _time(where: AskedOf, within: int | None, parameters: Parameters) -> str:
    terms = [f"e.at <= {where.ceiling}"]
    if within is not None:
        terms.append(f"e.at > {where.ceiling} - {parameters.bind(within)}")
    if where.floor is not None:
        terms.append(f"e.at > {where.floor}")
    return " AND ".join(terms)
