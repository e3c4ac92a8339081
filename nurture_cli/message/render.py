"""Asset + contact -> message: the one path on which `preview`, `run` and everything else makes one.

Work that is the same for all contacts is done once per asset; for each contact only rendering and encoding remain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from nurture_cli.address import email_and_key
from nurture_cli.campaign.channels import Task
from nurture_cli.campaign.model import Asset, Channel, Config
from nurture_cli.errors import Findings, Misconfigured
from nurture_cli.keys import NOBODY
from nurture_cli.message.failure import Flaw, RenderError, place_of
from nurture_cli.message.limits import MAX_SECONDS, Limited, TooSlow
from nurture_cli.message.links import trouble_in_html, trouble_in_text
from nurture_cli.message.outgoing import Outgoing
from nurture_cli.message.record import contact_record, today
from nurture_cli.message.wrapping import unwrapped, wrapped
from nurture_cli.records import Contact

if TYPE_CHECKING:
    from nurture_cli.keys import Keys
    from nurture_cli.message.email import Letter
    from nurture_cli.message.prepared import Prepared
    from nurture_cli.message.unsubscribe import Unsubscribe

LONGEST_SUBJECT = 998  # octets
TEST_MARK = "[Test]"  # before the subject of a test mail


class BriefSource(Protocol):
    """What a renderer needs from a project."""

    @property
    def config(self) -> Config | None: ...
    @property
    def sources(self) -> Mapping[str, str]: ...


class Renderer:
    """Makes the messages of one project, from its files as they were loaded.

    It refuses messages that would leave the machine with placeholders, except as `drafts` to look at.
    """

    def __init__(self, project: BriefSource, keys: Keys, *, drafts: bool = False) -> None:
        from nurture_cli.message.prepared import Preparation

        if project.config is None:
            raise Misconfigured("The project's nurture.yml has errors.", "Run: nurture check")
        self._config = project.config
        self._keys = keys
        self._preparation = Preparation(project.config, project.sources, drafts=drafts)
        self._domain = project.config.sender.address.rpartition("@")[2]

    def insist_on_finished(self, channel: Channel) -> None:
        """Raise Findings while every message of this channel would contain a placeholder."""
        try:
            self._preparation.insist_on_finished(channel)
        except RenderError as error:
            raise Findings(
                f"Nothing is sent through the channel `{channel.name}`: its messages have a placeholder. "
                f"{error.sentence}",
                "`nurture check` shows everything that you still have to replace.",
            ) from None

    def message(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """The mail of one touch, dated `at`; raises RenderError for every reason for which it must not leave.

        `today` prints the date of `today_at`, for the same body at a later attempt; when that is None, of `at`.
        """
        from nurture_cli.message.email import Letter
        from nurture_cli.message.headers import cleaned

        _insist_on_address(contact.email, "The contact's address")
        unsubscribe = self._ways_out(contact.address_hash, key)
        subject, text, html = self._written(asset, contact, unsubscribe, at if today_at is None else today_at)
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
        return self._sealed(letter, asset.name, key)

    def test_message(
        self, asset: Asset, contact: Contact, to: str, *, key: str, at: int, today_at: int | None = None
    ) -> Outgoing:
        """The mail that the contact would get, as a test mail to `to`: its unsubscribe link belongs to nobody."""
        from nurture_cli.message.email import Letter

        _insist_on_address(to, "The address of the test mail")
        unsubscribe = self._ways_out(NOBODY, key)
        subject, text, html = self._written(asset, contact, unsubscribe, at if today_at is None else today_at)
        letter = Letter(
            display="", address=to, subject=f"{TEST_MARK} {subject}", at=at,
            message_id=self._keys.message_id(key, self._domain), unsubscribe=unsubscribe, text=text, html=html,
            is_test=True,
        )  # fmt: skip
        return self._sealed(letter, f"test-{asset.name}", key)

    def _ways_out(self, address_hash: bytes, key: str) -> Unsubscribe:
        from nurture_cli.message.unsubscribe import ways_out

        return ways_out(self._config.sender, self._keys.unsubscribe_token(address_hash, key))

    def _written(
        self, asset: Asset, contact: Contact, unsubscribe: Unsubscribe, today_at: int
    ) -> tuple[str, str, str | None]:
        """Subject, text part and HTML part of a mail, with everything that the law and readers require."""
        from nurture_cli.message.footer import insist_on_footer
        from nurture_cli.message.layout import HTML_LAYOUT, TEXT_LAYOUT

        sender = self._config.sender
        _insist_on_address(sender.address, "The sender's address", self._config.file)
        if sender.reply_to is not None:
            _insist_on_address(sender.reply_to, "The address for replies", self._config.file)
        if not sender.postal_address.strip():
            words = "There is no postal address."
            raise RenderError(Flaw.NO_POSTAL_ADDRESS, words, "Set sender.postal_address.", place=self._config.file)
        prepared = self._preparation.asset(asset)
        with _limited(asset):
            variables = self._variables(prepared, contact, today_at, unsubscribe.link)
            subject = _subject(prepared, variables)
            if not subject:
                words = "The subject is empty for this contact."
                raise RenderError(Flaw.EMPTY_SUBJECT, words, place=place_of(asset, "subject"))
            text, html = self._laid_out(prepared, variables, subject)
            self._insist_on_links(asset, text, html)
            files = (asset.file, asset.file)
            if not prepared.whole:
                files = (self._preparation.layout_file(TEXT_LAYOUT), self._preparation.layout_file(HTML_LAYOUT))
            insist_on_footer(text, html, link=unsubscribe.link, postal_address=sender.postal_address, files=files)
        return subject, text, html

    def _sealed(self, letter: Letter, what: str, key: str) -> Outgoing:
        from nurture_cli.message.email import assembled

        data, digest = assembled(self._preparation.frame, letter)
        return Outgoing(
            key, letter.message_id, self._config.sender.address, letter.address, data, digest, what, letter.at
        )

    def document(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """The JSON that a webhook gets, or a task (its title, an empty line, its text); raises RenderError.

        `at` and `today_at` are as in `message`.
        """
        from nurture_cli.message.document import posted, task

        sender = self._config.sender
        link = None
        if sender.unsubscribe_url is not None or sender.unsubscribe_mailto is not None:
            link = self._ways_out(contact.address_hash, key).link
        prepared = self._preparation.asset(asset)
        with _limited(asset):
            variables = self._variables(prepared, contact, at if today_at is None else today_at, link)
            subject = _subject(prepared, variables)
            text, html = _bodies(prepared, variables)
            text = unwrapped(text)
            self._insist_on_links(asset, text, html)
        if isinstance(self._config.channels[asset.channel].settings, Task):
            data = task(subject or asset.title, text)
        else:
            data = posted(
                self._config, asset, contact, key=key, subject=subject, text=text, html=html, unsubscribe_url=link
            )
        message_id = self._keys.message_id(key, self._domain)
        digest = sha256(data).hexdigest()
        return Outgoing(key, message_id, sender.address, contact.email, data, digest, asset.name, at)

    def letter(self, to: str | None, subject: str, text: str, *, what: str, key: str, at: int) -> Outgoing:
        """A mail to a colleague, of plain text alone; raises RenderError."""
        from nurture_cli.message.email import Letter
        from nurture_cli.message.headers import cleaned

        if to is None:
            words = "The brief has no address to go to."
            hint = "Set `sales: {to: …}`."
            raise RenderError(Flaw.BAD_ADDRESS, words, hint, place=self._config.file)
        _insist_on_address(to, "The address of Sales", self._config.file)
        message_id = self._keys.message_id(key, self._domain)
        letter = Letter(
            display="", address=to, subject=cleaned(subject)[:200], at=at, message_id=message_id, unsubscribe=None,
            text=text, html=None,
        )  # fmt: skip
        return self._sealed(letter, what, key)

    def notice(self, record: Mapping[str, object], *, what: str, key: str, at: int) -> Outgoing:
        """The JSON that a webhook gets without an asset: the record, with the key and the project."""
        from nurture_cli.message.document import noted

        data = noted(self._config, record, key=key)
        digest, sender = sha256(data).hexdigest(), self._config.sender.address
        return Outgoing(key, self._keys.message_id(key, self._domain), sender, sender, data, digest, what, at)

    def _variables(self, prepared: Prepared, contact: Contact, at: int, link: str | None) -> dict[str, object]:
        from nurture_cli.message.footer import permission_reminder
        from nurture_cli.message.footer_words import footer_words
        from nurture_cli.message.language import direction_of, language_of

        language = language_of(prepared.asset, contact, self._config)
        words = footer_words(language)
        return {
            "contact": contact_record(contact, self._config),
            "asset": prepared.record,
            "sender": self._preparation.sender,
            "project": self._preparation.project,
            "unsubscribe_url": link,
            "today": today(at, contact.zone, self._config.zone),
            "language": language,
            "direction": direction_of(language),
            "permission_reminder": permission_reminder(self._config.sender, contact, words),
            "unsubscribe_label": words.unsubscribe,
        }

    def _laid_out(self, prepared: Prepared, variables: dict[str, object], subject: str) -> tuple[str, str | None]:
        """The text and HTML parts with their layouts around them."""
        from nurture_cli.message.headers import cleaned
        from nurture_cli.message.layout import HTML_LAYOUT, TEXT_LAYOUT
        from nurture_cli.message.templates import mark_safe

        text, html = _bodies(prepared, variables)
        if html is not None:
            text = wrapped(text)
        if prepared.whole:
            return text, html
        preheader = cleaned(prepared.preheader.render(variables))
        around = variables | {"subject": subject, "preheader": preheader}
        around_text = self._preparation.layout(TEXT_LAYOUT).render(around | {"body": text})
        text = wrapped(around_text, kept=frozenset(text.split("\n")))
        if html is not None:
            html = self._preparation.layout(HTML_LAYOUT).render(around | {"body": mark_safe(html)})
        return text, html

    def _insist_on_links(self, asset: Asset, text: str, html: str | None) -> None:
        if html is None:
            wrong = trouble_in_text(text)
        else:
            wrong = trouble_in_html(html, unusual=self._preparation.unusual_links)
        if wrong is not None:
            raise RenderError(Flaw.BAD_LINK, wrong, place=asset.file)


def _bodies(prepared: Prepared, variables: dict[str, object]) -> tuple[str, str | None]:
    from nurture_cli.message.headers import shows_something
    from nurture_cli.message.plain import tidy

    asset = prepared.asset
    text = prepared.text.render(variables)
    if not shows_something(text):
        words = "The body has no text for this contact."
        hint = "Give pictures an `alt` text, for readers who do not see them."
        raise RenderError(Flaw.TEMPLATE_ERROR, words, hint, place=f"{asset.file}:{asset.body_line}")
    if prepared.html is None:
        return text, None
    return tidy(text), prepared.html.render(variables)


def _subject(prepared: Prepared, variables: dict[str, object]) -> str:
    """The subject on one line; empty when a reader would see nothing."""
    from nurture_cli.message.headers import cleaned, shows_something

    subject = cleaned(prepared.subject.render(variables))
    if len(subject.encode()) > LONGEST_SUBJECT:
        words = f"The subject is longer than {LONGEST_SUBJECT} octets for this contact."
        raise RenderError(Flaw.TOO_LONG, words, place=place_of(prepared.asset, "subject"))
    return subject if shows_something(subject) else ""


def _insist_on_address(address: str, whose: str, place: str | None = None) -> None:
    try:
        email, _ = email_and_key(address)
    except ValueError as error:
        raise RenderError(Flaw.BAD_ADDRESS, f"{whose} cannot be used. {error}", place=place) from None
    if email.lower() != address.lower():
        raise RenderError(Flaw.BAD_ADDRESS, f"{whose} is not in the form in which mail is sent.", place=place)


@contextmanager
def _limited(asset: Asset) -> Iterator[None]:
    try:
        with Limited():
            yield
    except TooSlow:
        words = f"Making this message takes longer than {MAX_SECONDS:g} second."
        raise RenderError(Flaw.TOO_SLOW, words, place=asset.file) from None
