"""Assets and campaigns to begin with: their names, and the contents of their files."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath
from string import Template
from typing import TYPE_CHECKING

from nurture_cli.campaign.folder import ASSET_SUFFIXES, CAMPAIGN_SUFFIXES
from nurture_cli.campaign.keys.kinds import LONGEST_NAME, NAME
from nurture_cli.cli.answers import STARTER
from nurture_cli.errors import WrongUsage
from nurture_cli.places import CAMPAIGNS, TEMPLATES

if TYPE_CHECKING:
    from nurture_cli.campaign.model import Campaign, Config

HIGHEST, STEP = 50, 5  # priorities that a new campaign may get
WAIT = "4 days"
_RESERVED = ("readme",)  # files that are not read


def insist_on_name(what: str, name: str) -> None:
    """Raise WrongUsage, with a name that would do, when a file of the project cannot be called so."""
    if NAME.match(name) and len(name) <= LONGEST_NAME and name not in _RESERVED:
        return
    rules = f"A name has lowercase letters a-z, digits, `-` and `_`, at most {LONGEST_NAME}."
    bare = re.sub(r"\A(?:templates|campaigns)/|\.(?:md|html|txt|ya?ml)\Z", "", name.lower())
    better = re.sub(r"[^a-z0-9_]+", "-", bare).strip("-_")[:LONGEST_NAME]
    fits = better and better not in _RESERVED
    raise WrongUsage(f"`{name}` cannot be the name of {what}. {rules}", f"Try `{better}`." if fits else None)


def asset_file(name: str) -> str:
    """Where a new asset goes."""
    return f"{TEMPLATES}/{name}{ASSET_SUFFIXES[0]}"


def campaign_file(name: str) -> str:
    """Where a new campaign goes."""
    return f"{CAMPAIGNS}/{name}{CAMPAIGN_SUFFIXES[0]}"


def of_that_name(file: str) -> list[str]:
    """The files that would have the same name as this one, with any of the endings that its folder knows."""
    path = PurePosixPath(file)
    suffixes = ASSET_SUFFIXES if path.parent.name == TEMPLATES else CAMPAIGN_SUFFIXES
    return [str(path.with_suffix(suffix)) for suffix in suffixes]


def exists(root: Path, asset: str) -> bool:
    """Whether the project has a file for this asset, even a broken one."""
    return any(os.path.lexists(root / file) for file in of_that_name(asset_file(asset)))


def asset_text(name: str, config: Config) -> bytes:
    """An asset with real words, and a link to be replaced, for the channel that carries mail."""
    mail = [one.name for one in config.channels.values() if one.settings.is_mail]
    other = f"\nchannel: {mail[0]}" if mail and "mail" not in mail else ""
    return _filled("asset.md", name=name, title=title_of(name), subject=title_of(name), channel=other)


def campaign_text(name: str, assets: Iterable[str], config: Config, others: Collection[Campaign]) -> bytes:
    """A campaign that sends these assets one after the other."""
    steps = f"\n    - wait: {WAIT}\n".join(f"    - send: {asset}" for asset in assets)
    return _filled(
        "campaign.yml", name=name, title=title_of(name), steps=steps, exit=_way_out(config),
        priority=str(_free_priority({other.priority for other in others})),
    )  # fmt: skip


def title_of(name: str) -> str:
    """A name as people would write it: `pricing-guide` is `Pricing guide`; quoted where YAML needs it."""
    words = re.sub(r"[-_]+", " ", name).strip() or name
    words = words[0].upper() + words[1:]
    return words if words[0].isalpha() and words.lower() not in ("true", "false", "null") else f'"{words}"'


def _way_out(config: Config) -> str:
    """The stage in which contacts leave: that of buyers."""
    sales = config.funnel.sales
    won = sales.won if sales is not None else None
    stage = won or ("customer" if "customer" in config.stages else None)
    return 'did("purchased")' if stage is None else f'stage == "{stage}"'


def _free_priority(taken: Collection[int]) -> int:
    """The highest priority that no other campaign has, so that none wins by chance."""
    return next((one for one in range(HIGHEST, 0, -STEP) if one not in taken), HIGHEST)


def _filled(file: str, **words: str) -> bytes:
    return Template((STARTER / "new" / file).read_text("utf-8")).substitute(words).encode()
