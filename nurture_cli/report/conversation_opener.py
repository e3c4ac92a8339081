"""A sentence to begin a call with, made from the response of the contact that counts most."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from nurture_cli.report.readiness import Response
from nurture_cli.timing import format_instant

# By kind of event: for one about an asset, and for one that is not. They say nothing that the ledger does not say.
_SENTENCES = {
    "requested_demo": ("You asked for a demo of {title} on {date}.", "You asked for a demo on {date}."),
    "requested": ("You asked us for {title} on {date}.", "You asked us for something on {date}."),
    "inquired": ("You asked us about {title} on {date}.", "You wrote to us with a question on {date}."),
    "replied": ("You answered our mail {title} on {date}.", "You wrote back to us on {date}."),
    "attended": ("You were at {title} on {date}.", "You were at our event on {date}."),
    "registered": ("You registered for {title} on {date}.", "You registered with us on {date}."),
    "downloaded": ("You downloaded {title} on {date}.", "You downloaded something of ours on {date}."),
    "submitted": ("You sent us the form about {title} on {date}.", "You sent us a form on {date}."),
    "clicked": ("You followed a link in {title} on {date}.", "You followed a link of ours on {date}."),
    "visited": ("You looked at {title} on {date}.", "You looked at our pages on {date}."),
    "referred": ("You recommended us on {date}.", "You recommended us on {date}."),
}
_UNANSWERED = {
    "requested_demo": "Nobody has shown it to you yet: what would you like to see first?",
    "requested": "You have not received it yet: what do you want to find out with it?",
    "inquired": "That is still open: may I answer it now?",
    "replied": "Nobody has come back to you since: may I do that now?",
}
_QUESTION = "What made you look into it?"


def strongest(responses: Sequence[Response]) -> Response | None:
    """The response with most points left, the last one of equals."""
    return max(responses, key=lambda one: (one.left, one.at, one.event_id), default=None)


def opening(
    responses: Sequence[Response], titles: Mapping[str, str], unanswered: Collection[tuple[int, str]], zone: str
) -> str:
    """The suggested opening, '' without a response; `unanswered` has the instants and kinds of open questions."""
    last = strongest(responses)
    if last is None:
        return ""
    about = titles.get(last.asset, last.asset)
    usual = (f"About {{title}}, on {{date}}: we noted “{last.kind}”.", f"On {{date}} we noted “{last.kind}” of yours.")
    sentence = _SENTENCES.get(last.kind, usual)[0 if about else 1]
    date = format_instant(last.at, zone)[:10]
    then = _UNANSWERED.get(last.kind, _QUESTION) if (last.at, last.kind) in unanswered else _QUESTION
    return sentence.format(title=f"“{about}”", date=date) + " " + then
