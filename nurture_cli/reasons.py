"""The closed lists of reasons, shared by plan, run, explain, store and reports."""

from __future__ import annotations

from enum import StrEnum


class Hold(StrEnum):
    """Why a touch that is due is held back; listed in the order in which they are looked at: the first one wins."""

    STRANDED = "stranded"  # its step is no longer in the campaign file
    PAUSED = "paused"  # the campaign is paused
    IN_DOUBT = "in-doubt"  # this very message may have been delivered; see `touches resolve`
    FAILED = "failed"  # this very message failed and waits for a human or a changed template
    SUPPRESSED = "suppressed"  # the address is never written to
    NO_CONSENT = "no-consent"  # no recorded consent, basis or source
    CONSENT_ENDED = "consent-ended"  # implied consent ran out
    DEFERRED = "deferred"  # the mail server asked for another attempt later
    LATE = "late"  # missed, and `if_late: shift` moved it
    GAP = "gap"  # too soon after the campaign's last message
    WINDOW = "window"  # outside the send window in the contact's zone
    CAP = "cap"  # too many messages to this contact lately
    TURN = "turn"  # another message to this contact goes first in this run
    CHANNEL_LIMIT = "channel-limit"  # the channel's hourly or daily limit is reached
    CHANGED = "changed"  # something about the contact changed after the plan was made; the next run looks again
    LOOP = "loop"  # went round in a loop without a wait, and was stopped


class End(StrEnum):
    """How an enrollment ended."""

    EXIT = "exit"  # exit.when held
    GOAL = "goal"  # goal.when held
    STEP = "step"  # an exit step, or a rule's exit
    HANDOFF = "handoff"  # handed to Sales: nurturing stops
    RECYCLED = "recycled"  # returned by Sales: first a rest, then the campaign for the reason
    WON = "won"  # bought: campaigns for new contacts end
    REPLIED = "replied"  # replied, and the campaign says `on_reply: stop`


class Verdict(StrEnum):
    """What `explain` says of one asset for one contact: exactly one of these."""

    RECEIVED = "received"  # sent to the contact, here or in another campaign
    IN_DOUBT = "in-doubt"  # may have been delivered; see `touches resolve`
    DUE = "due"  # would go out now
    HELD = "held"  # due, kept back; the Hold reason says why
    WAITING = "waiting"  # its step is next, after a wait
    AHEAD = "ahead"  # on the way, further on
    OTHER_WAY = "other-way"  # on an arm, stage or branch that the contact is not on
    EXPIRED = "expired"  # its last day has passed
    NOT_ENTERED = "not-entered"  # its campaign was not entered; the enter condition says why
    LEFT = "left"  # its campaign was left
    UNUSED = "unused"  # in no campaign: only on request


class Turn(StrEnum):
    """What `explain` says of a contact's way through the funnel: exactly one of these."""

    STAYS = "stays"  # nothing moves it: the criteria that it still has to meet are named
    FORWARD = "moves-forward"  # the next run moves it to a later stage
    RECYCLED = "is-recycled"  # returned by Sales: it rests, then enters the campaign for the reason
    HANDED_OFF = "is-handed-off"  # with Sales, or about to be


class Silence(StrEnum):
    """Why a contact is not written to, where no message is held back; the first that holds is told."""

    SUPPRESSED = "suppressed"  # the address is never written to
    WITH_SALES = "with-sales"  # with Sales
    AT_REST = "at-rest"  # returned by Sales, and left in peace for a while
    RESTING = "resting"  # its campaign has no sequence for its stage
    EXHAUSTED = "exhausted"  # has received everything that its campaign has
    WAITING = "waiting"  # its campaign waits for a time, or for something to happen
    NO_CAMPAIGN = "no-campaign"  # in no campaign


class Nothing(StrEnum):
    """Why a plan has nothing due and nothing held back; listed in the order in which they are told."""

    NO_CAMPAIGN = "no-campaign"  # the project has no campaign
    NO_CONTACT = "no-contact"  # the database has no contact
    OTHER_CAMPAIGN = "other-campaign"  # with `--campaign`: only other campaigns have something due or held back
    NO_CONSENT = "no-consent"  # no recorded consent
    INCOMPLETE_CONSENT = "incomplete-consent"  # consent without its basis or its source, which counts as none
    CONSENT_ENDED = "consent-ended"  # consent ran out
    WAITING = "waiting"  # in a campaign, waiting for a time or for something to happen
    NOT_ENTERED = "not-entered"  # in no campaign, and never was
    PASSED_OVER = "passed-over"  # matched before the first run of a campaign with `backfill: false`
    AT_REST = "at-rest"  # returned by Sales, and left in peace for a while
    WITH_SALES = "with-sales"  # handed to Sales: nurturing has stopped
    RESTING = "resting"  # in a campaign that has no steps for the contact's stage
    EXHAUSTED = "exhausted"  # has received everything that its campaign sends
    LEFT = "left"  # has left its campaign, or come to its end
    SUPPRESSED = "suppressed"  # the address is never written to
    LONG_LIST = "long-list"  # so many contacts that they were not looked at one by one
