"""Asset files: bytes -> `Asset`: front matter read like any YAML, the body kept as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from pathlib import PurePosixPath

from nurture_cli.campaign.keys.asset import ASSET
from nurture_cli.campaign.keys.blocks import Values, read_block
from nurture_cli.campaign.model import Asset, BodyFormat
from nurture_cli.language.names import NameKind, Names
from nurture_cli.language.reading import Reading
from nurture_cli.text.decode import decode
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span
from nurture_cli.text.nodes import MapNode
from nurture_cli.text.source import MAX_ITEMS, read_yaml
from nurture_cli.timing import is_date, parse_instant

FENCE = "---"


def parse_asset(data: bytes, file: str, names: Names) -> tuple[Asset | None, tuple[Diagnostic, ...]]:
    """The asset in a file (its path within the project), bound to `names`; None when anything is wrong."""
    reading = Reading(names)
    text, found = decode(data, file)
    reading.add(found)
    if text is None:
        return None, reading.diagnostics
    split = split_front_matter(text)
    if split is None:
        _no_front_matter(text, file, reading)
        return None, reading.diagnostics
    front, body = split
    root, found = read_yaml(front, file, 2, items=MAX_ITEMS)
    reading.add(found)
    top = Span(file, 1, 1, len(FENCE) + 1)
    if not found and not isinstance(root, MapNode):
        message = "Between the two `---` there should be keys such as `title:` and `subject:`."
        reading.error("no-front-matter", top, message)
    values = read_block(root, ASSET, reading, "", top) if isinstance(root, MapNode) else None
    if values is None:
        return None, reading.diagnostics
    if not values.given("channel"):
        reading.known(NameKind.CHANNEL, values["channel"], top)
    path = PurePosixPath(file)
    expires = _expires(values, reading)
    variant_of = values["variant_of"]
    if variant_of == path.stem:
        reading.error("bad-variant", values.place("variant_of"), "An asset cannot be a variant of itself.")
    if not reading.sound:
        return None, reading.diagnostics
    asset = Asset(
        name=path.stem,
        file=file,
        hash=sha256(data).hexdigest(),
        span=top,
        title=values["title"],
        kind=values["kind"],
        stages=values["stages"],
        topics=values["topics"],
        roles=values["roles"],
        channel=values["channel"],
        subject=values["subject"],
        preheader=values["preheader"],
        link=values["link"],
        expires=expires,
        variant_of=variant_of,
        format=BodyFormat(path.suffix[1:]),
        body=body,
        body_line=front.count("\n") + 4,
        language=values["language"],
        places=reading.places,
    )
    return asset, reading.diagnostics


def split_front_matter(text: str) -> tuple[str, str] | None:
    """The YAML between the first line `---` and the next one, and the body after it; None without such a pair.

    The YAML has no line end after its last line; its first line is line 2 of the file.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        return None
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    return None


def check_variants(assets: Mapping[str, Asset]) -> tuple[Diagnostic, ...]:
    """What is wrong between assets: a variant of a variant has no clear family."""
    found: list[Diagnostic] = []
    for asset in assets.values():
        other = assets.get(asset.variant_of or "")
        if other is not None and other.variant_of is not None:
            message = f"`{other.name}` is itself a variant, of `{other.variant_of}`."
            help = f"Write `variant_of: {other.variant_of}`."
            place = asset.places["variant_of"]
            found.append(Diagnostic("bad-variant", Severity.ERROR, place, message, help))
    return tuple(found)


def _no_front_matter(text: str, file: str, reading: Reading) -> None:
    if text.split("\n", 1)[0].rstrip() == FENCE:
        message, help = "The front matter is never closed.", "Put a line `---` after its last key."
    elif not text.strip():
        message, help = "This asset is empty.", "Begin it with `---`, `title: …`, `subject: …`, `---`; then its text."
    else:
        message = "This asset has no front matter."
        help = "Begin it with a line `---`, then keys such as `title:` and `subject:`, then another `---`."
    reading.error("no-front-matter", Span(file, 1, 1, 4), message, help)


def _expires(values: Values, reading: Reading) -> int | None:
    """The first instant at which the asset is no longer sent: the end of the given day, or the given time."""
    text = values["expires"]
    if text is None:
        return None
    try:
        if is_date(text):
            text = (date.fromisoformat(text) + timedelta(days=1)).isoformat()
        return parse_instant(text, reading.names.zone)
    except (ValueError, OverflowError) as error:
        reason = str(error) if isinstance(error, ValueError) else "This date is too late."
        reading.error("bad-date", values.place("expires"), reason)
        return None
