"""The manual page of every rule: those of `check`, and those that are found while the files are read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """What `nurture rule` says of one rule; the first line of `text` is `summary`."""

    id: str
    severity: str
    summary: str
    text: str


# What is found while a file is read, before any rule of `check` looks at it; always an error. The finding itself says
# what is allowed in its place.
READING = {
    "ambiguous-step": "A `goto` or rule names a step by a label that several steps have; name it by its full id.",
    "bad-address": "This is not one e-mail address that can be written to.",
    "bad-argument": "A call in a condition has an argument too many, too few, unknown, or of the wrong kind.",
    "bad-condition": "A condition cannot be understood: wrong syntax, or something that is not part of the language.",
    "bad-date": "This is not a date such as 2026-12-31, or no such day exists.",
    "bad-duration": "This is not a length of time such as `3 days`, `72h` or `4 business days`.",
    "bad-file": "A file cannot be read as what it should be: too large, not a plain file, or not UTF-8.",
    "bad-host": "This is not the name or address of a server.",
    "bad-name": "A name may have small letters, digits, `-` and `_`, and begins with a letter or digit.",
    "bad-path": "A path leaves the project, or is not one.",
    "bad-rate": "This is not a limit such as `1 per day`.",
    "bad-rule": "A rule has an `if` and exactly one of `stage`, `goto` and `exit`.",
    "bad-step": "A step has exactly one verb, and only the keys of that verb.",
    "bad-variable": "This is not the name of an environment variable.",
    "bad-window": "This is not a send window such as `Mon-Fri 09:00-17:00`.",
    "bad-zone": "This is not an IANA time zone such as `Europe/Berlin`.",
    "condition-type": "The two sides of a comparison in a condition are of different types.",
    "control-character": "A control character stands in a file, or is written as an escape.",
    "empty-file": "There is nothing in this file.",
    "merge-key": "`<<` merges mappings in other tools; here everything is written out.",
    "misplaced-else": "The `else` of a branch stands once, as its last item.",
    "missing-else": "A branch says what becomes of everybody else: `else: []` when nothing does.",
    "missing-key": "A key that must be there is missing.",
    "moved-step-exists": "`moved:` names an old step that is still in the file.",
    "name-differs": "The name of a campaign is the name of its file.",
    "not-yaml": "The file is not YAML.",
    "repeated-id": "Two steps have the same id.",
    "repeated-item": "The same item stands twice in a list.",
    "repeated-key": "The same key stands twice; YAML would silently take the last one.",
    "secret-in-file": "A password, token or key stands in a file; name an environment variable or a private file.",
    "several-documents": "One file holds one document.",
    "tab": "YAML is indented with spaces, not with tabs.",
    "too-deep": "More is nested here than any campaign needs.",
    "too-large": "This file is larger than any campaign needs.",
    "unknown-asset": "There is no such asset in templates/.",
    "unknown-channel": "There is no such channel in nurture.yml.",
    "unknown-event-kind": "There is no such kind of event; your own kinds are declared under `events:` in nurture.yml.",
    "unknown-field": "There is no such field; your own fields are declared under `fields:` in nurture.yml.",
    "unknown-function": "There is no such call in the condition language.",
    "unknown-key": "There is no such key here.",
    "unknown-segment": "There is no such segment in nurture.yml.",
    "unknown-stage": "There is no such stage in nurture.yml.",
    "unknown-step": "There is no such step in this campaign.",
    "unquoted-braces": "`{{ … }}` outside quotes is a mapping in YAML; put the whole value into quotes.",
    "wrong-type": "The value is not of the kind that this key wants.",
    "yaml-alias": "Anchors and aliases are used too often here, or in a circle.",
    "yaml-directive": "Directives (lines that begin with `%`) are not read.",
    "yaml-tag": "YAML tags (`!…`) are not read.",
}


def pages() -> dict[str, Page]:
    """All pages by rule id."""
    from nurture_cli.check import RULES

    found = {rule.id: Page(rule.id, str(rule.severity), rule.summary, rule.docs) for rule in RULES}
    for name, sentence in READING.items():
        found[name] = Page(name, "error", sentence, sentence)
    return dict(sorted(found.items()))
