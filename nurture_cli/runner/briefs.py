"""The briefs for Sales that a run delivers, made before the first message leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nurture_cli.campaign.model import Asset, BodyFormat
from nurture_cli.message.outgoing import Outgoing
from nurture_cli.message.render import Renderer
from nurture_cli.planner.plan import Due
from nurture_cli.planner.world import BRIEF
from nurture_cli.project import Project
from nurture_cli.records import Contact
from nurture_cli.store.database import Connection
from nurture_cli.text.diagnostic import Span

HERE = Span("nurture.yml", 1, 1, 1)


def brief_asset(channel: str) -> Asset:
    """The brief as an asset, for code that expects one."""
    return Asset(
        name=BRIEF, file=HERE.file, hash=BRIEF, span=HERE, title="A lead for Sales", kind="brief", stages=(), topics=(),
        roles=(), channel=channel, subject="", preheader="", link=None, expires=None, variant_of=None,
        format=BodyFormat.TEXT, body="", body_line=1,
    )  # fmt: skip


def asset_of(project: Project, name: str, channel: str) -> Asset:
    """The asset with this name, or the brief."""
    return brief_asset(channel) if name == BRIEF else project.assets[name]


class Briefs:
    """Makes the messages of a run: briefs from the texts made at the beginning, all others with the renderer."""

    def __init__(self, renderer: Renderer, project: Project, db: Connection, briefs: Iterable[Due]) -> None:
        self._renderer = renderer
        self._texts: Mapping[str, tuple[str, str, object]] = {touch.key: _made(project, db, touch) for touch in briefs}
        sales = None if project.config is None else project.config.funnel.sales
        self._to = None if sales is None else sales.to

    def message(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """A mail."""
        if asset.name != BRIEF:
            return self._renderer.message(asset, contact, key=key, at=at, today_at=today_at)
        subject, text, _ = self._texts[key]
        return self._renderer.letter(self._to, subject, text, what=BRIEF, key=key, at=at)

    def document(self, asset: Asset, contact: Contact, *, key: str, at: int, today_at: int | None = None) -> Outgoing:
        """The JSON for a webhook, or the text of a task."""
        if asset.name != BRIEF:
            return self._renderer.document(asset, contact, key=key, at=at, today_at=today_at)
        _, _, record = self._texts[key]
        return self._renderer.notice({"handoff": record}, what=BRIEF, key=key, at=at)


def _made(project: Project, db: Connection, touch: Due) -> tuple[str, str, object]:
    """Subject, text and record of a brief, as of the hand-off: the same at every attempt."""
    from nurture_cli.report.brief import make_brief
    from nurture_cli.report.brief_record import as_record
    from nurture_cli.report.brief_text import markdown, name_of
    from nurture_cli.store.sales import handoffs_of

    assert project.config is not None
    handoff = next(one for one in handoffs_of(db, touch.contact_id) if one.id == touch.handoff_id)
    brief = make_brief(db, project.config, project.assets, handoff, handoff.at)
    company = f", {brief.contact.company}" if brief.contact.company else ""
    return f"Lead: {name_of(brief)}{company}", markdown(brief), as_record(brief)
