"""Conditions compiled to SQL with bound parameters: a WHERE for a million contacts, a column for `explain` of one.

Every compiled condition is 0 or 1, never NULL. No text from a file becomes SQL: names come from closed lists, values
are bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from nurture_cli.language.expression import (
    All,
    Among,
    Any,
    Burst,
    CompanyPeople,
    Compare,
    Condition,
    Constant,
    Contains,
    DaysSince,
    DaysUntil,
    Did,
    Expression,
    Fact,
    Field,
    HasTag,
    InSegment,
    Literal,
    Measure,
    Missing,
    Not,
    Operand,
    Received,
    Responses,
    Sign,
    Told,
    Touches,
    Truth,
)
from nurture_cli.planner.bound import COUNTED_STATES, Parameters
from nurture_cli.planner.scores import (
    STORED,
    WORKED_OUT,
    AskedOf,
    Scoring,
    burst_sql,
    measure_sql,
    people_sql,
    responses_sql,
)
from nurture_cli.timing import format_instant

OPERATORS: Mapping[Sign, str] = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}

PAIRS = 50  # of one json_object: SQLite takes 127 arguments


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a condition is asked, as SQL expressions.

    `contact` is the alias of a row with the columns of table contact. Events and receipts count when
    `floor < at <= ceiling`; `ceiling` is the instant of the question. With `events=False` nothing ever happened.
    `overlay`: tags set in the course of the present plan (temp.tag_delta) go before the stored ones.
    `families`: asset name -> all names that count as it.
    """

    ceiling: str = ":now"
    floor: str | None = None
    contact: str = "c"
    events: bool = True
    overlay: bool = False
    families: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    family_of: Mapping[str, str] = field(default_factory=dict)
    scoring: Scoring | None = None
    joined: bool = False  # see scores.JOINS

    @property
    def where(self) -> AskedOf:
        """The contact that scores are asked of, and the instant."""
        standing = WORKED_OUT if self.overlay else STORED
        return AskedOf(self.contact, self.ceiling, self.floor, self.events, standing, self.joined)

    @property
    def scores(self) -> Scoring:
        """The rules that scores are made with; only a scope of conditions without scores lacks them."""
        if self.scoring is None:
            raise AssertionError("this scope knows no scores")
        return self.scoring

    def since(self, floor: str) -> Scope:
        """The same question about what happened after `floor`."""
        return replace(self, floor=floor)

    def without_events(self) -> Scope:
        """The same question if nothing had ever happened."""
        return replace(self, events=False)


def compile_condition(expression: Expression, scope: Scope, parameters: Parameters) -> str:
    """The SQL of a condition, in brackets, with its values added to `parameters`."""
    match expression:
        case Constant(value=value):
            return "1" if value else "0"
        case All(parts=parts):
            return _balanced("AND", [compile_condition(part, scope, parameters) for part in parts])
        case Any(parts=parts):
            return _balanced("OR", [compile_condition(part, scope, parameters) for part in parts])
        case Not(body=body):
            return f"(NOT {compile_condition(body, scope, parameters)})"
        case InSegment(body=body):
            return compile_condition(body, scope, parameters)
        case Compare(op=op, left=left, right=right):
            missing = 1 if op == "!=" else 0
            left_sql, right_sql = operand_sql(left, scope, parameters), operand_sql(right, scope, parameters)
            return f"coalesce({left_sql} {OPERATORS[op]} {right_sql}, {missing})"
        case Among(left=left, choices=choices):
            listed = ", ".join(operand_sql(choice, scope, parameters) for choice in choices)
            return f"coalesce({operand_sql(left, scope, parameters)} IN ({listed}), 0)"
        case Contains(needle=needle, field=inside):
            return f"coalesce(instr({operand_sql(inside, scope, parameters)}, {parameters.bind(needle)}) > 0, 0)"
        case Missing(operand=operand):
            return f"({operand_sql(operand, scope, parameters)} IS NULL)"
        case Truth(field=boolean):
            return f"coalesce({operand_sql(boolean, scope, parameters)} <> 0, 0)"
        case HasTag(tag=tag):
            return _tag(tag, scope, parameters)
        case Did():
            return _did(expression, scope, parameters)
        case Received(asset=asset):
            return _received(asset, scope, parameters)
        case Burst():
            return burst_sql(expression, scope.where, scope.scores, parameters)


