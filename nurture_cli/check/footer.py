"""Whether every mail prints, somewhere in each of its parts, what the law and readers require."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nurture_cli.campaign.model import Asset, BodyFormat
from nurture_cli.check.survey import Survey
from nurture_cli.check.texts import TemplateText
from nurture_cli.message.layout import FOLDER, HTML_LAYOUT, TEXT_LAYOUT
from nurture_cli.text.diagnostic import Span

Prints = Callable[[TemplateText], bool]


def without(survey: Survey, prints: Prints) -> Iterator[tuple[Span, str]]:
    """The places at which something is missing, and what is there: a layout, or a mail that is a whole page.

    `prints` says of one text whether it is there; the files that a text includes count as part of it.
    """
    from nurture_cli.message.body import is_whole_page

    partials = {text.file.removeprefix(FOLDER): text for text in survey.texts if text.asset is None}
    bodies = {text.file: text for text in survey.texts if text.asset is not None and text.form is not None}

    def anywhere(text: TemplateText) -> bool:
        return any(prints(one) for one in _with_included(text, partials))

    in_layouts: dict[str, list[Asset]] = {}
    for asset in survey.mails:
        if anywhere(bodies[asset.file]):
            continue
        if asset.format is not BodyFormat.TEXT and is_whole_page(asset.body):
            yield asset.span, f"`{asset.name}` brings its own page and"
            continue
        in_layouts.setdefault(TEXT_LAYOUT, []).append(asset)
        if asset.format is not BodyFormat.TEXT:
            in_layouts.setdefault(HTML_LAYOUT, []).append(asset)
    for name in in_layouts:
        layout = partials.get(name)
        if layout is not None and not anywhere(layout):
            yield layout.whole_line(1), "This layout"


def _with_included(text: TemplateText, partials: dict[str, TemplateText]) -> Iterator[TemplateText]:
    seen: set[str] = set()
    ahead = [text]
    while ahead:
        one = ahead.pop()
        if one.file not in seen:
            seen.add(one.file)
            yield one
            ahead += [partials[name] for name, _ in one.included if name in partials]
