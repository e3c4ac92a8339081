"""Small notations inside values: each read by one function that raises ValueError with a whole sentence."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from nurture_cli.campaign.channels import is_on_this_machine
from nurture_cli.campaign.model import Again, Rate
from nurture_cli.timing import Duration, Unit, parse_duration
from nurture_cli.zones import nearest_zones, turned_round, valid_zone

_RATE = re.compile(r"([0-9]{1,6}) +per +(?:([0-9]{1,4}) +)?(hour|day|week)s?")
_RATE_SECONDS = {"hour": 3600, "day": 86400, "week": 7 * 86400}
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])\Z"
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}\Z")
_HOST = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z|\[[0-9A-Fa-f:.]+\]\Z|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+\Z"
)
LONGEST_URL = 900


def parse_within(text: str) -> Duration | None:
    """A length of time, or `forever` (None)."""
    return None if text.strip() == "forever" else parse_duration(text)


def parse_elapsed(text: str) -> int:
    """A length of time in seconds; a day counts 24 hours."""
    duration = parse_duration(text)
    if duration.unit is Unit.BUSINESS_DAYS:
        raise ValueError("This counts days of 24 hours, not business days.")
    return duration.seconds


def parse_weight(text: str) -> float:
    """A number from 0 to 100, with at most three digits after its point."""
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text) or float(text) > 100:
        raise ValueError(f"`{text[:40]}` is not a number from 0 to 100.")
    return float(text)


def parse_again(text: str) -> tuple[Again, Duration | None]:
    """`never`, `always`, or `every <length of time>`."""
    words = text.split(maxsplit=1)
    if words in (["never"], ["always"]):
        return Again(words[0]), None
    if len(words) == 2 and words[0] == "every":
        return Again.EVERY, parse_duration(words[1])
    raise ValueError("`again` is `never`, `always`, or a time such as `every 90 days`.")


def parse_rate(text: str) -> Rate:
    """`1 per day`, `3 per week`, `2 per 10 days`."""
    found = _RATE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"`{text}` is not a limit: write it like `1 per day`, `3 per week` or `2 per 10 days`.")
    count, number, unit = int(found[1]), int(found[2] or 1), found[3]
    if count == 0 or number == 0:
        raise ValueError(f"`{text}` would let nothing pass: both numbers must be above zero.")
    return Rate(count, number * _RATE_SECONDS[unit])


def parse_zone(text: str) -> str:
    """An IANA time zone named after a place, or UTC."""
    name = text.strip()
    if not valid_zone(name):
        near = nearest_zones(name)
        guess = f"did you mean {' or '.join(f'`{zone}`' for zone in near)}?" if near else "for example `Europe/Berlin`."
        raise ValueError(f"`{name}` is not a known time zone: write it as area and city; {guess}")
    where = turned_round(name)
    if where is not None:
        raise ValueError(
            f"`{name}` means {where}, the opposite of what it looks like, and has no summer time: write a place like "
            "`America/New_York`."
        )
    if name != "UTC" and ("/" not in name or name.startswith("Etc/")):
        raise ValueError(
            f"`{name}` names no place, so it has no rule for summer time: write a place like `America/New_York`."
        )
    return name


def parse_language(text: str) -> str:
    """A language code such as `en` or `pt-BR`, in its usual spelling."""
    code = text.strip().replace("_", "-")
    if not _LANGUAGE.fullmatch(code):
        raise ValueError(f"`{text}` is not a language code: write two letters such as `en`, or with a country `pt-BR`.")
    language, *more = code.split("-")
    return "-".join((language.lower(), *(part.title() if len(part) == 4 else part.upper() for part in more)))


def parse_address(text: str) -> str:
    """One e-mail address, without a name."""
    if not _ADDRESS.match(text) or len(text) > 254 or len(text.partition("@")[0]) > 64:
        if not text.isascii():
            raise ValueError(f"`{text}` has characters outside ASCII: write the domain in its `xn--` form.")
        raise ValueError(f"`{text}` is not one e-mail address: write it like `anna@example.com`, without a name.")
    return text


def parse_unsubscribe_url(text: str) -> str:
    """An https address with `{token}` in it."""
    url = _web_address(text, ("https",))
    if url.count("{token}") != 1:
        raise ValueError("The unsubscribe address must contain `{token}` once: the contact's own token goes there.")
    return url


def parse_link(text: str) -> str:
    """A whole http or https address."""
    return _web_address(text, ("https", "http"))


def parse_webhook_url(text: str) -> str:
    """An https address, or http on this machine."""
    url = _web_address(text, ("https", "http"))
    if url.startswith("http://") and not is_on_this_machine(url):
        raise ValueError("Contact data goes over this address: it must begin with `https://`, except on this machine.")
    return url


def _web_address(text: str, schemes: tuple[str, ...]) -> str:
    from urllib.parse import urlsplit  # slow to import, and few files have an address

    wanted = " or ".join(f"`{scheme}://`" for scheme in schemes)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"`{text}` is not a web address.") from None
    if parts.scheme not in schemes or not host:
        raise ValueError(f"`{text}` is not a complete web address: it must begin with {wanted} and name a host.")
    if "@" in parts.netloc:
        raise ValueError("A web address must not carry a user name or password.")
    if len(text) > LONGEST_URL or not text.isprintable() or re.search(r'[\s<>"\\^`]', text):
        raise ValueError(f"This web address is longer than {LONGEST_URL} characters or has a space or quote in it.")
    return text


def parse_variable(text: str) -> str:
    """The name of an environment variable."""
    if not _VARIABLE.match(text):
        raise ValueError(
            "This must be the name of an environment variable, such as `SMTP_PASSWORD`, not the secret itself."
        )
    return text


def parse_host(text: str) -> str:
    """A host name or address, without scheme or port."""
    if not _HOST.match(text):
        raise ValueError(f"`{text}` is not a host: write a name such as `smtp.example.com`; the port has its own key.")
    return text


def parse_folder(text: str) -> str:
    """A folder inside the project."""
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or ":" in text or str(path) == ".":
        raise ValueError(f"`{text}` is not a folder inside the project: write a plain name such as `outbox`.")
    return str(path)


def parse_path(text: str) -> str:
    """A path to a file, anywhere."""
    if not text.strip():
        raise ValueError("This path is empty.")
    return text
