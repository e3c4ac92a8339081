"""An example address or link that would be sent.

## What it does
Looks at what goes out through `smtp`, or through a webhook that is not on this machine: the sender, the ways to
unsubscribe, the address of Sales and the channel in nurture.yml, and the links of assets, layouts and partials. There
it finds domains that are reserved for examples (`example.com`, `….example`, `….test`, `….invalid`), `localhost` and
its like, and stand-ins such as `your-company.com`. A relay on localhost counts as a way out: it passes mail on.

A project whose channels are `outbox` and `task` may use such addresses freely.

## Why is this bad?
Answers and unsubscribe requests would reach nobody, links lead nowhere, and filters throw the mail away. `run` sends
nothing through a channel while such an address is in nurture.yml or in a layout, and no asset that has one in it.

## Example
```yaml
# nurture.yml
sender:
  address: ines@news.example.com
  unsubscribe:
    url: https://www.your-company.com/unsubscribe/{token}
channels:
  mail:
    type: smtp
    host: smtp.kelp-works.com
```
Use instead:
```yaml
# nurture.yml
sender:
  name: Ines Kelp
  address: ines@news.kelp-works.com
  postal_address: Kelp Works Ltd, 4 Harbour Lane, Bristol
  unsubscribe:
    url: https://www.kelp-works.com/unsubscribe/{token}
channels:
  mail:
    type: smtp
    host: smtp.kelp-works.com
# templates/hello.md
link: https://www.kelp-works.com/hello
# templates/guide.md
link: https://www.kelp-works.com/guide
# templates/offer.md
link: https://www.kelp-works.com/offer
# templates/business-case.md
link: https://www.kelp-works.com/business-case
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.message.stand_ins import StandIn
from nurture_cli.text.diagnostic import Diagnostic, Severity

ID = "placeholder-domain"
SEVERITY = Severity.ERROR


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for each address or link that belongs to nobody."""
    for found, span, help in survey.unfinished:
        if found.sort is StandIn.DOMAIN:
            yield Diagnostic(ID, SEVERITY, span, found.words, help)
