"""A plain interpreter of the funnel on top of that of journeys: stages, hand-off, answers of Sales, recycling, radar.

It looks at everybody in every run. Whom the radar may notice depends on about whom something changed, which only the
store knows; so it is given what was noticed and says whether that was right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from nurture_cli.calendars import add
from nurture_cli.campaign.funnel import Funnel, ScorePolicy, Signal, Stage, StageKind
from nurture_cli.campaign.graph import Graph
from nurture_cli.campaign.model import Asset, Campaign, Config, Handoff, OnReply
from nurture_cli.planner.compile import looks_at_company, uses_events
from nurture_cli.reasons import End
from nurture_cli.records import Contact
from tests.reference.conditions import Facts, Question, Recycled, Scores, company, counted, holds, responses
from tests.reference.journeys import Passage, Sent, Wish, World

OPEN = ("open", "accepted")


@dataclass
class HandedOver:
    """One time in the hands of Sales."""

    contact: int
    at: int
    stage: str
    state: str = "open"
    closed: int | None = None
    worth: bool = False  # whether it is known what the sale was worth


@dataclass
class Rest:
    """One time in which a contact was given back."""

    contact: int
    at: int
    policy: ScorePolicy
    until: int
    campaign: str
    closed: str | None = None


class Alert(NamedTuple):
    """A signal that the radar noticed; it tells of it unless everything was history."""

    contact: int
    signal: str
    history: bool
    at: int


@dataclass
class Happened:
    """What became of everybody in the funnel."""

    moves: list[tuple[int, str, str, int]] = field(default_factory=list)
    handoffs: list[HandedOver] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)


class FunnelWorld(World):
    """Everything there is, with a funnel."""

    def __init__(
        self, config: Config, campaigns: dict[str, Campaign], assets: dict[str, Asset], began: int = 0
    ) -> None:
        super().__init__(config, campaigns, assets)
        self.began = began
        self.funnel: Funnel = config.funnel
        self.happened = Happened()
        self.now = 0
        self.fit: dict[int, int] = {}
        self.people: tuple[Contact, ...] = ()  # as they were before the run

    def decide(self, at: int, noticed: list[Alert]) -> tuple[list[Sent], dict[str, int]]:
        """One run, in which the radar noticed these signals."""
        self.look_around(at)
        for one in noticed:
            self.happened.alerts.append(one)
            signal = next(known for known in self.funnel.radar if known.name == one.signal)
            if signal.stage is not None:
                self._forward_to(one.contact, signal.stage)
        self._judge()
        self._close_sold()
        self._hand_over_arrived()
        rested = list(self._bring_back())
        for name in self.campaigns:
            self._enter(name, at)
        for rest in rested:
            self._enter_track(rest)
        return self._deliver(list(self._move_all(at)), at)

    def look_around(self, at: int) -> None:
        """Note the instant, and what is known before anything is decided."""
        self.now, self.people = at, tuple(self.contacts.values())
        self.fit = {
            one.id: sum(rule.points for rule in self.funnel.fit if holds(rule.condition.body, Facts(one), Question(at)))
            for one in self.people
        }

    def _facts(self, contact: int) -> Facts:
        recycled = tuple(Recycled(rest.contact, rest.at, rest.policy) for rest in self.happened.rests)
        scores = Scores(self.funnel.interest, self.funnel.grades, {}, self.fit)
        return replace(super()._facts(contact), everybody=self.people, recycled=recycled, scores=scores)

    # --- radar and stages ---------------------------------------------------------------------------------------

    def notices(self, signal: Signal, cid: int) -> Iterator[Alert]:
        """The signal, if it holds of a contact and was not told lately; history is of use only where it moves them."""
        history = uses_events(signal.condition.body) and not self._is_news(signal, cid)
        lately = [
            one
            for one in self.happened.alerts
            if (one.contact, one.signal) == (cid, signal.name) and one.at > self.now - signal.quiet
        ]
        if (
            not (history and signal.stage is None)
            and all(one.history and not history for one in lately)
            and self._holds(signal.condition, cid, Question(self.now))
        ):
            yield Alert(cid, signal.name, history, self.now)

    def _is_news(self, signal: Signal, cid: int) -> bool:
        """Whether something happened since the contact became known, give or take a day."""
        facts = self._facts(cid)
        known = max(self.began, self.contacts[cid].created_at - 86400)
        if any(
            known <= event.at <= self.now for event in facts.events if event.contact_id == cid and not event.machine
        ):
            return True
        return looks_at_company(signal.condition.body) and any(
            known <= response.at
            for person in company(facts)
            for response in responses(person.id, facts, Question(self.now))
        )

    def ready(self, cid: int) -> bool:
        """Whether a contact may be handed over."""
        facts = self._facts(cid)
        resets = [rest.at for rest in self.happened.rests if rest.contact == cid and rest.policy is ScorePolicy.RESET]
        left = [one for one in counted(cid, facts, self.now) if all(at < one.at for at in resets)]
        return bool(left) and (not self.funnel.fit or self.fit[cid] > 0)

    def with_sales(self, cid: int) -> bool:
        return any(one.contact == cid and one.state in OPEN for one in self.happened.handoffs)

    def at_rest(self, cid: int) -> bool:
        return any(rest.contact == cid and rest.closed is None for rest in self.happened.rests)

    def _forward_to(self, cid: int, name: str) -> bool:
        contact = self.contacts[cid]
        if self._rank(contact.stage) >= self._rank(name):
            return False
        if self.funnel.by_name[name].handoff and not self.ready(cid):
            return False
        self.put(cid, name)
        return True

    def put(self, cid: int, name: str) -> None:
        """Put a contact into a stage, forward or back."""
        contact = self.contacts[cid]
        self.happened.moves.append((cid, contact.stage, name, self.now))
        before = contact.furthest_stage or contact.stage
        furthest = "" if self._rank(name) >= self._rank(before) else before
        self.contacts[cid] = replace(contact, stage=name, stage_at=self.now, furthest_stage=furthest)

    def _advance_stage(self, contact: int, stage: str) -> None:
        if self._forward_to(contact, stage) and self.funnel.by_name[stage].handoff:
            self._hand_over(contact)

    def _judge(self) -> None:
        wanted = {cid: self._target(cid) for cid in sorted(self.contacts)}
        for cid, number in wanted.items():
            if number is not None:
                self._forward_to(cid, self.funnel.stages[number].name)
                while self.funnel.stages[number].kind is StageKind.GATE:
                    number += 1
                    self._forward_to(cid, self.funnel.stages[number].name)

    def _target(self, cid: int) -> int | None:
        """The furthest stage that a contact may go to by criteria."""
        for rest in self.happened.rests:
            newer = responses(cid, self._facts(cid), Question(self.now, floor=rest.at))
            if rest.contact == cid and not newer:
                return None
        rank, stages = self._rank(self.contacts[cid].stage), self.funnel.stages
        for number in range(len(stages) - 1, rank - 1, -1):
            gate = stages[number].kind is StageKind.GATE
            if (number > rank or gate) and self._meets(cid, stages[number]):
                following = stages[number + 1] if gate else stages[number]
                if following.kind is StageKind.GATE:
                    continue
                if following.handoff and not self.ready(cid):
                    continue
                if self._gates_open(cid, rank, number):
                    return number
        return None

    def _meets(self, cid: int, stage: Stage) -> bool:
        return stage.criteria is not None and self._holds(stage.criteria, cid, Question(self.now))

    def _gates_open(self, cid: int, rank: int, number: int) -> bool:
        sales = self.funnel.sales
        if sales is not None and sales.won is not None and number >= self._rank(sales.won):
            return True
        between = self.funnel.stages[rank:number] if rank >= 0 else self.funnel.stages[:number]
        return all(stage.kind is not StageKind.GATE or self._meets(cid, stage) for stage in between)

    # --- Sales --------------------------------------------------------------------------------------------------

    def _hand_over(self, cid: int) -> None:
        if self.ready(cid) and not self.with_sales(cid):
            self.happened.handoffs.append(HandedOver(cid, self.now, self.contacts[cid].stage))
            self.contacts[cid] = replace(self.contacts[cid])  # something about it changed

    def _close_sold(self) -> None:
        """Who has bought is no lead any more, however that became known."""
        sales = self.funnel.sales
        if sales is None or sales.won is None:
            return
        for one in self.happened.handoffs:
            if one.state in OPEN and self._rank(self.contacts[one.contact].stage) >= self._rank(sales.won):
                one.state, one.closed = "won", self.now

    def _hand_over_arrived(self) -> None:
        for cid, contact in sorted(self.contacts.items()):
            before = [one for one in self.happened.handoffs if one.contact == cid]
            if self.funnel.by_name[contact.stage].handoff and not any(one.at >= contact.stage_at for one in before):
                self._hand_over(cid)

    def answer(self, cid: int, verb: str, reason: str, at: int) -> bool:
        """What Sales says of a contact; False when it does not fit."""
        self.now = at
        mine = [one for one in self.happened.handoffs if one.contact == cid]
        stage, sales = self.contacts[cid].stage, self.funnel.sales
        assert sales is not None
        assert sales.accepted is not None
        assert sales.won is not None
        if not mine:
            return False
        last = mine[-1]
        match verb:
            case "accept" if last.state == "open":
                last.state = "accepted"
                self._only_forward(cid, sales.accepted)
            case "won" if last.state in OPEN:
                last.state, last.closed, last.worth = "won", at, True
                self._only_forward(cid, sales.won)
            case "won" if last.state == "won" and not last.worth:  # bought before anybody said what for
                last.worth = True
            case "reject" | "lost":
                to = self.funnel.way_back(stage, reason)
                if to is None or last.state not in (("accepted",) if verb == "lost" else OPEN):
                    return False
                last.state, last.closed = {"reject": "rejected", "lost": "lost"}[verb], at
                self._give_back(cid, to, reason)
            case _:
                return False
        return True

    def _only_forward(self, cid: int, stage: str) -> None:
        if self._rank(self.contacts[cid].stage) < self._rank(stage):
            self.put(cid, stage)

    def _give_back(self, cid: int, to: str, reason: str) -> None:
        track = self.funnel.track(reason)
        assert track is not None
        zone = self.contacts[cid].zone or self.config.zone
        until = add(self.now, track.rest, zone, self.config.closed) if track.rest else self.now
        self.put(cid, to)
        for rest in self.happened.rests:
            if rest.contact == cid and rest.closed is None:
                rest.closed = "given back again"
        self.happened.rests.append(Rest(cid, self.now, track.interest, until, track.then or ""))

    def _bring_back(self) -> Iterator[Rest]:
        for rest in self.happened.rests:
            if rest.closed is None:
                if self.contacts[rest.contact].stage_at > rest.at:
                    rest.closed = "moved on"
                elif rest.until <= self.now:
                    rest.closed = "rested"
                    if rest.campaign:
                        yield rest

    def _enter_track(self, rest: Rest) -> None:
        passages = self.passages.setdefault((rest.contact, rest.campaign), [])
        if not self.campaigns[rest.campaign].paused and (not passages or passages[-1].ended is not None):
            passages.append(Passage(rest.contact, rest.campaign, len(passages) + 1, self.now))

    # --- campaigns ----------------------------------------------------------------------------------------------

    def _barred(self, campaign: Campaign, cid: int, entered: int) -> str | None:
        sales = self.funnel.sales
        if self.at_rest(cid):
            return End.RECYCLED
        if not campaign.with_sales and self.with_sales(cid):
            return End.HANDOFF
        won = len(self.funnel.stages) if sales is None or sales.won is None else self._rank(sales.won)
        if campaign.objective == "new" and self._rank(self.contacts[cid].stage) >= won:
            return End.WON
        if campaign.on_reply is OnReply.STOP:
            for event in self.events:
                if (event.contact_id, event.kind) == (cid, "replied") and entered < event.at <= self.now:
                    return End.REPLIED
        return None

    def _may_enter(self, campaign: Campaign, cid: int, at: int) -> bool:
        return self._barred(campaign, cid, at) is None and super()._may_enter(campaign, cid, at)

    def _move_all(self, at: int) -> Iterator[Wish]:
        for passage in self._open():  # who leaves, leaves before anybody moves
            self._leaves(passage, at)
        yield from super()._move_all(at)

    def _leaves(self, passage: Passage, at: int) -> bool:
        campaign, cid = self.campaigns[passage.campaign], passage.contact
        passage.ended = self._barred(campaign, cid, passage.entered)
        if passage.ended is None and campaign.goal and self._holds(campaign.goal.condition, cid, Question(at)):
            passage.ended = "goal"
        if passage.ended is None and campaign.exit and self._holds(campaign.exit, cid, Question(at)):
            passage.ended = "exit"
        return passage.ended is not None

    def _look(self, passage: Passage, campaign: Campaign, at: int) -> bool:
        passage.ended = self._barred(campaign, passage.contact, passage.entered)
        return passage.ended is not None or super()._look(passage, campaign, at)

    def _step(self, passage: Passage, campaign: Campaign, graph: Graph, at: int) -> Wish | str:
        place = passage.place
        assert place.node is not None
        node = graph.nodes[place.node]
        if not isinstance(node.step, Handoff):
            return super()._step(passage, campaign, graph, at)
        assert node.next is not None
        self._arrive(passage, node.next, place.anchor)
        self._hand_over(passage.contact)
        return "moved"
