"""The manual page of every rule: those of `check` and `check --data`, and those looked at while files are read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """What `nurture rule` says of one rule; the first line of `text` is `summary`."""

    id: str
    severity: str
    summary: str
    text: str


# For the one kind of file that is not part of a project.
COLUMN_MAP = "column-map", "A saved map of columns cannot be read; `nurture contacts import --help` shows its form."


def pages() -> dict[str, Page]:
    """All pages by rule id."""
    from nurture_cli.campaign.rule_pages import NOTES, RULES
    from nurture_cli.check import RULES as CHECKED
    from nurture_cli.cli.check_data import ERRORS
    from nurture_cli.cli.check_data import RULES as PEOPLE

    read = {name: ("note" if name in NOTES else "error", text) for name, text in (*RULES.items(), COLUMN_MAP)}
    people = {name: ("error" if name in ERRORS else "warning", text) for name, text in PEOPLE.items()}
    looked_at = {rule.id: (str(rule.severity), rule.docs) for rule in CHECKED}
    return {
        name: Page(name, severity, text.partition("\n")[0], text)
        for name, (severity, text) in sorted((read | people | looked_at).items())
    }
