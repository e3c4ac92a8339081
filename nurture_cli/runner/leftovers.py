"""What earlier runs left over, settled at the beginning of each run: claims, touches cut off, and touches in doubt.

Each transaction is whole by itself. So when this is killed at any instant, the next run does what is left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nurture_cli.campaign.model import Channel, OnUnknown
from nurture_cli.delivery.channels import was_delivered
from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.project import Project
from nurture_cli.store import ledger
from nurture_cli.store.database import Connection, writing
from nurture_cli.store.departures import Departed, notes_of
from nurture_cli.store.forgotten_touches import REASON as RECALLED
from nurture_cli.store.ledger import DOUBT_SECONDS, Entry
from nurture_cli.store.runs import forget_notes, runs_with_notes
from nurture_cli.store.touches import find_touch

ASSUMED = f"assumed after {DOUBT_SECONDS // 3600} h without contrary evidence"
CUT_OFF = "the run was interrupted while it handed this over"
AGAIN = "in doubt, and handed over again as the campaign wants it (`on_unknown: resend`)"
SAFELY_AGAIN = "in doubt, and handed over again: its channel accepts the same message only once"
PROVED = "it arrived: the contact has opened, clicked or answered it"
NOT_YET = "the run was interrupted before the file was in the outbox"


@dataclass(frozen=True, slots=True)
class Leftovers:
    """How many touches were released, newly in doubt, to be delivered again, assumed as sent, or found to be sent."""

    unclaimed: int = 0
    in_doubt: int = 0
    again: int = 0
    assumed: int = 0
    arrived: int = 0

    def __bool__(self) -> bool:
        return any((self.unclaimed, self.in_doubt, self.again, self.assumed, self.arrived))


def settle_leftovers(db: Connection, project: Project, at: int, crash_point: CrashPoint = go_on) -> Leftovers:
    """Settle what earlier runs left claimed, committing or in doubt; call once, at the beginning of a run."""
    crash_point("before_leftovers")
    # Old doubts first, so that a run assumes nothing about a doubt that it has just found.
    again, assumed, proved = _old_doubts(db, project, at)
    crash_point("after_assumed")
    unclaimed = _claimed(db, at)
    crash_point("after_unclaimed")
    with notes_of(runs_with_notes(db)) as departed:
        never_left, in_doubt, more, arrived = _committing(db, project, at, departed)
        crash_point("after_leftovers")
        departed.discard()
    return Leftovers(unclaimed + never_left, in_doubt, again + more, assumed, proved + arrived)


def _claimed(db: Connection, at: int) -> int:
    """Release what was claimed and came no further: it was never delivered."""
    if not ledger.left_claimed(db):
        return 0
    with writing(db):
        left = ledger.left_claimed(db)
        for entry in left:
            ledger.release(db, entry, at)
    return len(left)


def _committing(db: Connection, project: Project, at: int, departed: Departed) -> tuple[int, int, int, int]:
    """Settle what came to its point of no return: in doubt, unless it never left, may go again or is known as sent."""
    if not (departed.runs or ledger.left_committing(db)):
        return 0, 0, 0, 0
    never_left = in_doubt = again = arrived = 0
    channels = project.config.channels if project.config else {}
    with writing(db):
        forget_notes(db, departed.runs)
        for entry in ledger.left_committing(db):
            if departed.never_left(entry.run_id, entry.id):
                # Only an earlier attempt may have arrived, if there was one.
                ledger.take_back(db, entry if entry.attempts else replace(entry, body_hash=None), at)
                never_left += 1
                continue
            channel = channels.get(entry.channel)
            if channel is not None and channel.settings.redelivers_safely:
                # A channel that remembers keys must get the same message under the same key.
                body_hash = entry.body_hash if channel.settings.keeps_keys else None
                ledger.redeliver(db, entry, at=at, reason=SAFELY_AGAIN, body_hash=body_hash)
                again += 1
                continue
            match None if channel is None else _was_delivered(db, project, channel, entry):
                case True:
                    ledger.settle_sent(db, entry, at=entry.at)
                    arrived += 1
                case False:
                    ledger.redeliver(db, entry, at=at, reason=NOT_YET, body_hash=None)
                    again += 1
                case None:
                    ledger.settle_unknown(db, entry, at=at, reason=CUT_OFF)
                    in_doubt += 1
    return never_left, in_doubt, again, arrived


def _old_doubts(db: Connection, project: Project, at: int) -> tuple[int, int, int]:
    """Settle old doubts: deliver again where the campaign wants it, assume as sent after a while, or by proof."""
    if not ledger.in_doubt(db):
        return 0, 0, 0
    again = assumed = proved = 0
    with writing(db):
        for entry, since, reason in ledger.in_doubt(db):
            if ledger.was_answered(db, entry):
                ledger.resolve_sent(db, entry, at=at, reason=PROVED)
                proved += 1
            elif reason != RECALLED and _wants_resend(project, entry):  # most of what a journal recalls has arrived
                ledger.redeliver(db, entry, at=at, reason=AGAIN, body_hash=entry.body_hash)
                again += 1
            elif at - since >= DOUBT_SECONDS:
                ledger.resolve_sent(db, entry, at=at, reason=ASSUMED)
                assumed += 1
    return again, assumed, proved


def _wants_resend(project: Project, entry: Entry) -> bool:
    campaign = project.campaigns.get(entry.campaign)
    return campaign is not None and campaign.on_unknown is OnUnknown.RESEND


def _was_delivered(db: Connection, project: Project, channel: Channel, entry: Entry) -> bool | None:
    touch = find_touch(db, entry.key)
    if touch is None:
        return None
    return was_delivered(channel, project.root, key=touch.key, message_id=touch.message_id)
