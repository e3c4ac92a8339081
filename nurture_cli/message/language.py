"""The language of a mail, and its direction."""

from __future__ import annotations

from functools import lru_cache

from nurture_cli.campaign.keys.notations import parse_language
from nurture_cli.campaign.model import Asset, Config
from nurture_cli.records import Contact

DEFAULT = "en"
_RIGHT_TO_LEFT = frozenset(("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"))


def language_of(asset: Asset, contact: Contact, config: Config) -> str:
    """The code of the language in which a mail counts as written.

    The asset's language if it names one; else the contact's, if the project writes in it (a project without `languages`
    writes in any); else the project's first; else English.
    """
    if asset.language is not None:
        return asset.language
    spoken = _code(contact.language)
    if not config.languages:
        return spoken or DEFAULT
    written = config.languages
    return next((one for one in written if one == spoken), None) or next(
        (one for one in written if spoken is not None and primary(one) == primary(spoken)), written[0]
    )


def direction_of(language: str) -> str:
    """`rtl` where the language is written from right to left, else `ltr`."""
    return "rtl" if primary(language) in _RIGHT_TO_LEFT else "ltr"


def primary(language: str) -> str:
    """The language alone, without script and country: `pt` of `pt-BR`."""
    return language.partition("-")[0]


@lru_cache(maxsize=256)
def _code(given: str | None) -> str | None:
    """The code of a contact's language; None for a text that is not a code, such as `German`."""
    try:
        return parse_language(given) if given else None
    except ValueError:
        return None
