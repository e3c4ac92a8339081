"""Words that wait to be replaced by your own: `TODO`, `lorem ipsum`, `Your Company`.

A text can be about to-do lists or filler text: only words that nobody would send are certain, others may be meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture_cli.message.prose import blank
from nurture_cli.message.stand_ins import Found, StandIn

_NO_LINK = r"(?![(\[:])"  # what follows brackets that are not a Markdown link
_YOUR_OWN = r"(?:first|last|full|company|business|brand|product|logo|signature|headline|text|message|link|url|address)"
_THING = r"(?:text|copy|headline|link|url|image|name|title|date|price|logo)"
_DING = r"(?:te[kx]s?t|titel|überschrift|betreff|link|url|bild|(?:vor|nach)?namen?|datum|preis|logo)"
_CHOSE = (  # in French, Italian, Portuguese and Spanish
    r"(?:te(?:xte?|sto|xto)|tit(?:re|olo)|título|lien|link|enlace|image[mn]?|imagen|(?:pré)?nom(?:br)?e?|date?a?|fecha"
    r"|pri?x|prezzo|precio|preço|logo)"
)
_YOUR_NAME = r"(?:ihre?n?|deine?n?|votre|uw)\s+(?:(?:vor|nach)?name|firma|logo|text|(?:pré)?nom|naam)"
_TO_INSERT = r"(?:insér(?:er|ez)|insert(?:ar?|e)|inseri(?:re|sci|r)|insira)"
_SOME = r"(?:one|two|three|a|an|some|[1-9])\s+(?:\w+\s+)?(?:line|sentence|paragraph|phrase|bullet|benefit)s?"
_CERTAIN = re.compile(
    rf"""
      (?i:\blorem\s{{1,9}}ipsum\s{{1,9}}dolor\b)
    | (?:^|(?<=>))[ \t>*+\#_-]{{0,20}}(?P<label>TODO|FIXME)(?=[ \t*_]{{0,9}}(?:[:!]|$|<))   # at the beginning of a line
    | [\[(][ \t]{{0,9}}(?:TODO|FIXME)\b[^\])\n]{{0,120}}[\])]{_NO_LINK}                  # [TODO: the price]
    | [\[<][ \t]{{0,9}}(?i:insert|replace)\s[^\]>\n]{{0,80}}[\]>]{_NO_LINK}              # [insert date]
    | \[[ \t]{{0,9}}(?i:your\s+{_YOUR_OWN})\b[^\]\n]{{0,40}}\]{_NO_LINK}                 # [your logo]
    | \[[ \t]{{0,9}}(?i:{_YOUR_NAME})\b[^\]\n]{{0,40}}\]{_NO_LINK}
    | \[[ \t]{{0,9}}(?i:{_SOME})\b[^\]\n]{{0,120}}\]{_NO_LINK}                         # [one line about what they get]
    | [\[<][^\[\]<>\n]{{0,80}}\b(?i:(?:goes|go)\s+here)[ \t]{{0,9}}[\]>]{_NO_LINK}     # [FIRSTNAME GOES HERE]
    | (?i:\b(?:hi|hello|hey|dear|hallo|liebe[rs]?|bonjour|hola|ciao|olá|beste)[ \t]{{1,9}}_{{3,}}(?!\w))      # Hi ____,
    | \[[ \t]{{0,9}}(?i:link|url)[ \t]{{0,9}}\]{_NO_LINK}
    | (?i:\binsert\s+(?:\w+\s+){{0,2}}{_THING}\s+here\b)
    | (?i:\bhier\s+(?:\w+\s+)?{_DING}\s+(?:einfügen|eintragen|einsetzen|ergänzen|invoegen)\b)
    | (?i:\b{_DING}\s+hier\s+(?:einfügen|eintragen|einsetzen|ergänzen)\b)
    | (?i:\b{_TO_INSERT}\s+(?:\w+\s+){{0,2}}{_CHOSE}\s+(?:ici|aqu[ií]|qui)\b)
    | (?i:\b(?:text|copy|headline|subject\ line|preheader|paragraph|content)\s+goes\s+here\b)
    """,
    re.VERBOSE | re.MULTILINE,
)
_MAYBE = re.compile(
    r"\b(?:TODO|FIXME|TBD|TBC|XXX+)\b|(?i:\blorem\s+ipsum\b)|(?<=\S[ \t])_{3,}(?![\w_])|^_{3,}(?=[,;:!?]|[ \t]+[^\W_])"
    rf"|\[[A-Z]{{2,}}(?:[ _][A-Z]{{2,}})+\]{_NO_LINK}",  # [EVENT DATE]
    re.MULTILINE,
)
_EMPTY_SUBJECT = re.compile(
    r"\s*((?i:todo|fixme|tbd|tbc|xxx+|(?:your\s+)?subject(?:\s+line)?|(?:your\s+)?(?:preheader|headline)|untitled))"
    r"[\s.:!…]*"
)
_IN_BRACKETS = re.compile(r"\s*(\[[^\[\]]+\])\s*")  # nothing but a note to oneself
_COMPANY = r"(?:ltd|limited|inc|llc|gmbh|ag|corp|corporation|company|co)"
_IN_NAME = re.compile(
    r"""
      \b(?:TODO|FIXME|TBD|TBC|XXX+)\b
    | (?i:\blorem\s+ipsum\b)
    | _{2,}
    | [\[<(]\s*(?i:your|my|insert|street|address|city|postal|zip|country)\b[^\])>]*[\])>]
    | (?i:\bexample\s+(?:street|road|avenue|lane|square|town|city)\b)
    | (?i:\bexample(?:town|ville|city|street)\b|\bany\s?town\b)
    | (?i:\b(?:muster|beispiel)(?:stadt|firma|mann|stra(?:ß|ss)e|str\.))
    """,
    re.VERBOSE,
)
_SEGMENT = re.compile(r"[^,;|\n]+")
_WHOLE_SEGMENT = re.compile(
    rf"""
      (?:your|my)\s+(?:full\s+)?(?:name|company|business|organi[sz]ation|firm|brand|project|street|address|city|town|country)
      (?:\s+(?:name|{_COMPANY}\.?))*
    | example\s+{_COMPANY}\.?
    | company\s+name | first\s+name | last\s+name | (?:postal|street)\s+address | street(?:\s+(?:name|and\s+number))?
    | zip(?:\s+code)? | post(?:al)?\s?code
    """,
    re.VERBOSE | re.IGNORECASE,
)


def in_prose(text: str) -> Iterator[Found]:
    """The fillers in a text whose code and comments are blanked out."""
    for hit in _CERTAIN.finditer(text):
        yield _found(StandIn.WORDS, hit, "label" if hit["label"] else 0)
    for hit in _MAYBE.finditer(_CERTAIN.sub(blank, text)):
        yield _found(StandIn.MAYBE, hit)


def in_line(text: str) -> Iterator[Found]:
    """The fillers in a subject, preheader or title."""
    hit = _EMPTY_SUBJECT.fullmatch(text)
    if hit is not None:
        yield _found(StandIn.WORDS, hit, 1)
    elif (hit := _IN_BRACKETS.fullmatch(text)) is not None:
        yield _found(StandIn.WORDS if len(hit[1].split()) > 1 else StandIn.MAYBE, hit, 1)
    else:
        yield from in_prose(text)


def in_name(text: str) -> Iterator[Found]:
    """The fillers in the name of a sender or project, or in a postal address."""
    for hit in _IN_NAME.finditer(text):
        yield _found(StandIn.WORDS, hit)
    for segment in _SEGMENT.finditer(_IN_NAME.sub(blank, text)):
        words = segment[0].strip()
        if _WHOLE_SEGMENT.fullmatch(words):
            start = segment.start() + segment[0].index(words)
            yield Found(StandIn.WORDS, start, start + len(words), f"`{words}` is a placeholder.")


def _found(sort: StandIn, hit: re.Match[str], group: int | str = 0) -> Found:
    words = " ".join(hit[group].split())
    what = "looks like a placeholder" if sort is StandIn.MAYBE else "is a placeholder"
    return Found(sort, *hit.span(group), f"`{words}` {what}.")
