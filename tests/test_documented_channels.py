"""The page on channels: its example verifies what is really posted, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import nurture_cli
from nurture_cli.clock import FixedClock
from nurture_cli.delivery.webhook import WebhookMessenger
from tests.delivery.endpoint import Endpoint
from tests.delivery.mails import Gate, mail

PAGE = (Path(nurture_cli.__file__).parent.parent / "docs" / "channels.md").read_text("utf-8")
AT = 1772528400
SECRET = "a long secret of ours"


@pytest.fixture(scope="module")
def posted() -> tuple[dict[str, str], bytes]:
    """The headers and the body of a signed POST."""
    with Endpoint() as endpoint:
        hook = WebhookMessenger(endpoint.url, lambda: SECRET, clock=FixedClock(AT))
        hook.open()
        hook.deliver(mail(data=b'{"asset": "call"}'), Gate())
    head, _, body = endpoint.requests[0].partition(b"\r\n\r\n")
    return dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:]), body


def example(now: int) -> Any:
    """The function of the page, at an instant."""
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
    names: dict[str, Any] = {}
    exec(code, names)
    names["time"] = SimpleNamespace(time=lambda: float(now))
    return names["verified"]


def test_the_example_accepts_what_is_posted(posted: tuple[dict[str, str], bytes]) -> None:
    headers, body = posted

    assert example(AT + 299)(headers, body, SECRET) == headers["webhook-id"] == headers["Idempotency-Key"]


@pytest.mark.parametrize(
    ("changed", "body", "secret", "now"),
    [
        ({"webhook-id": "another"}, None, SECRET, AT),
        ({"webhook-timestamp": str(AT + 600)}, None, SECRET, AT + 600),
        ({}, b'{"asset": "ring"}', SECRET, AT),
        ({}, None, "another secret", AT),
        ({}, None, SECRET, AT + 301),
    ],
)
def test_the_example_refuses_another_key_time_body_or_secret_and_what_is_old(
    posted: tuple[dict[str, str], bytes], changed: dict[str, str], body: bytes | None, secret: str, now: int
) -> None:
    headers, really = posted

    with pytest.raises(PermissionError):
        example(now)(headers | changed, really if body is None else body, secret)


def test_the_page_names_every_header_of_a_post(posted: tuple[dict[str, str], bytes]) -> None:
    ours = {name for name in posted[0] if name.startswith("webhook-") or name == "Idempotency-Key"}

    assert set(re.findall(r"^\| `([^`]+)` \|", PAGE, re.M)) == ours
