"""The work that is done once for all contacts: layouts, partials and bodies, read, converted and compiled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nurture_cli.campaign.model import Asset, BodyFormat, Channel, Config
from nurture_cli.message.body import is_whole_page, rendition
from nurture_cli.message.contexts import insist_on_safe_places
from nurture_cli.message.email import frame
from nurture_cli.message.failure import Flaw, RenderError, place_of
from nurture_cli.message.layout import HTML_LAYOUT, TEXT_LAYOUT, built_in, partials, written_in
from nurture_cli.message.limits import Limited, TooSlow
from nurture_cli.message.links import has_unusual_links, trouble
from nurture_cli.message.piece import Piece
from nurture_cli.message.placeholders import foreign_placeholders, leftovers
from nurture_cli.message.record import Record, asset_record, sender_record
from nurture_cli.message.templates import Compiled, Templates, uses
from nurture_cli.message.unfinished import refuse_unfinished, refuse_unfinished_asset

MAX_SECONDS = 10.0  # for the work that is done once


@dataclass(frozen=True, slots=True)
class Prepared:
    """An asset whose templates are ready; `html` is None for text alone, `whole` says that no layout goes around it."""

    asset: Asset
    record: Record
    subject: Compiled
    preheader: Compiled
    text: Compiled
    html: Compiled | None
    whole: bool


class Preparation:
    """The templates of a project; everything in it is made once.

    Messages that leave the machine are made only without placeholders, except as `drafts`.
    """

    def __init__(self, config: Config, sources: Mapping[str, str], *, drafts: bool = False) -> None:
        self.frame = frame(config)
        self.sender = sender_record(config)
        self.project = Record("project", {"name": config.name})
        self.unusual_links = False  # whether any template writes links as `href = x`
        self._config = config
        self._sources = sources
        self._drafts = drafts
        self._finished: dict[str, RenderError | None] = {}  # channel -> what is unfinished in all its messages
        self._partials = partials(sources)
        self._ready: dict[tuple[str, bool], Piece | None] = {}
        self._assets: dict[tuple[str, str], Prepared | RenderError] = {}
        self._layouts: dict[str, Compiled] = {}
        known = tuple(self._partials)
        self._html = Templates(lambda name: self._partial(name, html=True), known, html=True)
        self._text = Templates(lambda name: self._partial(name, html=False), known, html=False)

    def asset(self, asset: Asset) -> Prepared:
        """The asset, ready; raises RenderError, the same each time."""
        key = (asset.name, asset.hash)
        made = self._assets.get(key)
        if made is None:
            try:
                with Limited(MAX_SECONDS):
                    made = self._prepare(asset)
            except TooSlow:
                words = f"Reading this template takes longer than {MAX_SECONDS:g} seconds."
                raise RenderError(Flaw.TOO_SLOW, words, place=asset.file) from None
            except RenderError as error:
                made = error
            if not isinstance(made, RenderError) or made.reason is not Flaw.TOO_SLOW:  # which may pass
                self._assets[key] = made
        if isinstance(made, RenderError):
            raise made.with_traceback(None)
        return made

    def insist_on_finished(self, channel: Channel) -> None:
        """Raise RenderError while every message of this channel would contain a placeholder."""
        if self._drafts or not channel.settings.leaves_machine:
            return
        if channel.name not in self._finished:
            try:
                refuse_unfinished(self._config, self._sources, channel)
                self._finished[channel.name] = None
            except RenderError as error:
                self._finished[channel.name] = error
        unfinished = self._finished[channel.name]
        if unfinished is not None:
            raise unfinished.with_traceback(None)

    def layout(self, name: str) -> Compiled:
        """The project's own layout of that name, or the built-in one."""
        made = self._layouts.get(name)
        if made is None:
            piece = self._layout(name)
            _refuse_foreign(piece, written_in(name))
            if name == HTML_LAYOUT:
                made = self._compiled(rendition(piece, BodyFormat.HTML, html=True))
            else:
                made = self._text.compile(piece)
            if "body" not in {use.name for use in uses(piece.text)}:
                words = "The layout never prints `{{ body }}`, so every mail would be empty."
                raise RenderError(Flaw.TEMPLATE_ERROR, words, place=piece.place())
            self._layouts[name] = made
        return made

    def layout_file(self, name: str) -> str:
        """The place of the layout of that name."""
        return self._layout(name).file

    def _layout(self, name: str) -> Piece:
        return self._partials.get(name) or built_in(name)

    def _prepare(self, asset: Asset) -> Prepared:
        channel = self._config.channels[asset.channel]
        self.insist_on_finished(channel)
        if channel.settings.leaves_machine and not self._drafts:
            refuse_unfinished_asset(asset)
        subject, preheader = (
            Piece(asset.file, text, asset.places.get(key, asset.span).line)
            for key, text in (("subject", asset.subject), ("preheader", asset.preheader))
        )
        body = Piece(asset.file, asset.body, asset.body_line)
        for piece, form in ((subject, None), (preheader, None), (body, asset.format)):
            _refuse_foreign(piece, form)
        self._refuse_unresolved(asset)
        self.layout(TEXT_LAYOUT)
        html = None
        if asset.format is not BodyFormat.TEXT:
            self.layout(HTML_LAYOUT)
            html = self._compiled(rendition(body, asset.format, html=True))
        return Prepared(
            asset,
            asset_record(asset),
            self._text.compile(subject),
            self._text.compile(preheader),
            self._text.compile(rendition(body, asset.format, html=False)),
            html,
            html is not None and is_whole_page(asset.body),
        )

    def _partial(self, name: str, *, html: bool) -> Piece | None:
        key = (name, html)
        if key not in self._ready:
            piece, written = self._partials.get(name), written_in(name)
            if piece is not None:
                _refuse_foreign(piece, written)
            ready = None if piece is None or written is None else rendition(piece, written, html=html)
            if html and ready is not None:
                self._look_at_html(ready)
            self._ready[key] = ready
        return self._ready[key]

    def _compiled(self, piece: Piece) -> Compiled:
        self._look_at_html(piece)
        return self._html.compile(piece)

    def _look_at_html(self, piece: Piece) -> None:
        insist_on_safe_places(piece)
        self.unusual_links = self.unusual_links or has_unusual_links(piece.text)

    def _refuse_unresolved(self, asset: Asset) -> None:
        """Raise RenderError for a variable in a text that is printed as it is and never rendered."""
        sender, config = self._config.sender, self._config
        for text, words, place in (
            (asset.title, "The title", place_of(asset, "title")),
            (asset.link or "", "The link", place_of(asset, "link")),
            (sender.name, "The sender's name", config.file),
            (sender.postal_address, "The postal address", config.file),
            (sender.permission_reminder or "", "The permission reminder", config.file),
            (config.name, "The project's name", config.file),
        ):
            found = leftovers(text)
            if found is not None:
                raise RenderError(
                    Flaw.UNRESOLVED_PLACEHOLDER,
                    f"{words} contains `{found}`, which nothing would fill.",
                    "Variables can be used in the subject, the preheader and the body.",
                    place=place,
                )
        wrong = trouble(asset.link) if asset.link is not None else None
        if wrong is not None:
            raise RenderError(Flaw.BAD_LINK, wrong, place=place_of(asset, "link"))


def _refuse_foreign(piece: Piece, form: BodyFormat | None) -> None:
    for found in foreign_placeholders(piece, form):
        raise RenderError(
            Flaw.UNRESOLVED_PLACEHOLDER,
            f"`{found.text[:40]}` would be sent as it is: nothing fills it.",
            f"Write: {found.meant}",
            place=f"{piece.file}:{found.line}",
        )
