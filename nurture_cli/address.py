"""Mail addresses: the form we write to, and the key by which two spellings are one address.

Strict on purpose: what is accepted here goes into an SMTP command. The local part keeps its case for sending and
loses it in the key; `+tags` and dots stay, since only the domain's owner knows what they mean.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MAX_LOCAL = 64
MAX_ADDRESS = 254

# Typed or pasted around an address without being seen: blanks, zero-width characters, marks of direction and order.
_EDGES = (
    " \t\u00a0\u00ad\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d"
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2066\u2067\u2068\u2069\u3000\ufeff"
)
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
# An address that begins or ends with one of these before the @ is meant as a pattern: `*@competitor.com`.
_WILD = "*%?"
_LOCAL = rf"(?![{_WILD}]){_ATOM}(?:\.{_ATOM})*(?<![{_WILD}])"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_TOP = r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
_DOMAIN = rf"(?:{_LABEL}\.)+{_TOP}"
# All of these are asked about small letters.
_whole = re.compile(rf"{_LOCAL}@{_DOMAIN}").fullmatch
# The same for many at once, one a line, short and without `--`: it never steps back, which is most of its speed.
_plain_label = r"[a-z0-9]++(?:-[a-z0-9]++)*+"
_plain_local = rf"(?![{_WILD}]){_ATOM}+(?:\.{_ATOM}+)*+(?<![{_WILD}])"
_all_whole = re.compile(rf"(?:{_plain_local}@(?:{_plain_label}\.)+[a-z](?:-?[a-z0-9]++)++\n)*+").fullmatch
_local_part = re.compile(_LOCAL).fullmatch
_domain = re.compile(_DOMAIN).fullmatch
_SIGNS = {
    "<": "Write only the address, without a name and angle brackets.",
    ">": "Write only the address, without a name and angle brackets.",
    ",": "Write only one address, without a comma.",
    ";": "Write only one address, without a semicolon.",
    '"': "nurture sends no mail to an address with a quoted part before the @.",
    "(": "Comments in brackets are not part of an address.",
    ")": "Comments in brackets are not part of an address.",
    "[": "A domain name is needed; an address literal in square brackets is not one.",
    "]": "A domain name is needed; an address literal in square brackets is not one.",
    "\\": "A backslash cannot be part of an address.",
    ":": "A colon cannot be part of an address.",
}


@dataclass(frozen=True, slots=True)
class Address:
    """`email` is ASCII and fit for an SMTP command; `key` is the same for all spellings of one address."""

    email: str
    key: str


def normalise(text: str) -> Address:
    """Read one mail address; raises ValueError with a whole sentence that does not repeat it."""
    email, key = email_and_key(text)
    return Address(email, key)


def email_and_key(text: str) -> tuple[str, str]:
    """The two forms of an address, for those who read a million of them; raises ValueError like `normalise`."""
    key = text.lower()
    if "--" in key or len(key) > MAX_LOCAL or _whole(key) is None:
        return _look_closely(text)
    if key == text:
        return text, key
    if not text.isascii():  # some letters beyond ASCII have a small form within it
        return _look_closely(text)
    at = key.index("@")
    return text[:at] + key[at:], key


def means_many(text: str) -> str | None:
    """The domain of what means all addresses of a domain: `*@x.com`, `@x.com`, `x.com`; None for anything else."""
    local, _, domain = text.strip(_EDGES).lower().rpartition("@")
    domain = domain.removeprefix("*.")
    return domain if local.strip(_WILD) == "" and _domain(domain) is not None else None


def are_keys(texts: Sequence[str]) -> bool:
    """Whether all of these are addresses in the form of their keys; a no may just mean that one must look closer."""
    lines = "\n".join(texts) + "\n"
    return (
        "--" not in lines
        and max(map(len, texts)) <= MAX_LOCAL
        and lines.count("\n") == len(texts)
        and _all_whole(lines) is not None
    )


def _look_closely(text: str) -> tuple[str, str]:
    text = unicodedata.normalize("NFKC", text.strip(_EDGES)).strip(_EDGES).replace("\u3002", ".")
    reason = _fault(text)
    if reason is not None:
        raise ValueError(reason)
    local, _, domain = text.rpartition("@")
    domain = domain.lower()
    if not domain.isascii() or any(label[2:4] == "--" for label in domain.split(".")):
        domain = _encoded(domain)
    if _domain(domain) is None:
        raise ValueError("The domain is not a valid name.")
    email = f"{local}@{domain}"
    if len(email) > MAX_ADDRESS:
        raise ValueError(f"The address is longer than {MAX_ADDRESS} characters.")
    return email, email.lower()


def _fault(text: str) -> str | None:
    """What is wrong with an address, apart from the labels of an international domain; None when nothing is."""
    if not text:
        return "There is no address."
    local, at, domain = text.rpartition("@")
    if "\r" in text or "\n" in text:
        return "There is a line break inside the address."
    hidden = next((sign for sign in text if _invisible(sign)), None)
    if hidden is not None:
        return f"There is an invisible character (U+{ord(hidden):04X}) inside the address."
    named = next((sign for sign in text if sign in _SIGNS), None)
    if named is not None:
        return _SIGNS[named]
    if any(sign.isspace() for sign in text):
        return "There is a space inside the address."
    if not at:
        return "An address needs an @."
    if "@" in local:
        return "An address has one @, not several."
    if not local:
        return "There is nothing before the @."
    if not domain:
        return "There is nothing after the @."
    if not local.isascii():
        return "The part before the @ has letters that most mail servers do not take: only ASCII works."
    if len(local) > MAX_LOCAL:
        return f"The part before the @ is longer than {MAX_LOCAL} characters."
    if local.startswith(tuple(_WILD)) or local.endswith(tuple(_WILD)):
        return "This is a pattern; write a single address."
    if _local_part(local.lower()) is None:
        return "The part before the @ begins or ends with a dot, or has two dots in a row."
    if "." not in domain.strip("."):
        return "The domain needs a dot, as in company.example."
    if domain[0] == "." or domain[-1] == "." or ".." in domain:
        return "The domain begins or ends with a dot, or has two dots in a row."
    if domain.isascii() and _domain(domain.lower()) is None:
        return "The domain is not a valid name: letters, digits and inner hyphens, and no number at the end."
    return None


def _invisible(sign: str) -> bool:
    # Two joiners belong to the spelling of some Indian and Persian domains, where IDNA judges them.
    return unicodedata.category(sign) in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp") and sign not in "\u200c\u200d"


def _encoded(domain: str) -> str:
    # Imported here: it takes as long as the whole start of the program, and few lists need it.
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            f"x@{domain}", check_deliverability=False, allow_smtputf8=False, globally_deliverable=False
        )
    except EmailNotValidError:
        raise ValueError("The domain is not a valid international name.") from None
    return found.ascii_domain or domain
