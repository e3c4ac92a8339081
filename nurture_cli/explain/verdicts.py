"""One verdict for each asset: whether the contact received it, will, or why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nurture_cli.campaign.graph import reach
from nurture_cli.campaign.model import Stream
from nurture_cli.explain.barred import NOTHING, Barred
from nurture_cli.explain.holds import reason_of_hold
from nurture_cli.explain.whereabouts import CampaignState, Whereabouts
from nurture_cli.planner.bound import COUNTED_STATES
from nurture_cli.planner.plan import Plan
from nurture_cli.reasons import Verdict


@dataclass(frozen=True, slots=True)
class AssetVerdict:
    """Exactly one verdict for one asset, with the campaign and step that it rests on."""

    asset: str
    verdict: Verdict
    why: str
    campaign: str = ""
    step: str = ""
    at: int | None = None


# Of several campaigns with a verdict about an asset, the one nearest to sending it counts.
NEAREST = (
    Verdict.DUE, Verdict.HELD, Verdict.WAITING, Verdict.AHEAD, Verdict.OTHER_WAY, Verdict.LEFT, Verdict.NOT_ENTERED,
)  # fmt: skip


def verdicts(
    plan: Plan, contact_id: int, places: tuple[Whereabouts, ...], bar: Barred | None
) -> Iterator[AssetVerdict]:
    """A verdict for each asset, in the order of their names, by where the contact is in the campaigns."""
    sent = {
        family: (state, campaign, step, at)
        for family, state, campaign, step, at in plan.db.execute(
            f"SELECT family, state, campaign, step, at FROM main.touch WHERE contact_id = ? AND {COUNTED_STATES}"
            " ORDER BY state = 'sent', at",
            (contact_id,),
        )
    }
    asked = {
        asset: (held, until, because)
        for asset, held, until, because in plan.db.execute(
            "SELECT q.family, q.held, q.until, o.reason FROM temp.candidate q LEFT JOIN main.touch o ON o.id = q.touch"
            " WHERE q.cid = ? AND q.rid IS NOT NULL",
            (contact_id,),
        )
    }
    role = plan.db.execute("SELECT role FROM temp.contact_now WHERE id = ?", (contact_id,)).fetchone()[0]
    for name in sorted(plan.world.assets):
        asset = plan.world.assets[name]
        if asset.family in sent:
            state, campaign, step, at = sent[asset.family]
            verdict = Verdict.RECEIVED if state == "sent" else Verdict.IN_DOUBT
            why = "sent" if state == "sent" else f"its delivery is in doubt ({state})"
            yield AssetVerdict(name, verdict, why, campaign, step, at)
        elif asset.expires is not None and asset.expires <= plan.at:
            yield AssetVerdict(name, Verdict.EXPIRED, "it has expired", at=asset.expires)
        elif asset.family in asked:
            held, until, because = asked[asset.family]
            if held is None:
                yield AssetVerdict(name, Verdict.DUE, "asked for by the contact", at=plan.at)
            else:
                reason = reason_of_hold(plan.db, contact_id, held, because)
                why = f"asked for by the contact, but held: {reason.why}; it goes out {reason.frees}"
                yield AssetVerdict(name, Verdict.HELD, why, at=until)
        else:
            nearest = _nearest(plan, name, places, role)
            coming = bar is not None and nearest.verdict in (Verdict.WAITING, Verdict.AHEAD)
            if coming and plan.world.config.channels[asset.channel].settings.reaches_contact:
                nearest = replace(nearest, why=f"{nearest.why}; {NOTHING}", at=None)
            yield nearest


def _nearest(plan: Plan, asset: str, places: tuple[Whereabouts, ...], role: str | None) -> AssetVerdict:
    found = [
        verdict
        for campaign_id, place in enumerate(places)
        for verdict in _in_campaign(plan, campaign_id, asset, place, role)
    ]
    if not found:
        return AssetVerdict(asset, Verdict.UNUSED, "in no campaign: sent only on request")
    return min(found, key=lambda verdict: NEAREST.index(verdict.verdict))


def _in_campaign(
    plan: Plan, campaign_id: int, asset: str, place: Whereabouts, role: str | None
) -> Iterator[AssetVerdict]:
    graph = plan.world.graphs[campaign_id]
    offering = [node for node in graph.nodes if any(offer.asset == asset for offer in node.offers)]
    at_node = None if place.step is None else graph.find(place.step)
    ahead = reach(graph, [at_node.index]) if at_node else frozenset()
    roles = plan.world.assets[asset].roles
    unfit = bool(roles) and role is not None and role not in roles
    for node in offering:
        step = node.step.id if node.step else ""
        here = at_node is not None and node.index == at_node.index

        def say(verdict: Verdict, why: str, at: int | None = None, step: str = step) -> AssetVerdict:
            return AssetVerdict(asset, verdict, why, place.campaign, step, at)

        match place.state:
            case CampaignState.NOT_ENTERED:
                yield say(Verdict.NOT_ENTERED, place.why)
            case CampaignState.ENDED:
                yield say(Verdict.LEFT, place.why)
            case CampaignState.DUE if place.asset == asset and here:
                yield say(Verdict.DUE, place.why, plan.at)
            case CampaignState.HELD if place.asset == asset and here:
                yield say(Verdict.HELD, place.why, place.next_at)
            case CampaignState.WAITING if at_node is not None and (here or at_node.next == node.index):
                yield say(Verdict.WAITING, f"after {place.step}", place.next_at)
            case (
                CampaignState.DUE
                | CampaignState.HELD
                | CampaignState.WAITING
                | CampaignState.MOVING
                | CampaignState.RESTING
                | CampaignState.EXHAUSTED
            ):
                if unfit and isinstance(node.step, Stream):
                    why = f"the stream skips it: it is for {', '.join(roles)}, not for {role}"
                    yield say(Verdict.OTHER_WAY, why)
                elif node.index in ahead:
                    yield say(Verdict.AHEAD, f"after {place.step}")
                else:
                    where = place.step or "where the contact rests"
                    yield say(Verdict.OTHER_WAY, f"not on the way from {where}")
