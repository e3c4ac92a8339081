"""What bars a contact from every message, whatever the campaigns say: a suppression, or missing consent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nurture_cli.campaign.graph import Graph, GraphNode, reach
from nurture_cli.campaign.model import Asset, Config
from nurture_cli.explain.holds import reason_of_hold
from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection
from nurture_cli.timing import format_instant

SUPPRESSED: Mapping[str, str] = {
    "unsubscribed": "unsubscribed",
    "complaint": "complained",
    "hard-bounce": "the address bounced for good",
    "manual": "suppressed by hand",
    "erased": "erased",
}
NOTHING = "nothing is sent to this contact"


@dataclass(frozen=True, slots=True)
class Barred:
    """Why nothing is sent to a contact, since when if that is known, and what would free it."""

    hold: Hold
    why: str
    frees: str
    at: int | None = None

    @property
    def sentence(self) -> str:
        """Both halves: why, and that nothing is sent."""
        return f"{self.why}: {NOTHING}"


def barred(db: Connection, contact_id: int, at: int, zone: str) -> Barred | None:
    """What bars a contact at instant `at`, the first that holds; days are those of `zone`."""
    consent, basis, source, until, reason, since = db.execute(
        "SELECT c.consent, c.consent_basis, c.consent_source, c.consent_until, s.reason, s.at"
        " FROM main.contact c LEFT JOIN main.suppression s ON s.address_hash = c.address_hash AND s.lifted_at IS NULL"
        " WHERE c.id = ?",
        (contact_id,),
    ).fetchone()
    if reason is not None:
        why, hold, when = SUPPRESSED.get(reason, f"suppressed ({reason})"), Hold.SUPPRESSED, since
    elif consent == "withdrawn":
        why, hold, when = "consent withdrawn", Hold.NO_CONSENT, None
    elif consent not in ("express", "implied") or basis is None or source is None:
        why, hold, when = "", Hold.NO_CONSENT, None
    elif until is not None and until <= at:
        why, hold, when = "consent ran out", Hold.CONSENT_ENDED, until
    else:
        return None
    told = reason_of_hold(db, contact_id, hold, None)
    day = "" if when is None else f" {format_instant(when, zone)[:10]}"
    return Barred(hold, f"{why or told.why}{day}", told.frees, when)


def carries_on(graph: Graph, begin: int, assets: Mapping[str, Asset], config: Config) -> bool:
    """Whether a step from `begin` on makes something else, such as a task, before the next message to the contact."""
    mails = frozenset(node.index for node in graph.nodes if any(_reaches(node, assets, config)))
    ahead = reach(graph, [begin], without=mails)
    return any(any(not one for one in _reaches(graph.nodes[index], assets, config)) for index in ahead)


def _reaches(node: GraphNode, assets: Mapping[str, Asset], config: Config) -> list[bool]:
    """For each asset that a step may send, whether it reaches the contact."""
    return [config.channels[assets[offer.asset].channel].settings.reaches_contact for offer in node.offers]
