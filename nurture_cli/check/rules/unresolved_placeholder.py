"""A variable in a place where nothing fills it.

## What it does
Finds `{{ … }}` and the merge fields of other tools in texts that are printed as they are: the title and the link of an
asset, the sender's name and postal address, the name of the project.

## Why is this bad?
Variables work in the subject, the preheader and the body only. Elsewhere the reader would see the brackets, so `run`
does not send such mail.

## Example
```yaml
# templates/hello.md
title: Hello {{ contact.first_name }}
```
Use instead:
```yaml
# templates/hello.md
title: Hello
subject: Hello {{ contact.first_name | default("there") }}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.message.placeholders import leftovers
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

ID = "unresolved-placeholder"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each text that is never rendered but has a variable in it."""
    for text, span in _texts(survey):
        found = leftovers(text)
        if found is not None:
            yield Diagnostic(
                ID,
                SEVERITY,
                span,
                f"Nothing fills `{found}` here.",
                "Variables can be used in the subject, the preheader and the body of an asset.",
            )


def _texts(survey: Survey) -> Iterator[tuple[str, Span]]:
    config, sender = survey.config, survey.config.sender
    for key, text in (
        ("project", config.name),
        ("sender.name", sender.name),
        ("sender.postal_address", sender.postal_address),
    ):
        if key in config.places:
            yield text, config.places[key]
    for asset in survey.assets:
        for key, text in (("title", asset.title), ("link", asset.link or "")):
            yield text, asset.places.get(key, asset.span)
