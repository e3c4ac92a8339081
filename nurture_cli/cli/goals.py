"""What a new project can be for: each goal has a small campaign of its own in starter/<name>/."""

from __future__ import annotations

from typing import NamedTuple


class StarterGoal(NamedTuple):
    """A starter campaign, its first asset, how contacts come into it, and which contacts would be surprised to."""

    name: str
    summary: str
    campaign: str
    first: str
    tag: str
    consent: str
    basis: str
    source: str
    whom: str
    not_whom: str


GOALS = (
    StarterGoal(
        "newsletter", "Welcome people who sign up for your newsletter.",
        "welcome", "welcome", "newsletter", "express", "sign-up form", "website",
        "people who have just signed up", "Give old readers, who need no welcome, another tag, such as `reader`",
    ),
    StarterGoal(
        "event", "Follow up after a trade fair or a webinar.",
        "after-the-event", "good-to-meet-you", "event", "implied", "met at the event", "list of visitors",
        "the people you met", "Give visitors of earlier events another tag, such as `event-2019`",
    ),
    StarterGoal(
        "trial", "Help people who try your product.",
        "trial", "first-steps", "trial", "implied", "trial account", "list of trial accounts",
        "people who try your product now", "Give people whose trial ended long ago another tag, such as `old-trial`",
    ),
)  # fmt: skip
BY_NAME = {goal.name: goal for goal in GOALS}
