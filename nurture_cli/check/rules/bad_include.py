"""A template that includes a file which is not there, or itself.

## What it does
Finds `{% include %}`, `{% extends %}` and `{% import %}` of files that `templates/` does not have, and circles of them.
Only files whose names begin with `_` can be included.

## Why is this bad?
No mail can be made from such a template.

## Example
```yaml
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
---
Here is what you asked for.

{% include "_signature.md" %}
```
Use instead:
```yaml
# templates/_signature.md
Ines, from the team
# templates/hello.md
---
title: Hello
kind: article
subject: Hello from us
---
Here is what you asked for.

{% include "_signature.md" %}
```
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nurture_cli.check.survey import Survey
from nurture_cli.language.names import listed, nearest
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "bad-include"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each file that is not there, and for each partial that comes back to itself."""
    known = {file.rpartition("/")[2] for file in survey.partials}
    inside = {text.file: [name for name, _ in text.included] for text in survey.texts if text.asset is None}
    for text in survey.texts:
        for name, span in text.included:
            if name not in known:
                yield Diagnostic(ID, SEVERITY, span, f"There is no file `{name}` to include.", _help(name, known))
            elif text.asset is None and text.file.rpartition("/")[2] in _behind(name, inside):
                message = f"Including `{name}` here comes back to this file, without end."
                yield Diagnostic(ID, SEVERITY, span, message, "Take one of the two out of the other.")


def _behind(name: str, inside: Mapping[str, list[str]]) -> set[str]:
    """The partial itself and everything that it includes, directly or not."""
    seen: set[str] = set()
    ahead = [name]
    while ahead:
        one = ahead.pop()
        if one not in seen:
            seen.add(one)
            ahead += inside.get(f"templates/{one}", [])
    return seen


def _help(name: str, known: set[str]) -> str:
    near = nearest(name, known)
    if near is not None:
        return f"Did you mean `{near}`?"
    there = f"There are {listed(sorted(known))}." if known else "There is none yet."
    return f"It must be in templates/ itself, with a name that begins with `_`. {there}"
