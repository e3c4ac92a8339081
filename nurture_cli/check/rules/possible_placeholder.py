"""Words or an address that may be a placeholder.

## What it does
Looks where `placeholder-text` and `placeholder-domain` look, and finds what a finished text could contain, too: `TODO`,
`TBD` or `XXX` within a sentence, `lorem ipsum`, a gap such as `____`, a mail address at `example.com`, a link to
`domain.com`, a sender called `you@…`.

## Why is this bad?
If it is a placeholder, everybody on the list will read it. If you mean it, allow it where it is:
`{# nurture: allow possible-placeholder #}` on its line of a template, `# nurture: allow possible-placeholder` in YAML.

## Example
```yaml
# nurture.yml
channels:
  mail:
    type: smtp
    host: smtp.kelp-works.com
# templates/hello.md
subject: The webinar on TBD
---
See you on ____.
```
Use instead:
```yaml
# nurture.yml
channels:
  mail:
    type: smtp
    host: smtp.kelp-works.com
# templates/hello.md
subject: The webinar on 12 March
---
See you on Thursday.
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.message.stand_ins import StandIn
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "possible-placeholder"
SEVERITY = Severity.WARNING
HELP = "Replace it. If you mean it: `# nurture: allow possible-placeholder`, in the body of a template `{# … #}`."


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each piece that you should look at."""
    for found, span, _ in survey.unfinished:
        if found.sort is StandIn.MAYBE:
            yield Diagnostic(ID, SEVERITY, span, found.words, HELP)
