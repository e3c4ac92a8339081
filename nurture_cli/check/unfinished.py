"""The placeholders that would leave the machine, each with its place; three rules share them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from nurture_cli.campaign.model import Channel, Config
from nurture_cli.check.texts import TemplateText
from nurture_cli.message.layout import FOLDER
from nurture_cli.message.stand_ins import Found, in_links
from nurture_cli.message.unfinished import REPLACE, in_body, in_settings, in_subject, is_part
from nurture_cli.project import Project
from nurture_cli.text.diagnostic import Span

LONGEST_VALUE = 20  # lines of a value that are looked through for a piece of it

Unfinished = tuple[Found, Span, str]  # what it is, where it stands, what to write instead
LineOf = Callable[[str, int], str]  # a line of a file, counted from 1; empty when there is none


def unfinished(project: Project, config: Config, texts: Collection[TemplateText], line: LineOf) -> Iterator[Unfinished]:
    """Everything still to be replaced in what leaves the machine."""
    ways = _ways_out(project, config)
    for channel in ways:
        for setting in in_settings(config, channel):
            piece = setting.text[setting.found.start : setting.found.end]
            yield setting.found, _where(line, config.places[setting.key], piece), setting.help
    for text in texts:
        if _leaves(project, config, text, ways):
            found_in = in_subject(text.text) if text.form is None else in_body(text.text, text.form)
            for found in found_in:
                yield found, text.place(found.start, found.end), REPLACE
    for _, asset in sorted(project.assets.items()):
        if config.channels[asset.channel] in ways:
            for key, value, found_in in (
                ("title", asset.title, in_subject(asset.title)),
                ("link", asset.link or "", in_links(asset.link or "")),
            ):
                for found in found_in:
                    yield found, _where(line, asset.places[key], value[found.start : found.end]), REPLACE


def _ways_out(project: Project, config: Config) -> tuple[Channel, ...]:
    """The channels through which something of the project leaves the machine."""
    names = {asset.channel for asset in project.assets.values()}
    if config.funnel.sales is not None:
        names.add(config.funnel.sales.channel)
    return tuple(one for name, one in config.channels.items() if name in names and one.settings.leaves_machine)


def _leaves(project: Project, config: Config, text: TemplateText, ways: tuple[Channel, ...]) -> bool:
    if text.asset is not None:
        return config.channels[text.asset.channel] in ways
    return any(is_part(text.file.removeprefix(FOLDER), project.sources, channel) for channel in ways)


def _where(line: LineOf, value: Span, piece: str) -> Span:
    """The place of a piece of a value; of the whole value where the file writes it in another way."""
    words = piece.split("\n", 1)[0].strip()
    for number in range(value.line, value.line + LONGEST_VALUE):
        start = value.col - 1 if number == value.line else 0
        at = line(value.file, number).find(words, start) if words else -1
        if at != -1:
            return Span(value.file, number, at + 1, at + 1 + len(words))
    return value
