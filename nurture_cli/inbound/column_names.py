"""Names of columns in one form, so that a name is recognised however it is written."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OTHER = re.compile(r"[\W_]+")


def plain_name(name: str) -> str:
    """A column's name in one form: `First Name`, `firstName` and `FIRST-NAME` are `first_name`."""
    words = _HUMP.sub("_", unicodedata.normalize("NFKC", name).strip())
    return _OTHER.sub("_", words).strip("_").casefold()


@lru_cache(maxsize=4096)
def bare_name(name: str) -> str:
    """The plain name without accents as well: `Prénom` is `prenom`, `Straße` is `strasse`."""
    parts = unicodedata.normalize("NFD", plain_name(name))
    return "".join(sign for sign in parts if not unicodedata.combining(sign))