def _balanced(operator: str, parts: list[str]) -> str:
    """`a AND b AND …` as a balanced tree: SQLite limits the depth of expressions, and a chain is as deep as long."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"({_balanced(operator, parts[:half])} {operator} {_balanced(operator, parts[half:])})"


def operand_sql(operand: Operand, scope: Scope, parameters: Parameters) -> str:
    """The SQL of a value; NULL where it is missing."""
    match operand:
        case Literal(value=value):
            return parameters.bind(int(value) if isinstance(value, bool) else value)
        case Field(name=name, core=True):
            return f"{scope.contact}.{name}"  # from the closed list of core fields
        case Field(name=name):
            path = '$."' + name + '"'  # the schema allows only [a-z0-9_] in names
            return f"json_extract({scope.contact}.fields, {parameters.bind(path)})"
        case DaysSince(kind=kind, asset=asset):
            if not scope.events:
                return "NULL"
            where = event_terms(kind, asset, scope, parameters)
            return f"(({scope.ceiling} - (SELECT max(e.at) FROM main.event e WHERE {where})) / 86400)"
        case DaysUntil(field=date):
            value = operand_sql(date, scope, parameters)
            return f"CAST(julianday({value}) - julianday(date({scope.ceiling}, 'unixepoch')) AS INTEGER)"
        case Touches(within=within):
            recent = "" if within is None else f" AND x.at > {scope.ceiling} - {parameters.bind(within)}"
            return (
                f"(SELECT count(*) FROM main.touch x WHERE x.contact_id = {scope.contact}.id"
                f" AND x.reaches_contact = 1 AND x.{COUNTED_STATES} AND x.state = 'sent'"
                f" AND x.at <= {scope.ceiling}{recent})"
            )
        case Measure():
            return measure_sql(operand, scope.where, scope.scores, parameters)
        case Responses():
            return responses_sql(operand, scope.where, scope.scores, parameters)
        case CompanyPeople():
            return people_sql(operand, scope.where, scope.scores, parameters)


def event_terms(kind: str, asset: str | None, scope: Scope, parameters: Parameters) -> str:
    """Which events e of the contact count, of a kind and perhaps about an asset."""
    terms = [f"e.contact_id = {scope.contact}.id", "e.machine = 0", f"e.kind = {parameters.bind(kind)}"]
    if asset is not None:
        names = scope.families.get(asset, (asset,))
        terms.append(f"e.asset IN ({', '.join(parameters.bind(name) for name in names)})")
    if scope.floor is not None:
        terms.append(f"e.at > {scope.floor}")
    terms.append(f"e.at <= {scope.ceiling}")
    return " AND ".join(terms)


def _did(did: Did, scope: Scope, parameters: Parameters) -> str:
    if not scope.events:
        return "0"
    where = event_terms(did.kind, did.asset, scope, parameters)
    if did.within is not None:
        where += f" AND e.at > {scope.ceiling} - {parameters.bind(did.within)}"
    if did.since is not None:
        where += f" AND e.at >= {parameters.bind(did.since)}"
    if did.times == 1:
        return f"EXISTS (SELECT 1 FROM main.event e WHERE {where})"
    return f"((SELECT count(*) FROM main.event e WHERE {where}) >= {parameters.bind(did.times)})"


def _received(asset: str, scope: Scope, parameters: Parameters) -> str:
    if not scope.events:
        return "0"
    family = parameters.bind(scope.family_of.get(asset, asset))
    floor = "" if scope.floor is None else f" AND x.at > {scope.floor}"
    return (
        f"EXISTS (SELECT 1 FROM main.touch x WHERE x.contact_id = {scope.contact}.id AND x.family = {family}"
        f" AND x.{COUNTED_STATES} AND x.state = 'sent' AND x.at <= {scope.ceiling}{floor})"
    )


def _tag(tag: str, scope: Scope, parameters: Parameters) -> str:
    name = parameters.bind(tag)
    stored = f"EXISTS (SELECT 1 FROM main.contact_tag g WHERE g.contact_id = {scope.contact}.id AND g.tag = {name})"
    if not scope.overlay:
        return stored
    changed = f"SELECT d.present FROM temp.tag_delta d WHERE d.cid = {scope.contact}.id AND d.tag = {name}"
    return f"coalesce(({changed}), {stored})"


def atoms(expression: Expression) -> Iterator[Fact]:
    """The facts a condition rests on, in reading order: what `explain` shows and decisions store."""
    match expression:
        case All(parts=parts) | Any(parts=parts):
            for part in parts:
                yield from atoms(part)
        case Not(body=body) | InSegment(body=body):
            yield from atoms(body)
        case Compare(left=left, right=right):
            yield from (side for side in (left, right) if not isinstance(side, Literal))
        case Among(left=left):
            yield left
        case Contains(field=inside) | Truth(field=inside):
            yield inside
        case Missing(operand=operand):
            yield operand
        case Did() | Received() | HasTag() | Burst():
            yield expression
        case Constant():
            return


def label(atom: Fact) -> str:
    """An atom as a marketer would write it."""
    match atom:
        case Field(name=name):
            return name
        case Did(kind=kind, asset=asset, within=within, times=times, since=since):
            words = [f'"{kind}"']
            words += [f'"{asset}"'] if asset is not None else []
            words += [f'within="{_length(within)}"'] if within is not None else []
            words += [f"times={times}"] if times != 1 else []
            words += [f'since="{format_instant(since, "UTC")}"'] if since is not None else []
            return f"did({', '.join(words)})"
        case Received(asset=asset):
            return f'received("{asset}")'
        case HasTag(tag=tag):
            return f'tag("{tag}")'
        case DaysSince(kind=kind, asset=asset):
            return f'days_since("{kind}")' if asset is None else f'days_since("{kind}", "{asset}")'
        case DaysUntil(field=date):
            return f"days_until({date.name})"
        case Touches(within=within):
            return "touches()" if within is None else f'touches(within="{_length(within)}")'
        case Measure(name=name):
            return name
        case Responses(within=within, stage=stage):
            parts = [] if within is None else [f'within="{_length(within)}"']
            parts += [] if stage is None else [f'stage="{stage}"']
            return f"responses({', '.join(parts)})"
        case CompanyPeople(within=within):
            return "company_people()" if within is None else f'company_people(within="{_length(within)}")'
        case Burst(times=times, within=within, after=after):
            return f'burst(times={times}, within="{_length(within)}", after="{_length(after)}")'


def _length(seconds: int) -> str:
    return f"{seconds // 86400}d" if seconds % 86400 == 0 else f"{seconds // 3600}h"


def facts_sql(conditions: tuple[Condition, ...], scope: Scope, parameters: Parameters) -> str:
    """A JSON object of every fact that the conditions rest on, as seen in `scope`."""
    pairs: dict[str, str] = {}
    for condition in conditions:
        for atom in atoms(condition.body):
            name = label(atom)
            if name not in pairs:
                pairs[name] = _atom_value(atom, scope, parameters)
    members = [f"{parameters.bind(name)}, {sql}" for name, sql in pairs.items()]
    chunks = [f"json_object({', '.join(members[n : n + PAIRS])})" for n in range(0, len(members), PAIRS)]
    if len(chunks) < 2:
        return chunks[0] if chunks else "'{}'"
    first, *middle, last = chunks
    opened = [f"rtrim({first}, '}}')", *(f"rtrim(ltrim({chunk}, '{{'), '}}')" for chunk in middle)]
    return "(" + " || ',' || ".join([*opened, f"ltrim({last}, '{{')"]) + ")"


def _atom_value(atom: Fact, scope: Scope, parameters: Parameters) -> str:
    if isinstance(atom, Told):
        return compile_condition(atom, scope, parameters)
    return operand_sql(atom, scope, parameters)


def grows(expression: Expression) -> bool:
    """Whether it can only become true, never false, by more having happened."""
    match expression:
        case All(parts=parts) | Any(parts=parts):
            return all(grows(part) for part in parts)
        case InSegment(body=body):
            return grows(body)
        case Did() | Received():
            return True
        case Not() | Compare() | Among() | Contains() | Missing() | Truth() | Constant() | HasTag() | Burst():
            return not uses_events(expression)


def uses_events(expression: Expression) -> bool:
    """Whether something that happened can make the condition true."""
    return any(atom.moved_by_events or isinstance(atom, Received) for atom in atoms(expression))


def looks_at_company(expression: Expression) -> bool:
    """Whether what somebody else of the same company does can change the answer."""
    return any(atom.of_company for atom in atoms(expression))
