"""Mail without a postal address.

## What it does
Notices when `sender.postal_address` in nurture.yml is missing although assets go out as mail, and when a layout of
yours, or a mail that brings its own page, never prints it.

## Why is this bad?
Many countries ask for the sender's postal address in every marketing mail, and filters look for it. `run` does not send
mail without one.

## Example
```yaml
# templates/_layout.html
<html><body>{{ body }}
<p>{{ sender.name }}, <a href="{{ unsubscribe_url }}">unsubscribe</a></p>
</body></html>
```
Use instead:
```yaml
# templates/_layout.html
<html><body>{{ body }}
<p>{{ sender.name }}, {{ sender.postal_address }}, <a href="{{ unsubscribe_url }}">unsubscribe</a></p>
</body></html>
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.footer import without
from nurture_cli.check.survey import Survey
from nurture_cli.check.texts import TemplateText
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "missing-postal-address"
SEVERITY = Severity.ERROR
ADDRESS = "sender.postal_address"


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for nurture.yml, for each layout and for each whole page without it."""
    lines = [line.strip() for line in survey.config.sender.postal_address.splitlines() if line.strip()]
    if not lines:
        if survey.mails:
            yield Diagnostic(
                ID,
                SEVERITY,
                survey.config.places["sender"],
                "Assets go out as mail, and the sender has no postal address.",
                "Set `sender.postal_address`, such as `Example Ltd, 1 Main Street, 12345 Springfield`.",
            )
        return

    def prints(text: TemplateText) -> bool:
        return all(line in text.text for line in lines) or any(name == ADDRESS for name, _ in text.names)

    for span, what in without(survey, prints):
        yield Diagnostic(
            ID,
            SEVERITY,
            span,
            f"{what} never prints `{{{{ {ADDRESS} }}}}`.",
            "Every mail must say who writes, and from where.",
        )
