"""Two mails with the same subject.

## What it does
Lists mails whose subject is that of another mail. Variants of one asset may share theirs.

## Why is this bad?
Mail programs show mails of one sender and one subject as one conversation, and readers take the second for a repeat of
the first. Most often the front matter was copied.

## Example
```yaml
# templates/hello.md
subject: A guide for you
# templates/guide.md
subject: A guide for you
```
Use instead:
```yaml
# templates/hello.md
subject: Hello from us
# templates/guide.md
subject: A guide for you
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.campaign.model import Asset
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "same-subject"
SEVERITY = Severity.NOTE


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each mail whose subject another one has already."""
    first: dict[str, Asset] = {}
    for asset in survey.mails:
        subject = " ".join(asset.subject.split()).casefold()
        other = first.setdefault(subject, asset)
        if subject and other.family != asset.family:
            yield Diagnostic(
                ID,
                SEVERITY,
                asset.places.get("subject", asset.span),
                f"`{asset.name}` has the same subject as `{other.name}`.",
                "Give each mail a subject of its own.",
                ((other.places.get("subject", other.span), f"the subject of `{other.name}`"),),
            )
