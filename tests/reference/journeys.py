"""A plain interpreter of whole journeys: every contact, every campaign, one step after the other, in dictionaries.

It looks at everybody in every run and remembers in Python objects what the store remembers in rows. `World.run`
decides and delivers at one instant and returns what went out and what was held. Where it and the planner differ, one
of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from nurture_cli.calendars import add, next_allowed
from nurture_cli.campaign.graph import Graph, build_graph
from nurture_cli.campaign.model import (
    ANY_STAGE,
    Again,
    Asset,
    Branch,
    Campaign,
    Config,
    Exit,
    Goto,
    IfLate,
    MoveStage,
    Once,
    Send,
    SetFacts,
    Since,
    Split,
    Stream,
    Wait,
    WaitFor,
)
from nurture_cli.language.expression import Condition
from nurture_cli.planner.chance import arm_of
from nurture_cli.records import Contact, Event
from tests.reference.conditions import Facts, Question, Touched, holds

DAY = 86400


@dataclass(frozen=True)
class Sent:
    """One touch that went out."""

    contact: int
    campaign: str
    step: str
    asset: str
    at: int


@dataclass
class Place:
    """Where a contact stands in one sequence."""

    node: int | None
    last: int | None = None
    items_sent: int = 0
    anchor: int = 0


@dataclass
class Passage:
    """One contact's passage through one campaign."""

    contact: int
    campaign: str
    number: int
    entered: int
    sequence: str | None = None
    place: Place = field(default_factory=lambda: Place(None))
    shelf: dict[str, Place] = field(default_factory=dict)
    fired: dict[str, int] = field(default_factory=dict)
    ended: str | None = None
    held: str | None = None
    held_until: int | None = None
    moved: bool = True  # since the hold was noted


@dataclass
class Wish:
    """A touch whose time has come."""

    passage: Passage
    asset: Asset
    due: int


