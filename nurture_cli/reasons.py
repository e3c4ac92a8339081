"""The closed lists of reasons, shared by plan, run, explain, store and reports."""

from __future__ import annotations

from enum import StrEnum


class Hold(StrEnum):
    """Why a touch that is due is held back; listed in the order in which they are looked at: the first one wins.

    `why` says it in words, `frees` what lets the touch go after all; `{email}` stands for the contact.
    """

    why: str
    frees: str

    def __new__(cls, reason: str, why: str = "", frees: str = "") -> Hold:
        member = str.__new__(cls, reason)
        member._value_ = reason
        member.why, member.frees = why, frees
        return member

    STRANDED = (
        "stranded",
        "its step is no longer in the campaign's file",
        "when you map the step under `moved:` in the campaign's file",
    )
    LOOP = "loop", "it goes round in a loop without a wait", "when the loop in the campaign's file gets a wait"
    PAUSED = "paused", "the campaign is paused", "when you remove `paused: true` from the campaign's file"
    IN_DOUBT = (
        "in-doubt",
        "it may have been delivered already",
        "when you say with `nurture touches resolve` whether it arrived; after 72 hours it counts as sent",
    )
    FAILED = (
        "failed",
        "it failed",
        "when you correct the file or the fact that made it fail, or with `nurture touches resolve`",
    )
    SUPPRESSED = (
        "suppressed",
        "the address is suppressed",
        "with `nurture suppress remove {email} --why …`, if the contact asked for it",
    )
    NO_CONSENT = (
        "no-consent",
        "no consent recorded",
        "when you record consent: `nurture contacts set {email} consent=… consent_basis=… consent_source=…`",
    )
    CONSENT_ENDED = (
        "consent-ended",
        "the contact's consent has run out",
        "when you record a new one: `nurture contacts set {email} consent=… consent_basis=… consent_source=…`",
    )
    DEFERRED = "deferred", "the last attempt did not get through", "with the next attempt"
    LATE = "late", "overdue, and moved to the next slot", "at its own time of day"
    GAP = "gap", "too soon after the campaign's last message", "when the campaign's gap is over"
    WINDOW = "window", "outside the send window", "when the send window opens"
    CAP = (
        "cap",
        "the contact has had enough messages for now",
        "when an earlier message no longer counts towards the cap",
    )
    TURN = "turn", "another message to this contact goes first", "with the next run"
    CHANNEL_LIMIT = "channel-limit", "the channel's limit is reached", "when the channel has room again"


class End(StrEnum):
    """How an enrollment ended."""

    EXIT = "exit"  # the contact met the condition of `exit:`
    GOAL = "goal"  # the contact met the condition of `goal:`
    STEP = "step"  # an exit step, or a rule's exit
    HANDOFF = "handoff"  # handed to Sales: nurturing stops
    RECYCLED = "recycled"  # returned by Sales: first a rest, then the campaign for the reason
    WON = "won"  # bought: campaigns for new contacts end
    REPLIED = "replied"  # replied, and the campaign says `on_reply: stop`


class Verdict(StrEnum):
    """What `explain` says about one asset for one contact: exactly one of these."""

    RECEIVED = "received"  # sent to the contact, here or in another campaign
    IN_DOUBT = "in-doubt"  # may have been delivered; see `touches resolve`
    DUE = "due"  # would go out now
    HELD = "held"  # due, but held back; the reason says why
    WAITING = "waiting"  # its step is next, after a wait
    AHEAD = "ahead"  # on the way, further on
    OTHER_WAY = "other-way"  # on an arm, stage or branch that the contact is not on
    EXPIRED = "expired"  # its last day has passed
    NOT_ENTERED = "not-entered"  # the contact has not entered its campaign; the entry condition says why
    LEFT = "left"  # the contact has left its campaign
    UNUSED = "unused"  # in no campaign: only on request


class FunnelVerdict(StrEnum):
    """What `explain` says about a contact's way through the funnel: exactly one of these."""

    STAYS = "stays"  # nothing moves the contact; `explain` lists the criteria that they still have to meet
    FORWARD = "moves-forward"  # the next run moves the contact to a later stage
    RECYCLED = "is-recycled"  # returned by Sales: the contact rests, then enters the campaign for the reason
    HANDED_OFF = "is-handed-off"  # with Sales, or about to be


class Silence(StrEnum):
    """Why nurture does not write to a contact, where no message is held back; the first that holds is given."""

    SUPPRESSED = "suppressed"  # nurture never writes to the address
    WITH_SALES = "with-sales"  # with Sales
    AT_REST = "at-rest"  # returned by Sales, and left in peace for a while
    RESTING = "resting"  # the campaign has no steps for the contact's stage
    EXHAUSTED = "exhausted"  # has received everything that the campaign has
    WAITING = "waiting"  # the campaign waits for a time, or for something to happen
    NO_CAMPAIGN = "no-campaign"  # in no campaign


class Nothing(StrEnum):
    """Why a plan has nothing due and nothing held back; listed in the order in which they are given."""

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
    EXHAUSTED = "exhausted"  # has received everything that the campaign sends
    LEFT = "left"  # has left the campaign, or reached its end
    SUPPRESSED = "suppressed"  # nurture never writes to the address
    LONG_LIST = "long-list"  # too many contacts to look at one by one
