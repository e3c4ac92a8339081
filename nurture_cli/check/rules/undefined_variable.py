"""A template that uses a name which does not exist.

## What it does
Finds names in subjects, preheaders, bodies and layouts that no template knows, also in branches that are rarely taken.

## Why is this bad?
The mail cannot be made, so it does not go out. You would notice only when a contact reaches the branch with the
misspelt name.

## Example
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
---
Hello{% if contact.company %} at {{ contact.compnay }}{% endif %},

here is what you asked for.
```
Use instead:
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
---
Hello{% if contact.company %} at {{ contact.company }}{% endif %},

here is what you asked for.
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.language.names import listed, nearest
from nurture_cli.message.record import template_names
from nurture_cli.places import TEMPLATES
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "undefined-variable"
SEVERITY = Severity.ERROR
ALWAYS = frozenset({"range"})
ONLY_IN_LAYOUTS = "Only layouts know it; assets, and what they include, do not."
PLAIN = re.compile(r"[a-z][a-z0-9_]*")  # what a field can be called


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each name that no template of its kind knows."""
    of_assets, of_layouts = template_names(survey.config), template_names(survey.config, layout=True)
    records = {name.partition(".")[0] for name in of_layouts if "." in name}
    parts = _parts_of_assets(survey)
    known: dict[tuple[str, bool], str] = {}  # the same mistake has the same help
    for text in survey.texts:
        in_layout = text.asset is None and text.file not in parts
        names = of_layouts if in_layout else of_assets
        for name, span in text.names:
            if name not in names and name not in records and name not in ALWAYS:
                key = (name, in_layout)
                if key not in known:
                    known[key] = ONLY_IN_LAYOUTS if name in of_layouts else _help(name, names, records)
                yield Diagnostic(ID, SEVERITY, span, f"There is no `{name}`.", known[key])


def _parts_of_assets(survey: Survey) -> set[str]:
    """The partials that assets include, directly or not: they know what an asset knows, and no more."""
    inside = {text.file: text.included for text in survey.texts if text.asset is None}
    ahead = [name for text in survey.texts if text.asset is not None for name, _ in text.included]
    found: set[str] = set()
    while ahead:
        file = f"{TEMPLATES}/{ahead.pop()}"
        if file not in found:
            found.add(file)
            ahead += [name for name, _ in inside.get(file, ())]
    return found


def _help(name: str, names: frozenset[str], records: set[str]) -> str:
    plain = next((known for known in names if "." in known and name.startswith(f"{known}.")), None)
    if plain is not None:
        return (
            f"`{plain}` is a plain value and has no parts; to change a text, use a filter: `{{{{ {plain} | upper }}}}`."
        )
    record, _, rest = name.partition(".")
    if record in records:
        return _help_inside(record, rest, names)
    if f"contact.{name}" in names:
        return f"Did you mean `contact.{name}`?"
    near = nearest(name, [known for known in names if "." not in known])
    if near is not None:
        return f"Did you mean `{near}`?"
    near = nearest(record, records)
    if near is not None and rest:
        return f"Did you mean `{near}.{rest}`?"
    return "A template knows `contact`, `asset`, `sender`, `project`, `today` and `unsubscribe_url`."


def _help_inside(record: str, rest: str, names: frozenset[str]) -> str:
    known = sorted(name.partition(".")[2] for name in names if name.startswith(f"{record}."))
    near = nearest(rest, known)
    if near is not None:
        return f"Did you mean `{record}.{near}`?"
    if record == "contact" and not PLAIN.fullmatch(rest):
        return "A contact has its fields and nothing else."
    if record == "contact":
        return f"Declare it under `fields:` in nurture.yml, for example `{rest}: text`."
    return f"There are {listed([f'{record}.{one}' for one in known])}."
