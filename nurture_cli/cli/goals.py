"""What a new project can be for: each goal has a small campaign of its own in starter/<name>/."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """A starter campaign, its first asset, and how contacts come into it."""

    name: str
    summary: str
    campaign: str
    first: str
    tag: str
    consent: str
    basis: str
    source: str


GOALS = (
    Goal(
        "newsletter", "Welcome people who sign up for your newsletter.",
        "welcome", "welcome", "newsletter", "express", "sign-up form", "website",
    ),
    Goal(
        "event", "Follow up after a trade fair or a webinar.",
        "after-the-event", "good-to-meet-you", "event", "implied", "met at the event", "list of visitors",
    ),
    Goal(
        "trial", "Help people who try your product.",
        "trial", "first-steps", "trial", "implied", "trial account", "list of trial accounts",
    ),
)  # fmt: skip
BY_NAME = {goal.name: goal for goal in GOALS}
