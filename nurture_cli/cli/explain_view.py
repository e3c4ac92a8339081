"""An explanation as it is printed: for people, and as one JSON document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from nurture_cli.cli import funnel_view, output
from nurture_cli.cli.inert import inert
from nurture_cli.cli.tables import Column, show
from nurture_cli.cli.times import iso, written

if TYPE_CHECKING:
    from nurture_cli.explain.explanation import Explanation
    from nurture_cli.explain.story import Past
    from nurture_cli.explain.verdicts import AssetVerdict
    from nurture_cli.explain.whereabouts import Whereabouts

_ASSETS = (
    Column("asset", "Asset"), Column("verdict", "Verdict"), Column("campaign", "Campaign", spare=True),
    Column("step", "Step", spare=True), Column("at", "When"), Column("why", "Why"),
)  # fmt: skip
_PAST = (Column("at", "When"), Column("kind", "What"), Column("place", "Where"), Column("text", "Story"))


class ExplainView:
    """An explanation, or the part of it that concerns one asset, one campaign, or both."""

    def __init__(self, told: Explanation, asset: str | None, campaign: str | None, *, facts_at: int) -> None:
        self._told = told
        self._facts_at = facts_at
        self._zone = told.zone
        self._whole = asset is None and campaign is None
        self.assets = [a for a in told.assets if asset in (None, a.asset) and campaign in (None, a.campaign)]
        if asset is not None and campaign is None:
            concerned = {verdict.campaign for verdict in self.assets}
        else:
            concerned = {place.campaign for place in told.places} if campaign is None else {campaign}
        self.places = [place for place in told.places if place.campaign in concerned]
        self.past = [past for past in told.past if not past.campaign or past.campaign in concerned]

    def record(self) -> dict[str, Any]:
        """Everything as one document."""
        told, zone = self._told, self._zone
        return {
            "email": told.email,
            "contact": told.contact_id,
            "stage": told.stage,
            "zone": zone,
            "at": iso(told.at, zone),
            "facts_at": iso(self._facts_at, zone),
            "barred": told.barred and {
                "reason": told.barred.hold, "why": told.barred.why, "at": iso(told.barred.at, zone),
                "frees": told.barred.frees,
            },
            "funnel": funnel_view.record(told.course, zone),
            "campaigns": [self._whereabouts(place) for place in self.places],
            "assets": [
                {
                    "asset": a.asset, "verdict": str(a.verdict), "why": a.why, "campaign": a.campaign or None,
                    "step": a.step or None, "at": iso(a.at, zone),
                }
                for a in self.assets
            ],
            "past": [
                {
                    "at": iso(p.at, zone), "kind": p.kind, "campaign": p.campaign or None, "step": p.step or None,
                    "text": p.text, "facts": dict(p.facts),
                }
                for p in self.past
            ],
        }  # fmt: skip

    def _whereabouts(self, place: Whereabouts) -> dict[str, Any]:
        zone = self._zone
        return {
            "campaign": place.campaign, "title": place.title, "state": place.state, "why": place.why,
            "frees": place.frees, "pass": place.pass_number, "entered_at": iso(place.entered_at, zone),
            "sequence": place.sequence, "step": place.step, "asset": place.asset,
            "reason": place.reason, "next_at": iso(place.next_at, zone),
            "questions": [
                {"name": q.name, "text": q.text, "answer": q.answer, "facts": dict(q.facts)}
                for q in place.questions
            ],
        }  # fmt: skip

    def for_people(self) -> None:
        """The contact, their way through the funnel, their place in each campaign, each asset, and their story."""
        told = self._told
        output.prose(f"{inert(told.email)}, stage {inert(told.stage)}, at {written(told.at, self._zone)}")
        if told.barred is not None:
            output.prose(inert(told.barred.sentence))
        if self._whole:
            funnel_view.for_people(told.course, self._zone)
        for place in self.places:
            output.data("")
            for line in self._paragraph(place):
                output.prose(line)
        if self.assets:
            output.data("\nAssets")
            show(_ASSETS, (self._verdict(verdict) for verdict in self.assets), head=None)
        if self.past:
            output.data("\nStory")
            show(_PAST, (self._event(past) for past in self.past), head=None)

    def _paragraph(self, place: Whereabouts) -> Iterator[str]:
        yield f"{place.campaign}: {inert(place.title)}"
        step = f" at {place.step}" if place.step else ""
        asset = f", asset {place.asset}" if place.asset else ""
        since = f" (pass {place.pass_number}, entered {written(place.entered_at, self._zone)})"
        yield f"  {place.state}{step}{asset}{since if place.pass_number else ''}: {inert(place.why)}"
        if place.next_at is not None:
            yield f"  next: {written(place.next_at, self._zone)}"
        moves = "moves on" if place.state.inside else "enters"
        yield f"  {moves}: {inert(place.frees)}"
        for question in place.questions:
            yield f"  {question.name}: {inert(question.text)} -> {'yes' if question.answer else 'no'}"
            if question.facts:
                yield f"    saw {_facts(question.facts)}"

    def _verdict(self, verdict: AssetVerdict) -> tuple[str, ...]:
        return (
            verdict.asset, verdict.verdict, verdict.campaign, verdict.step, written(verdict.at, self._zone),
            verdict.why,
        )  # fmt: skip

    def _event(self, past: Past) -> tuple[str, ...]:
        facts = f" [{_facts(past.facts)}]" if past.facts else ""
        return (
            written(past.at, self._zone),
            past.kind,
            f"{past.campaign}: {past.step}" if past.campaign else "",
            past.text + facts,
        )


def _facts(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{inert(name)} = {_value(value)}" for name, value in facts.items())


def _value(value: Any) -> str:
    return "missing" if value is None else inert(str(value))