class World:
    """Everything there is, and what happened so far."""

    def __init__(self, config: Config, campaigns: dict[str, Campaign], assets: dict[str, Asset]) -> None:
        self.config = config
        self.campaigns = dict(sorted(campaigns.items()))
        self.graphs: dict[str, Graph] = {name: build_graph(campaign) for name, campaign in self.campaigns.items()}
        self.assets = assets
        self.contacts: dict[int, Contact] = {}
        self.events: list[Event] = []
        self.touches: list[tuple[Sent, str]] = []  # with the scope `campaign/pass`
        self.passages: dict[tuple[int, str], list[Passage]] = {}
        self.passed_over: dict[tuple[int, str], int] = {}
        self.started: set[str] = set()
        self.arms: dict[tuple[int, str], str] = {}

    # --- one run ------------------------------------------------------------------------------------------------

    def run(self, at: int) -> tuple[list[Sent], dict[str, int]]:
        """Everything that is decided and delivered at an instant."""
        for name in self.campaigns:
            self._enter(name, at)
        wishes = list(self._move_all(at))
        return self._deliver(wishes, at)

    def _facts(self, contact: int) -> Facts:
        touched = tuple(
            Touched(sent.contact, sent.asset, self.assets[sent.asset].family, sent.at) for sent, _ in self.touches
        )
        families = {asset.name: asset.family for asset in self.assets.values()}
        return Facts(self.contacts[contact], tuple(self.events), touched, families)

    def _holds(self, condition: Condition, contact: int, question: Question) -> bool:
        return holds(condition.body, self._facts(contact), question)

    # --- who comes in -------------------------------------------------------------------------------------------

    def _enter(self, name: str, at: int) -> None:
        campaign = self.campaigns[name]
        first_run = name not in self.started
        self.started.add(name)
        for cid in sorted(self.contacts):
            if first_run and not campaign.enter.backfill:
                if self._holds(campaign.enter.condition, cid, Question(at)):
                    self.passed_over[cid, name] = at
            elif self._may_enter(campaign, cid, at) and not self._wants_out(campaign, cid, at):
                passages = self.passages.setdefault((cid, name), [])
                passages.append(Passage(cid, name, len(passages) + 1, at))
                self.passed_over.pop((cid, name), None)
            if (cid, name) in self.passed_over and not self._holds(campaign.enter.condition, cid, Question(at)):
                del self.passed_over[cid, name]

    def _may_enter(self, campaign: Campaign, cid: int, at: int) -> bool:
        enter = campaign.enter
        before = self.passages.get((cid, campaign.name), [])
        static = self._holds(enter.condition, cid, Question(at, events=False))
        if before:
            last = before[-1]
            newly = self._holds(enter.condition, cid, Question(at, floor=last.entered))
            if last.ended is None or enter.again is Again.NEVER:
                return False
            if enter.again is Again.EVERY:
                assert enter.every is not None
                return newly and at >= last.entered + enter.every.seconds
            return newly and not static
        if (cid, campaign.name) in self.passed_over:
            floor = self.passed_over[cid, campaign.name]
            return self._holds(enter.condition, cid, Question(at, floor=floor)) and not static
        return self._holds(enter.condition, cid, Question(at))

    def _wants_out(self, campaign: Campaign, cid: int, at: int) -> bool:
        ways = [campaign.exit, campaign.goal.condition if campaign.goal else None]
        return any(way is not None and self._holds(way, cid, Question(at)) for way in ways)

    # --- how they move ------------------------------------------------------------------------------------------

    def _move_all(self, at: int) -> Iterator[Wish]:
        """Move every passage until nothing moves; a changed contact has all its passages looked at again."""
        wishes: dict[int, Wish | None] = {}
        for passage in sorted(self._open(), key=lambda one: (-self.campaigns[one.campaign].priority, one.campaign)):
            self._look(passage, self.campaigns[passage.campaign], at)  # rules come before anybody takes a step
        restless = True
        while restless:
            restless = False
            for passage in self._open():
                before = self.contacts[passage.contact]
                wishes[id(passage)] = self._move(passage, at)
                restless = restless or self.contacts[passage.contact] is not before
        yield from (wish for passage in self._open() if (wish := wishes.get(id(passage))) is not None)

    def _open(self) -> list[Passage]:
        return [passages[-1] for passages in self.passages.values() if passages[-1].ended is None]

    def _move(self, passage: Passage, at: int) -> Wish | None:
        """Take steps until the passage waits, wishes to send, rests or ends."""
        campaign = self.campaigns[passage.campaign]
        graph = self.graphs[passage.campaign]
        for _ in range(1000):
            if self._look(passage, campaign, at):
                return None
            if passage.sequence is None:
                return None
            changed = self.contacts[passage.contact]
            outcome = self._step(passage, campaign, graph, at)
            if isinstance(outcome, Wish):
                return outcome
            if outcome == "stays" and changed is self.contacts[passage.contact]:
                return None
        raise AssertionError("went round for ever")

    def _look(self, passage: Passage, campaign: Campaign, at: int) -> bool:
        """Goal, exit, stage and rules; true when the passage has ended."""
        cid = passage.contact
        if campaign.goal and self._holds(campaign.goal.condition, cid, Question(at)):
            passage.ended = "goal"
        elif campaign.exit and self._holds(campaign.exit, cid, Question(at)):
            passage.ended = "exit"
        if passage.ended:
            return True
        self._route(passage, campaign, at)
        for rule in campaign.rules:
            if not self._fires(passage, campaign, rule.id, at):
                continue
            passage.fired[rule.id] = at
            if rule.exit is not None:
                passage.ended = f"step: {rule.exit}"
                return True
            if rule.stage is not None:
                self._advance_stage(cid, rule.stage)
                return self._look(passage, campaign, at)
            if rule.goto is not None:
                self._arrive(passage, self.graphs[passage.campaign].by_id[rule.goto], at)
            break
        return False

    def _fires(self, passage: Passage, campaign: Campaign, rule_id: str, at: int) -> bool:
        rule = next(rule for rule in campaign.rules if rule.id == rule_id)
        cid = passage.contact
        if rule.stage is not None and self._rank(self.contacts[cid].stage) >= self._rank(rule.stage):
            return False
        if rule.goto is not None:
            graph = self.graphs[passage.campaign]
            if graph.nodes[graph.by_id[rule.goto]].sequence != passage.sequence:
                return False
        last = passage.fired.get(rule.id)
        if last is None:
            return self._holds(rule.condition, cid, Question(at))
        return (
            last != at
            and self._holds(rule.condition, cid, Question(at, floor=last))
            and not self._holds(rule.condition, cid, Question(at, events=False))
        )

    def _route(self, passage: Passage, campaign: Campaign, at: int) -> None:
        graph = self.graphs[passage.campaign]
        stage = self.contacts[passage.contact].stage
        wanted = stage if stage in graph.first else ANY_STAGE
        if wanted not in graph.first or graph.first[wanted] == graph.end[wanted]:
            wanted = ""
        if (wanted or None) == passage.sequence:
            return
        if passage.sequence is not None:
            passage.shelf[passage.sequence] = passage.place
        passage.sequence, passage.moved = wanted or None, True
        if wanted:
            shelved = passage.shelf.pop(wanted, None)
            if shelved is None:
                passage.place = Place(graph.first[wanted], anchor=at)
            else:
                passage.place = replace(shelved, anchor=at)

    def _arrive(self, passage: Passage, node: int, anchor: int) -> None:
        passage.place = Place(node, passage.place.node, 0, anchor)
        passage.moved = True

    def _step(self, passage: Passage, campaign: Campaign, graph: Graph, at: int) -> Wish | str:
        place, cid = passage.place, passage.contact
        assert place.node is not None
        node = graph.nodes[place.node]
        zone = self.contacts[cid].zone or self.config.zone
        step = node.step
        match step:
            case None:
                return "stays"
            case Send(asset=name):
                asset = self.assets[name]
                if not (
                    self._received(passage, asset, stream=False)
                    or (asset.expires is not None and asset.expires <= at)
                    or self._late(passage, campaign, place.anchor, at, IfLate.SKIP)
                ):
                    return Wish(passage, asset, place.anchor)
            case Wait(duration=duration):
                end = add(place.anchor, duration, zone, self.config.closed)
                if end > at:
                    return "stays"
                place = replace(place, anchor=end)
            case WaitFor():
                return self._wait_for(passage, step, graph, at)
            case Stream():
                return self._cast(passage, step, graph, at)
            case Branch(arms=arms):
                taken = next(
                    (str(n) for n, arm in enumerate(arms, 1) if self._holds(arm.condition, cid, Question(at))), "else"
                )
                self._arrive(passage, node.way(taken), place.anchor)
                return "moved"
            case Split(name=name, arms=arms):
                known = [arm.name for arm in arms]
                arm = self.arms.get((cid, name))
                if arm not in known:
                    arm = known[arm_of(name, tuple(arm.weight for arm in arms), self.contacts[cid].email)]
                    self.arms[cid, name] = arm
                self._arrive(passage, node.way(arm), place.anchor)
                return "moved"
            case SetFacts():
                self._set(cid, step)
            case MoveStage(stage=stage):
                assert node.next is not None
                self._arrive(passage, node.next, place.anchor)
                self._advance_stage(cid, stage)
                return "moved"
            case Goto():
                self._arrive(passage, node.way("goto"), place.anchor)
                return "moved"
            case Exit(reason=reason):
                passage.ended = f"step: {reason}"
                return "stays"
        assert node.next is not None
        self._arrive(passage, node.next, place.anchor)
        return "moved"

    def _wait_for(self, passage: Passage, step: WaitFor, graph: Graph, at: int) -> str:
        place, cid = passage.place, passage.contact
        assert place.node is not None
        zone = self.contacts[cid].zone or self.config.zone
        end = None if step.within is None else add(place.anchor, step.within, zone, self.config.closed)
        asked_at = at if end is None else min(at, end)
        floor = {Since.EVER: None, Since.ENTRY: passage.entered, Since.ARRIVAL: place.anchor}[step.since]
        if self._holds(step.condition, cid, Question(asked_at, floor=floor)):
            self._arrive(passage, graph.nodes[place.node].way("then"), asked_at)
        elif end is not None and end <= at:
            self._arrive(passage, graph.nodes[place.node].way("else"), end)
        else:
            return "stays"
        return "moved"

    def _cast(self, passage: Passage, step: Stream, graph: Graph, at: int) -> Wish | str:
        place, cid = passage.place, passage.contact
        assert place.node is not None
        node = graph.nodes[place.node]
        contact = self.contacts[cid]
        zone = contact.zone or self.config.zone
        due = place.anchor if place.items_sent == 0 else add(place.anchor, step.every, zone, self.config.closed)
        if step.until is not None and self._holds(step.until, cid, Question(at)):
            assert node.next is not None
            self._arrive(passage, node.next, at)
            return "moved"
        if due > at:
            return "stays"
        for item in step.offers:
            asset = self.assets[item.asset]
            wanted = item.condition is None or self._holds(item.condition, cid, Question(at))
            suits = not asset.roles or contact.role is None or contact.role in asset.roles
            fresh = asset.expires is None or asset.expires > at
            if wanted and suits and fresh and not self._received(passage, asset, stream=True):
                return Wish(passage, asset, due)
        if node.next == graph.end[node.sequence]:
            return "stays"
        assert node.next is not None
        self._arrive(passage, node.next, due)
        return "moved"

    def _received(self, passage: Passage, asset: Asset, *, stream: bool) -> bool:
        campaign = self.campaigns[passage.campaign]
        mine = f"{passage.campaign}/{passage.number}"
        for sent, scope in self.touches:
            if sent.contact != passage.contact or self.assets[sent.asset].family != asset.family:
                continue
            match campaign.once:
                case Once.GLOBAL:
                    return True
                case Once.CAMPAIGN if sent.campaign == campaign.name:
                    return True
                case Once.PASS if scope == mine:
                    return True
                case Once.NO if stream and scope == mine:
                    return True
        return False

    def _late(self, passage: Passage, campaign: Campaign, due: int, at: int, policy: IfLate) -> bool:
        if campaign.pace.if_late is not policy or at - due <= campaign.pace.late_after.seconds:
            return False
        if passage.held is not None and not passage.moved:  # we kept it back ourselves
            return passage.held_until is not None and at - passage.held_until > campaign.pace.late_after.seconds
        return True

    def _rank(self, stage: str) -> int:
        return self.config.stages.index(stage)

    def _advance_stage(self, cid: int, stage: str) -> None:
        contact = self.contacts[cid]
        if self._rank(contact.stage) < self._rank(stage):
            self.contacts[cid] = replace(contact, stage=stage)

    def _set(self, cid: int, step: SetFacts) -> None:
        contact = self.contacts[cid]
        tags = (contact.tags | set(step.tags)) - set(step.untags)
        contact = replace(contact, tags=frozenset(tags))
        for name, value in step.fields:
            if hasattr(contact, name):
                contact = replace(contact, **{name: value})
            else:
                fields = {key: old for key, old in contact.fields.items() if key != name}
                contact = replace(contact, fields=fields if value is None else fields | {name: value})
        self.contacts[cid] = contact

    # --- what goes out ------------------------------------------------------------------------------------------

    def _deliver(self, wishes: list[Wish], at: int) -> tuple[list[Sent], dict[str, int]]:
        names = list(self.campaigns)
        wishes.sort(
            key=lambda w: (
                -self.campaigns[w.passage.campaign].priority,
                w.due,
                names.index(w.passage.campaign),
                w.passage.contact,
            )
        )
        held: dict[str, int] = {}
        out: list[Sent] = []
        served: set[int] = set()
        verdicts = [self._hold(wish, at) for wish in wishes]  # before anything goes out
        for wish, (reason, until) in zip(wishes, verdicts, strict=True):
            if reason is None and wish.passage.contact in served:
                reason, until = "turn", None
            passage = wish.passage
            passage.held, passage.held_until, passage.moved = reason, until, False
            if reason is not None:
                held[reason] = held.get(reason, 0) + 1
                continue
            served.add(passage.contact)
            out.append(self._send(wish, at))
        return out, held

    def _hold(self, wish: Wish, at: int) -> tuple[str | None, int | None]:
        passage = wish.passage
        campaign = self.campaigns[passage.campaign]
        contact = self.contacts[passage.contact]
        zone = contact.zone or self.config.zone
        if campaign.paused:
            return "paused", None
        if contact.consent not in ("express", "implied"):
            return "no-consent", None
        mine = [sent.at for sent, _ in self.touches if sent.contact == contact.id]
        same = [s.at for s, _ in self.touches if s.contact == contact.id and s.campaign == campaign.name]
        if campaign.pace.gap is not None and same:
            free = add(max(same), campaign.pace.gap, zone, self.config.closed)
            if free > at:
                return "gap", free
        opens = next_allowed(at, campaign.pace.window, zone, self.config.closed)
        if opens > at:
            return "window", opens
        over = []
        for rate in self.config.limits.per_contact:
            recent = sorted(mine, reverse=True)
            if len(recent) >= rate.count and recent[rate.count - 1] > at - rate.seconds:
                over.append(recent[rate.count - 1] + rate.seconds)
        return ("cap", max(over)) if over else (None, None)

    def _send(self, wish: Wish, at: int) -> Sent:
        passage, graph = wish.passage, self.graphs[wish.passage.campaign]
        assert passage.place.node is not None
        node = graph.nodes[passage.place.node]
        assert node.step is not None
        sent = Sent(passage.contact, passage.campaign, node.step.id, wish.asset.name, at)
        self.touches.append((sent, f"{passage.campaign}/{passage.number}"))
        passage.held = passage.held_until = None
        if isinstance(node.step, Stream):
            passage.place = replace(passage.place, items_sent=passage.place.items_sent + 1, anchor=at)
            passage.moved = True
        else:
            assert node.next is not None
            self._arrive(passage, node.next, at)
        return sent
