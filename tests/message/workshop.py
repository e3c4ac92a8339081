"""A small project in memory, to make messages of."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

from nurture_cli.campaign.assets import parse_asset
from nurture_cli.campaign.config import parse_config
from nurture_cli.campaign.model import Asset, Config
from nurture_cli.keys import Keys
from nurture_cli.message.outgoing import Outgoing
from nurture_cli.message.render import Renderer
from nurture_cli.records import Contact

AT = 1772528400  # Tuesday, 3 March 2026, 10:00 in Berlin
KEY = "welcome/1/7/3"

NURTURE_YML = """\
project: Acme News
zone: Europe/Berlin
sender:
  name: Ines Weber
  address: ines@news.acme.example
  reply_to: ines@acme.example
  postal_address: "Acme GmbH\\nHafenstr. 1 & 2\\n20457 Hamburg"
  unsubscribe:
    url: https://acme.example/leave/{token}?a=1&b=2
    mailto: leave@acme.example
stages: [awareness, lead]
fields: {employees: number, renewal: date, plan: text, vip: boolean}
channels:
  mail: {type: outbox}
  hook: {type: webhook, url: "http://localhost:8080/in"}
"""

ANN = Contact(
    id=7,
    email="ann@plant.example",
    address_hash=b"ann at the plant",
    stage="lead",
    stage_at=0,
    first_name="Ann",
    last_name="Miller",
    company="Plant & Sons",
    fields={"employees": 250.0, "renewal": "2026-12-01"},
    tags=frozenset({"b", "a"}),
)


def config(text: str = NURTURE_YML) -> Config:
    """The configuration in a text; the test fails when it has errors."""
    reading = parse_config(text.encode(), "nurture.yml", ())
    assert reading.config is not None, reading.diagnostics
    return reading.config


def asset(body: str, *, suffix: str = "md", name: str = "hello", **front: str) -> Asset:
    """An asset with this body; `front` holds further front matter, values as YAML."""
    front = {"title": "Hello", "kind": "article", "subject": "Hello from Acme", **front}
    text = "---\n" + "".join(f"{key}: {value}\n" for key, value in front.items()) + "---\n" + body
    reading = parse_config(NURTURE_YML.encode(), "nurture.yml", ())
    made, found = parse_asset(text.encode("utf-8", "surrogatepass"), f"templates/{name}.{suffix}", reading.names)
    assert made is not None, found
    return made


@dataclass
class Workshop:
    """A project: `files` are its layouts and partials, by their names in templates/."""

    files: Mapping[str, str] = field(default_factory=dict)
    config: Config = field(default_factory=config)

    def __post_init__(self) -> None:
        self.sources = {f"templates/{name}": text for name, text in self.files.items()}
        self.renderer = Renderer(self, Keys(b"s" * 32))

    def sending(self, **sender: Any) -> Workshop:
        """The same project with another sender."""
        return Workshop(self.files, replace(self.config, sender=replace(self.config.sender, **sender)))

    def outgoing(self, what: Asset | str, contact: Contact = ANN, **front: str) -> Outgoing:
        """The mail of an asset, or of a Markdown body."""
        made = what if isinstance(what, Asset) else asset(what, **front)
        return self.renderer.message(made, contact, key=KEY, at=AT)

    def mail(self, what: Asset | str, contact: Contact = ANN, **front: str) -> EmailMessage:
        """The mail, read back by the standard library."""
        read = email.message_from_bytes(self.outgoing(what, contact, **front).data, policy=email.policy.default)
        assert isinstance(read, EmailMessage)
        return read

    def text(self, what: Asset | str, contact: Contact = ANN, **front: str) -> str:
        """The text part of the mail, without the footer of the built-in layout."""
        return part(self.mail(what, contact, **front), "plain").partition("\n\n-- \n")[0]

    def html(self, what: Asset | str, contact: Contact = ANN, **front: str) -> str:
        """The HTML part of the mail."""
        return part(self.mail(what, contact, **front), "html")


def part(mail: EmailMessage, kind: str) -> str:
    """The text of one part."""
    found = mail.get_body((kind,))
    assert found is not None
    content: str = found.get_content()
    return content.replace("\r\n", "\n")
