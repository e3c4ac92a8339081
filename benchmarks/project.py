"""The files of a project to measure with: campaigns that decide something, templates of a usual length."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STAGES = ("awareness", "engaged", "lead", "opportunity", "customer")
ASSETS = 12  # of each campaign; the first ten were received by everybody
RECEIVED = 10
PAUSE_DAYS = 60  # after the tenth asset
REACTION_DAYS = 4  # for a click on it
CLOSED = ("2099-12-24", "2099-12-25")

OUTBOX = "{type: outbox, folder: outbox}"

_PROJECT = """\
project: Measured
zone: Europe/Berlin
sender:
  name: Mara Feld
  address: mara.feld@news.measured.internal
  reply_to: mara.feld@measured.internal
  postal_address: Measured GmbH, Am Kaispeicher 7, 20457 Hamburg, Germany
  unsubscribe:
    url: https://measured.internal/unsubscribe/{{token}}
    mailto: unsubscribe@measured.internal
stages: [{stages}]
fields: {{employees: number, industry: text}}
segments:
  our-market: employees >= 200 and industry in ["machinery", "chemicals", "food"]
limits:
  per_contact: ["1 per day", "3 per week"]
  guard: 10000000
channels:
  mail: {channel}
closed: [{closed}]
"""

_CAMPAIGN = """\
campaign: {name}
title: The way through {name}
objective: new
priority: {priority}
enter:
  when: downloaded("{name}-01")
  backfill: false
  again: never
exit:
  when: stage in ["opportunity", "customer"]
goal:
  when: stage == "lead"
  within: 90 days
pace:
  gap: 2 days
  window: daily 00:00-24:00
rules:
  - id: hot
    if: did("requested_demo")
    stage: lead
stages:
  awareness:
{sends}
    - id: pause
      wait: {pause} days
    - id: reaction
      wait_for: clicked("{name}-10")
      within: {reaction} days
      then:
        - send: {name}-11
      else:
        - send: {name}-12
"""

# A way with more turns, for `check`: every kind of step that takes reading.
_WINDING_CAMPAIGN = """\
campaign: {name}
title: The winding way through {name}
objective: known
priority: {priority}
enter:
  when: downloaded("{name}-01") or (in_segment("our-market") and not tag("{name}"))
  backfill: false
  again: every 90 days
exit:
  when: stage in ["opportunity", "customer"] or did("purchased")
goal:
  when: stage == "lead"
  within: 90 days
pace:
  gap: 2 days
  window: Mon-Fri 08:00-18:00
rules:
  - id: hot
    if: did("requested_demo", within="30d") or did("visited", within="7d", times=3)
    stage: lead
stages:
  awareness:
    - send: {name}-01
    - wait: 3 days
    - id: first
      wait_for: clicked("{name}-01")
      within: 5 days
      then:
        - send: {name}-02
        - wait: 2 days
        - send: {name}-03
      else:
        - send: {name}-04
    - wait: 4 business days
    - id: who
      branch:
        - if: role in ["decision-maker", "buyer"] and employees >= 1000
          then:
            - send: {name}-05
        - if: industry == "machinery"
          then:
            - send: {name}-06
        - else:
            - send: {name}-07
    - wait: 3 days
    - id: words
      split:
        name: {name}-words
        arms:
          plain: {{weight: 50, then: [{{send: {name}-08}}]}}
          blunt: {{weight: 50, then: [{{send: {name}-09}}]}}
    - set: {{tag: {name}}}
    - stage: engaged
  engaged:
    - id: pool
      stream:
        - {name}-10
        - {name}-11
        - send: {name}-12
          if: employees > 500
        - {name}-13
        - {name}-14
        - {name}-15
      every: 4 business days
      until: clicked("{name}-15")
    - exit: read it all
"""

_TEMPLATE = """\
---
title: "{title}"
kind: article
stages: [{stage}]
topics: [remote-access]
subject: "{title}: what a plant in {city} learned"
preheader: Four numbers, two mistakes and a checklist.
link: https://measured.internal/library/{name}
---
Hello {{{{ contact.first_name | default("there") }}}},

when {{{{ contact.company | default("a firm like yours") }}}} lets a machine builder in from outside, somebody opens a
door. This piece is about **who closes it again**, and what it costs when nobody does. It is number {number} of our
series; the numbers are those of a paint maker in {city} with three sites and 640 people.

- **Before:** 41 standing accounts for outsiders, 17 of which could be put to a living person.
- **After:** none. From a vendor's call to the machine it takes 12 minutes, where it used to be two days.
- **On the way:** a power supply that was missing, a night without a button, a wrong port number.

| | before | after |
|---|---|---|
| standing accounts | 41 | 0 |
| trips by vendors each quarter | 23 | 9 |

[Read all of it here]({{{{ asset.link }}}}), with the checklist and the page of known limits. It takes seven minutes.

If you are not the one to read this, tell me who is: a reply to this mail comes to me, not to a form.

Kind regards,
{{{{ sender.name }}}}
"""

_CITIES = ("Krefeld", "Lyon", "Graz", "Turin", "Leeds", "Gdansk", "Aarhus", "Ghent")


@dataclass(frozen=True, slots=True)
class Step:
    """Where the contacts of a world stand."""

    id: str
    hop: int


PAUSE = Step("awareness/pause", 2 * RECEIVED)
REACTION = Step("awareness/reaction", 2 * RECEIVED + 1)


def write_project(folder: Path, campaigns: int, channel: str = OUTBOX) -> None:
    """A project whose campaigns `track-01`, … send twelve assets each."""
    _begin(folder, channel)
    for number in range(1, campaigns + 1):
        name = f"track-{number:02}"
        sends = [f"    - send: {name}-01"]
        for asset in range(2, RECEIVED + 1):
            sends += ["    - wait: 3 days", f"    - send: {name}-{asset:02}"]
        text = _CAMPAIGN.format(
            name=name, priority=30 + number, sends="\n".join(sends), pause=PAUSE_DAYS, reaction=REACTION_DAYS
        )
        (folder / "campaigns" / f"{name}.yml").write_text(text, encoding="utf-8")
        _write_templates(folder, name, ASSETS)


def write_winding_project(folder: Path, campaigns: int, assets: int) -> None:
    """A project for `check`: campaigns of every kind of step, `assets` templates in all."""
    _begin(folder, OUTBOX)
    for number in range(1, campaigns + 1):
        name = f"track-{number:02}"
        text = _WINDING_CAMPAIGN.format(name=name, priority=30 + number)
        (folder / "campaigns" / f"{name}.yml").write_text(text, encoding="utf-8")
        _write_templates(folder, name, assets // campaigns)


def _begin(folder: Path, channel: str) -> None:
    (folder / "campaigns").mkdir(parents=True)
    (folder / "templates").mkdir()
    text = _PROJECT.format(stages=", ".join(STAGES), channel=channel, closed=", ".join(CLOSED))
    (folder / "nurture.yml").write_text(text, encoding="utf-8")


def _write_templates(folder: Path, name: str, assets: int) -> None:
    for number in range(1, assets + 1):
        text = _TEMPLATE.format(
            name=f"{name}-{number:02}",
            title=f"Who closes the door, part {number}",
            stage=STAGES[number % 2],
            city=_CITIES[number % len(_CITIES)],
            number=number,
        )
        (folder / "templates" / f"{name}-{number:02}.md").write_text(text, encoding="utf-8")
