"""Asset + contact -> message: the one path by which `preview`, `run` and everything else makes one.

What is the same for all contacts is done once per asset; for each contact there is only rendering and encoding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING, Protocol

from nurture_cli.address import email_and_key
from nurture_cli.campaign.model import Asset, BodyFormat, Config
from nurture_cli.errors import Misconfigured
from nurture_cli.message.failure import Reason, RenderError
from nurture_cli.message.limits import Limited, TooSlow
from nurture_cli.message.outgoing import Outgoing
from nurture_cli.message.record import contact_record, sender_record, today
from nurture_cli.records import CORE_TEXT_FIELDS, Contact

if TYPE_CHECKING:
    from nurture_cli.keys import Keys
    from nurture_cli.message.prepared import Prepared
    from nurture_cli.message.templates import Variables
    from nurture_cli.message.unsubscribe import Unsubscribe

LONGEST_SUBJECT = 998  # octets


class Source(Protocol):
    """What a renderer needs of a project."""

    @property
    def config(self) -> Config | None: ...
    @property
    def sources(self) -> Mapping[str, str]: ...


class Renderer:
    """Makes the messages of one project, as its files stood when it was loaded."""

    def __init__(self, project: Source, keys: Keys) -> None:
        from nurture_cli.message.email import frame
        from nurture_cli.message.layout import partials
        from nurture_cli.message.prepared import Preparation
        from nurture_cli.message.record import Record

        if project.config is None:
            raise Misconfigured("The project's nurture.yml has errors.", "Run: nurture check")
        self._config = project.config
        self._keys = keys
        self._preparation = Preparation(project.config, partials(project.sources))
        self._frame = frame(project.config)
        self._domain = project.config.sender.address.rpartition("@")[2]
        self._sender = sender_record(project.config)
        self._project = Record("project", {"name": project.config.name})

    def message(self, asset: Asset, contact: Contact, *, key: str, at: int) -> Outgoing:
        """The mail of one touch, dated `at`; raises RenderError for every reason for which it must not leave."""
        from nurture_cli.message.email import Letter, assembled
        from nurture_cli.message.headers import cleaned
        from nurture_cli.message.unsubscribe import ways_out

        _insist_on_address(contact.email, "The contact's address")
        _insist_on_address(self._config.sender.address, "The sender's address")
        if self._config.sender.reply_to is not None:
            _insist_on_address(self._config.sender.reply_to, "The address for replies")
        if not self._config.sender.postal_address.strip():
            raise RenderError(
                Reason.NO_POSTAL_ADDRESS, "There is no postal address.", "Set sender.postal_address in nurture.yml."
            )
        unsubscribe = ways_out(self._config.sender, self._keys.unsubscribe_token(contact.id))
        with _limited(asset):
            prepared = self._preparation.asset(asset)
            variables = self._variables(prepared, contact, at, unsubscribe)
            subject = self._subject(prepared, variables)
            if not subject:
                place = f"{asset.file}:{asset.places.get('subject', asset.span).line}"
                raise RenderError(Reason.EMPTY_SUBJECT, "The subject is empty for this contact.", place=place)
            text, html = self._bodies(prepared, variables, subject)
            _check_footer(asset, text, html, unsubscribe.link, self._config.sender.postal_address)
        letter = Letter(
            display=cleaned(f"{contact.first_name or ''} {contact.last_name or ''}"),
            address=contact.email,
            subject=subject,
            at=at,
            message_id=self._keys.message_id(key, self._domain),
            unsubscribe=unsubscribe,
            text=text,
            html=html,
        )
        data, digest = assembled(self._frame, letter)
        return Outgoing(key, letter.message_id, self._config.sender.address, contact.email, data, digest)
