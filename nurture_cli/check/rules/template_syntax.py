"""A template that cannot be read.

## What it does
Finds mistakes in the signs `{{ }}` and `{% %}` of subjects, preheaders, bodies and layouts: a bracket or an `endif`
that is missing, a filter that does not exist, and the like.

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
Hello {% if contact.first_name %}{{ contact.first_name }},

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
Hello {% if contact.first_name %}{{ contact.first_name }}{% endif %},

here is what you asked for.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "template-syntax"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for the first mistake of each text."""
    for text in survey.texts:
        if text.problem is None:
            continue
        problem, span = text.problem
        if all(place.line != span.line for _, place in text.unfilled):  # the rule for these says it better
            yield Diagnostic(ID, SEVERITY, span, problem.words, problem.hint)
