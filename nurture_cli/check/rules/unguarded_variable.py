"""A field of the contact without a fallback for contacts who have no value.

## What it does
Finds fields of the contact in subjects, preheaders, bodies and layouts that may have no value and have neither a
`default` nor an `if` around them. The address, the stage and the consent always have a value.

## Why is this bad?
nurture never sends "Hello ," or "Hello None": for a contact without that field it makes no mail, and the contact waits
at that step until you do something about it. A few contacts in a hundred have no first name.

## Example
```yaml
# templates/hello.md
subject: A guide for {{ contact.company }}
```
Use instead:
```yaml
# templates/hello.md
subject: A guide for {{ contact.company | default("you") }}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.message.guards import unguarded
from nurture_cli.message.record import NEVER_MISSING, template_names
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "unguarded-variable"
SEVERITY = Severity.WARNING


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each field that some contacts will not have."""
    fields = {name for name in template_names(survey.config) if name.startswith("contact.")} - NEVER_MISSING
    for text in survey.texts:
        if text.problem is not None:
            continue
        for name, start in unguarded(text.text):
            if name in fields:
                yield Diagnostic(
                    ID,
                    SEVERITY,
                    text.place(start, start + len(name)),
                    f"A contact without a value for `{name}` would not get this.",
                    f'Say what to print then: `{{{{ {name} | default("…") }}}}`',
                )
