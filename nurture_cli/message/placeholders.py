"""Placeholders that nothing will fill: merge fields of other tools, our own with a wrong bracket, and leftovers.

A text may be about placeholders, so doubtful ones count only outside code, and only if they name what a merge field
names: a person, a company, a mail address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.message.piece import Piece
from nurture_cli.message.prose import blank, prose

MOST = 100  # placeholders that are reported for one text

# What is never closed goes on to the end, so that no text is searched again and again for an end that it has not.
_TAGS = re.compile(r"\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z)", re.DOTALL)
_SILENT = re.compile(
    r"\{%[-+]?\s{0,9}raw\s{0,9}[-+]?%\}.*?(?:\{%[-+]?\s{0,9}endraw\s{0,9}[-+]?%\}|\Z)|\{#.*?(?:#\}|\Z)", re.DOTALL
)

_GAP = r"[ \t]{0,9}"
_INSIDE = r"[^{}\n]{0,200}"
_OURS = r"(?:(?:contact|asset|sender|project)\.[A-Za-z]\w*|unsubscribe_url)"
_WHOSE = r"(?:contact|subscriber|recipient|customer|client|member|lead|person|prospect|account)"
_WHAT = (
    r"(?:(?:first|last|full|given|family|sur|nick|middle|your|company)?[ _-]?name|[fl][ _-]?name"
    r"|vorname|nachname|pr[eé]nom|e-?mail(?:[ _-]?address)?|company|salutation|job[ _-]?title)"
)
_PERSON = rf"(?i:(?:{_WHOSE}[ _.:-]?|user[_.:])?{_WHAT})"

# Ours, with brackets that make them something else; looked for before our own tags are put aside.
_MISSPELT = re.compile(
    rf"""
      (?<!\{{)\{{\{{{_GAP}[\w.]+(?:{_GAP}\|{_INSIDE})?{_GAP}\}}(?!\}})  # {{{{ contact.first_name }}
    | \{{\{{\{{{_GAP}[A-Za-z][\w. ]*\}}\}}\}}               # {{{{{{name}}}}}}
    | \{{\{{{_GAP}(?:{_WHOSE}\.)?[A-Z]\w*(?:[ ](?!(?:if|is|in|and|or|not)\b)\w+)+{_GAP}\}}\}}  # {{{{ First Name }}}}
    | \{{\{{{_INSIDE}\|{_GAP}default{_GAP}:{_INSIDE}\}}\}}  # {{{{ first_name | default: "you" }}}}
    | \{{%{_GAP}{_OURS}{_INSIDE}%\}}                        # {{% contact.first_name %}}
    """,
    re.VERBOSE,
)
# Signs that mean nothing else anywhere.
_FOREIGN = re.compile(
    rf"""
      \*\|[A-Za-z][\w:.,/%\- ]*\|\*                         # *|FNAME|*
    | %%=?[A-Za-z][\w.()@]*=?%%                             # %%first_name%%
    | \#\#[A-Z][A-Z0-9_]+\#\#                               # ##NAME##
    | [$\#]?\{{{_GAP}\{{?{_GAP}{_OURS}{_INSIDE}\}}{_GAP}\}}?  # {{ contact.first_name }}}}
    | [\[<%$]{_OURS}[\]>%$]                                 # [contact.first_name]
    | ~(?:Contact|Company|User|Owner)\.\w+~                 # ~Contact.FirstName~
    """,
    re.VERBOSE,
)
# Signs that are also common in code, links or prose.
_AMBIGUOUS = re.compile(
    rf"""
      %(?![0-9A-Fa-f]{{2}})[A-Z][A-Z0-9_]+%                 # %FNAME%, and not the %C3%BC of a link
    | (?<!\S)%[A-Z][A-Z0-9_]+%                              # %DATE% as a word
    | (?<![\w%])%{_PERSON}%                                 # %first_name%
    | \[\[{_GAP}[A-Za-z][\w .:-]*\]\](?!\()                 # [[first_name]]
    | (?<![\\\[\]!])\[{_GAP}(?:{_PERSON}|[A-Z]+(?:_[A-Z0-9]+)+){_GAP}\](?![(\[:\]])  # [first_name], and no link
    | (?<![\\\[\]!])\[subscriber:[^\]\n]{{0,200}}\]         # [subscriber:firstname | default:friend]
    | <<{_GAP}{_PERSON}{_GAP}>>                             # <<First Name>>
    | (?<![\w<])<{_GAP}{_PERSON}{_GAP}>(?!>)                 # <Name>, which is no tag of HTML
    | (?<![\w$\\/=&?#-])\${_PERSON}(?![\w$-])              # $NAME
    | «{_GAP}(?i:(?:first|last|full)[ _]?name){_GAP}»       # «First Name»
    | \$\{{[A-Za-z][\w.]*\}}                                # ${{first_name}}
    | \{{[$!][A-Za-z][\w.]*\}}                              # {{$name}}
    | (?<![\w$\{{])\{{[A-Z][A-Z0-9_]+\}}(?!\}})             # {{FIRST_NAME}}
    | (?<![\w$\{{])\{{{_GAP}{_PERSON}{_GAP}\}}(?!\}})       # {{name}}
    | <%=?[^%<>]+%>                                         # <%= name %>
    """,
    re.VERBOSE,
)
_REFERENCE = re.compile(r"^ {0,3}(\[[^\]\n]{1,200}\]):", re.MULTILINE)  # the address of a link `[name]` of Markdown
_BRACKETS = re.compile(r"\{\{|\{%|\}\}|%\}")

_OUR_NAME = re.compile(_OURS)
# The meaning of a merge field, by its letters without the words that say whose field it is.
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
        """Whether it names one of our variables, so that only its brackets are wrong."""
        return _OUR_NAME.search(self.text) is not None

    @property
    def meant(self) -> str:
        """The way to write it here."""
        name = _OUR_NAME.search(self.text)
        if name is not None:
            return f"{{{{ {name[0]} }}}}"
        letters = re.sub(r"[^a-z]", "", _WHOSE_FIRST.sub("", self.text.partition("default")[0]).lower())
        known = next((written for names, written in _MEANT.items() if letters in names), _FIRST_NAME)
        return f"{{{{ {known} }}}}"


def foreign_placeholders(piece: Piece, form: BodyFormat | None = None) -> tuple[Placeholder, ...]:
    """The placeholders in template text that nothing would fill, at most the first `MOST` of them.

    `form` is that of a body, None for a single line.
    """
    text = _SILENT.sub(blank, piece.text)
    found = [*_MISSPELT.finditer(text)]
    text = _TAGS.sub(blank, _MISSPELT.sub(blank, text))
    found += _FOREIGN.finditer(text)
    read = prose(_FOREIGN.sub(blank, text), form)
    links = {label.lower() for label in _REFERENCE.findall(read)} if "]:" in read else frozenset()
    found += (hit for hit in _AMBIGUOUS.finditer(read) if hit[0].lower() not in links)
    return tuple(_placed(hit, text, piece) for hit in sorted(found, key=lambda hit: hit.start())[:MOST])


def leftovers(text: str) -> str | None:
    """The first placeholder in a text that is printed as it is, of our own kind or another's."""
    found = _BRACKETS.search(text) or _FOREIGN.search(text) or _AMBIGUOUS.search(text)
    return found[0] if found else None


def _placed(hit: re.Match[str], text: str, piece: Piece) -> Placeholder:
    line = piece.line(text.count("\n", 0, hit.start()) + 1)
    return Placeholder(hit[0], line, hit.start() - text.rfind("\n", 0, hit.start()))
