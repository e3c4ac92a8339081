"""A layout that leaves the message out.

## What it does
Finds a `_layout.html` or `_layout.txt` that never prints `body`.

## Why is this bad?
The layout surrounds every mail, and `{{ body }}` is where the mail itself goes. Without it every mail would be empty,
and `run` sends none.

## Example
```yaml
# templates/_layout.txt
{{ content }}

{{ sender.postal_address }}, unsubscribe: {{ unsubscribe_url }}
```
Use instead:
```yaml
# templates/_layout.txt
{{ body }}

{{ sender.postal_address }}, unsubscribe: {{ unsubscribe_url }}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.message.layout import FOLDER, HTML_LAYOUT, TEXT_LAYOUT
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "layout-without-body"
SEVERITY = Severity.ERROR
BODY = "body"


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each layout that does not print the body."""
    for text in survey.texts:
        is_layout = text.file.removeprefix(FOLDER) in (HTML_LAYOUT, TEXT_LAYOUT)
        if is_layout and text.problem is None and all(name != BODY for name, _ in text.names):
            yield Diagnostic(
                ID,
                SEVERITY,
                text.whole_line(1),
                f"This layout never prints `{{{{ {BODY} }}}}`, so every mail would be empty.",
                f"Put `{{{{ {BODY} }}}}` where the mail itself belongs.",
            )
