"""Placeholders that nobody will fill: merge fields of other tools, our own with a bracket amiss, and what is left over.

A text may talk about placeholders, so what could be meant as it stands is only looked for outside code, and only if it
names what a merge field names: a person, a company, a mail address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.message.piece import Piece
from nurture_cli.message.prose import blank, prose

_TAGS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SILENT = re.compile(r"\{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}|\{#.*?#\}", re.DOTALL)

_OURS = r"(?:(?:contact|asset|sender|project)\.[A-Za-z]\w*|unsubscribe_url)"
_WHOSE = r"(?:contact|subscriber|recipient|customer|client|member|lead|person|prospect|account)"
_WHAT = (
    r"(?:(?:first|last|full|given|family|sur|nick|middle|your|company)?[ _-]?name|[fl][ _-]?name"
    r"|vorname|nachname|pr[eé]nom|e-?mail(?:[ _-]?address)?|company|salutation|job[ _-]?title)"
)
_PERSON = rf"(?i:(?:{_WHOSE}[ _.:-]?|user[_.:])?{_WHAT})"

# Ours, with brackets that make it something else; looked for before our own tags are put aside.
_MISSPELT = re.compile(
    rf"""
      (?<!\{{)\{{\{{[ \t]*[\w.]+(?:[ \t]*\|[^{{}}\n]*)?[ \t]*\}}(?!\}})      # {{{{ contact.first_name }}
    | \{{\{{\{{[ \t]*[A-Za-z][\w. ]*\}}\}}\}}                                # {{{{{{name}}}}}}
    | \{{\{{[ \t]*(?:{_WHOSE}\.)?[A-Z]\w*(?:[ ](?!(?:if|is|in|and|or|not)\b)\w+)+[ \t]*\}}\}}  # {{{{ First Name }}}}
    | \{{\{{[^{{}}\n]*\|[ \t]*default[ \t]*:[^{{}}\n]*\}}\}}                 # {{{{ first_name | default: "you" }}}}
    | \{{%[ \t]*{_OURS}[^{{}}\n]*%\}}                                        # {{% contact.first_name %}}
    """,
    re.VERBOSE,
)
# Signs that mean nothing else, wherever they stand.
_FOREIGN = re.compile(
    rf"""
      \*\|[A-Za-z][\w:.,/%\- ]*\|\*                      # *|FNAME|*
    | %%=?[A-Za-z][\w.()@]*=?%%                          # %%first_name%%
    | \#\#[A-Z][A-Z0-9_]+\#\#                            # ##NAME##
    | [$\#]?\{{[ \t]*\{{?[ \t]*{_OURS}[^{{}}\n]*\}}[ \t]*\}}?  # {{ contact.first_name }}}}
    | [\[<%$]{_OURS}[\]>%$]                              # [contact.first_name]
    | ~(?:Contact|Company|User|Owner)\.\w+~              # ~Contact.FirstName~
    """,
    re.VERBOSE,
)
# Signs that code, links or prose may have as well.
_AMBIGUOUS = re.compile(
    rf"""
      %(?![0-9A-Fa-f]{{2}})[A-Z][A-Z0-9_]+%              # %FNAME%, and not the %C3%BC of a link
    | (?<!\S)%[A-Z][A-Z0-9_]+%                           # %DATE% as a word
    | (?<![\w%])%{_PERSON}%                              # %first_name%
    | \[\[\s*[A-Za-z][\w .:-]*\]\](?!\()                 # [[first_name]]
    | (?<![\\\[\]!])\[\s*(?:{_PERSON}|[A-Z]+(?:_[A-Z0-9]+)+)\s*\](?![(\[:\]])  # [first_name], and no link
    | (?<![\\\[\]!])\[subscriber:[^\]\n]*\]              # [subscriber:firstname | default:friend]
    | <<\s*{_PERSON}\s*>>                                # <<First Name>>
    | «\s*(?i:(?:first|last|full)[ _]?name)\s*»          # «First Name»
    | \$\{{[A-Za-z][\w.]*\}}                             # ${{first_name}}
    | \{{[$!][A-Za-z][\w.]*\}}                           # {{$name}}
    | (?<![\w$\{{])\{{[A-Z][A-Z0-9_]+\}}(?!\}})          # {{FIRST_NAME}}
    | (?<![\w$\{{])\{{\s*{_PERSON}\s*\}}(?!\}})          # {{name}}
    | <%=?[^%<>]+%>                                      # <%= name %>
    """,
    re.VERBOSE,
)
_BRACKETS = re.compile(r"\{\{|\{%|\}\}|%\}")

_OUR_NAME = re.compile(_OURS)
# What is meant, by the letters that are left of a merge field once the words for whose it is are taken away.
_WHOSE_FIRST = re.compile(rf"(?i:{_WHOSE}|user|merge)[ _.:-]+")
_MEANT = {
    ("lastname", "lname", "surname", "familyname", "nachname"): 'contact.last_name | default("")',
    ("company", "companyname"): 'contact.company | default("your company")',
    ("email", "mail", "emailaddress"): "contact.email",
    ("jobtitle",): 'contact.job_title | default("")',
    ("unsub", "unsubscribe", "unsubscribeurl", "unsubscribelink"): "unsubscribe_url",
}
_FIRST_NAME = 'contact.first_name | default("there")'


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A placeholder as it is written, with its line and column in the user's file (from 1)."""

    text: str
    line: int
    col: int

    @property
    def ours(self) -> bool:
        """Whether it names something of ours, so that only its brackets are wrong."""
        return _OUR_NAME.search(self.text) is not None

    @property
    def meant(self) -> str:
        """How it is written here."""
        name = _OUR_NAME.search(self.text)
        if name is not None:
            return f"{{{{ {name[0]} }}}}"
        letters = re.sub(r"[^a-z]", "", _WHOSE_FIRST.sub("", self.text.partition("default")[0]).lower())
        known = next((written for names, written in _MEANT.items() if letters in names), _FIRST_NAME)
        return f"{{{{ {known} }}}}"


def foreign_placeholders(piece: Piece, form: BodyFormat | None = None) -> tuple[Placeholder, ...]:
    """The placeholders in template text that nobody would fill; `form` is that of a body, None for a single line."""
    text = _SILENT.sub(blank, piece.text)
    found = [*_hits(_MISSPELT, text)]
    text = _TAGS.sub(blank, _MISSPELT.sub(blank, text))
    found += _hits(_FOREIGN, text)
    read = prose(_FOREIGN.sub(blank, text), form)
    found += (hit for hit in _hits(_AMBIGUOUS, read) if not _is_reference(hit[0], read))
    return tuple(_placed(hit, text, piece) for hit in sorted(found, key=lambda hit: hit.start()))


def leftovers(text: str) -> str | None:
    """The first placeholder in a text that is printed as it stands, of our own kind or another's."""
    found = _BRACKETS.search(text) or _FOREIGN.search(text) or _AMBIGUOUS.search(text)
    return found[0] if found else None


def _hits(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return pattern.finditer(text)


def _is_reference(found: str, text: str) -> bool:
    """Whether `[name]` is a link of Markdown whose address stands elsewhere in the text."""
    return found.startswith("[") and re.search(rf"^ {{0,3}}{re.escape(found)}:", text, re.M | re.I) is not None


def _placed(hit: re.Match[str], text: str, piece: Piece) -> Placeholder:
    line = piece.line(text.count("\n", 0, hit.start()) + 1)
    return Placeholder(hit[0], line, hit.start() - text.rfind("\n", 0, hit.start()))
