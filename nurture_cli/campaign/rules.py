"""The rules that are looked at while files are read: for each its manual page, Markdown, its first line a sentence.

All of them are errors but `ignored-file`, which is a note. The rules that look at a project as a whole are in `check`.
"""

from __future__ import annotations

NOTES = frozenset({"ignored-file"})


def _page(sentence: str, advice: str, wrong: str = "", right: str = "") -> str:
    parts = [sentence, advice]
    if wrong:
        parts.append(f"## Example\n```yaml\n{wrong}\n```")
    if right:
        parts.append(f"Use instead:\n```yaml\n{right}\n```")
    return "\n\n".join(parts)


_FILES = {
    "bad-name": _page(
        "A name has a letter in it that names cannot have, or a meaning already.",
        "Names of files, stages, channels, segments, event kinds, steps and arms have small letters a-z, "
        "digits, `-` and `_`, begin with a letter or digit, and are at most 64 letters long: they become "
        "parts of step ids, of files and of reports. Names of fields have no `-`, because conditions use them"
        " bare. Words of the language cannot be names.",
        "stages: [Awareness, Sales Lead]",
        "stages: [awareness, sales-lead]",
    ),
    "control-character": _page(
        "An invisible control character stands in the file.",
        "Such characters come with text that was copied from elsewhere, can change what a terminal or a mail "
        "program shows, and are never meant. Delete it; the finding says where it is.",
    ),
    "empty-file": _page(
        "There is nothing in this file.",
        "A file of only comments counts as empty, too. Fill it, or delete it.",
    ),
    "ignored-file": _page(
        "A file in this folder is not read, because its name does not end as it should.",
        "Campaigns end in .yml or .yaml, assets in .md, .html or .txt. Rename the file, or move it elsewhere."
        " Hidden files, files called README, and what editors leave behind are passed over in silence.",
    ),
    "no-front-matter": _page(
        "An asset does not begin with its keys.",
        "Every asset begins with a line `---`, its keys, and another line `---`; the text comes after that.",
        right="---\ntitle: Why zero trust\nsubject: Three questions\n---\nHello,",
    ),
    "not-a-file": _page(
        "Something that is not a regular file stands where a file should.",
        "Folders, pipes and devices are never opened. Put a text file in its place, or rename it.",
    ),
    "not-utf-8": _page(
        "The file is not written in UTF-8.",
        "Files from older Windows programs are often in Windows-1252 or UTF-16. Save it again as UTF-8.",
    ),
    "outside-folder": _page(
        "A link leads out of its folder.",
        "A link in campaigns/ or templates/ is followed to a file in that same folder, a link beside nurture.yml "
        "to a file beside it, each with the same ending; links to folders are not followed. Otherwise a change that "
        "somebody proposes could put your key or another secret into mails or messages. Where the link leads was "
        "not looked at. Put a copy of the file in its place.",
    ),
    "same-name": _page(
        "Two files would have the same name.",
        "The name of a campaign or asset is that of its file without the ending. Rename one of them.",
    ),
    "too-large": _page(
        "The file is larger than anything that a person writes.",
        "At most 1,000,000 bytes and 50,000 values are read of a file, aliases written out, and at most 10,000 "
        "files of a folder and 20,000,000 bytes of a project. Split the file, or move what is no longer used "
        "elsewhere.",
    ),
    "unreadable-file": _page(
        "A file is missing or cannot be read.",
        "The finding says what the system answers: the file may belong to somebody else, or a link may lead nowhere.",
    ),
}

_YAML = {
    "merge-key": _page(
        "`<<` merges mappings in other tools; here everything is written out.",
        "A key that comes from elsewhere is easily overlooked. Write the keys where they hold.",
    ),
    "not-yaml": _page(
        "The file is not YAML.",
        "Nothing after this place could be read, so there may be more to find once it is repaired. Usual "
        "causes are a colon or quotes inside a text that is not in quotes, a bracket or quote that is not "
        "closed, and indentation.",
        "title: Zero trust: a beginning",
        'title: "Zero trust: a beginning"',
    ),
    "repeated-key": _page(
        "The same key stands twice.",
        "Most programs would silently take the last one. Keep one of the two.",
        "pace:\n  gap: 3 days\n  gap: 5 days",
        "pace:\n  gap: 5 days",
    ),
    "several-documents": _page(
        "A second document begins in the file.",
        "One file holds one campaign. Move the second to a file of its own; a stray line `---` can just go.",
    ),
    "tab": _page(
        "A line is indented with a tab.",
        "YAML wants spaces, because a tab has no width of its own. Put two spaces for each tab; most editors "
        "can do that.",
    ),
    "too-deep": _page("More is nested here than any campaign needs.", "At most 40 levels are read."),
    "unquoted-braces": _page(
        "A text with `{{ … }}` stands without quotes.",
        "YAML takes an unquoted `{` for the beginning of a mapping. Put the whole text in quotes.",
        "subject: {{ contact.first_name }}, three questions",
        'subject: "{{ contact.first_name }}, three questions"',
    ),
    "yaml-alias": _page(
        "An alias (`*name`) names nothing, repeats itself, or there are too many.",
        "At most 100 aliases are read. A text that begins with `*` must stand in quotes.",
    ),
    "yaml-directive": _page(
        "A line that begins with `%` is not read.", "Such directives change what YAML means. Delete it."
    ),
    "yaml-tag": _page(
        "A word that begins with `!` is not read.",
        "Tags can make other programs run code. In a condition write `not`; a text that begins with `!` needs quotes.",
        "if: !vip",
        "if: not vip",
    ),
}

_VALUES = {
    "bad-address": _page(
        "This is not one e-mail address.", "Write it like anna@example.com, without a name, one only."
    ),
    "bad-date": _page("This is not a date that exists.", "Write year, month and day: 2026-12-31."),
    "bad-duration": _page(
        "This is not a length of time.",
        "Write `3 days`, `2 weeks` (calendar days), `72h`, `30m` (elapsed time) or `4 business days`.",
        "- wait: 010",
        "- wait: 10 days",
    ),
    "bad-host": _page("This is not the name of a server.", "Write the name alone, such as smtp.example.com."),
    "bad-language": _page(
        "This is not a language code.",
        "Write two letters, such as `en` or `de`, and a country where it matters: `pt-BR`.",
        "languages: [English]",
        "languages: [en]",
    ),
    "bad-path": _page("A path is empty or leads out of the project.", "Write a plain name such as `outbox`."),
    "bad-rate": _page("This is not a limit.", "Write it like `1 per day`, `3 per week` or `2 per 10 days`."),
    "bad-url": _page(
        "This is not a web address that can stand here.",
        "It must be whole, begin with https:// (a link also with http://), and carry no user name or "
        "password. The address for unsubscribing must have `{token}` in it.",
    ),
    "bad-variable": _page(
        "This is not the name of an environment variable.",
        "Keys that end in `_env` take the name of a variable, never the secret itself.",
        "password_env: hunter2!",
        "password_env: SMTP_PASSWORD",
    ),
    "bad-variant": _page(
        "An asset is a variant of itself or of another variant.",
        "All versions of one asset name the same original, so that it is clear which count as one.",
    ),
    "bad-window": _page("This is not a send window.", "Write it like `Mon-Fri 09:00-17:00, Sat 10:00-12:00`."),
    "bad-zone": _page(
        "This is not a time zone with a place.",
        "Write area and city, such as Europe/Berlin: only a place has rules for summer time.",
        "zone: EST",
        "zone: America/New_York",
    ),
    "missing-key": _page("A key that must be there is missing.", "The finding says what it means and how it looks."),
    "no-tls": _page(
        "Mails and password would cross the network for everybody to read.",
        "`tls: off` is only for a server on the same machine.",
    ),
    "repeated-item": _page("The same item stands twice in a list.", "Keep one of the two."),
    "secret-in-file": _page(
        "A secret stands in a file of the project.",
        "Such files are shared and kept for ever in version control, so it is not read, and never shown. Put "
        "the secret in an environment variable, or in a file that only you can read, name that, and change "
        "the secret.",
        "password: hunter2",
        "password_env: SMTP_PASSWORD",
    ),
    "segment-circle": _page(
        "Segments name each other in a circle.",
        "A segment cannot be decided by itself. Write one of them without the other.",
    ),
    "two-passwords": _page("A channel has two sources for its password.", "Keep `password_env` or `password_file`."),
    "unknown-key": _page(
        "There is no such key here.",
        "The finding lists the keys that can stand here, and the one that was probably meant.",
    ),
    "wrong-type": _page(
        "The value is not what this key wants.",
        "The finding says what it wants. A word that means yes, no or nothing must stand in quotes where a "
        "text is wanted.",
        "title: true",
        'title: "true"',
    ),
}

_STEPS = {
    "ambiguous-step": _page(
        "Several stages have a step of this name.",
        "Name it with its stage: `decision/comparison`.",
    ),
    "bad-rule": _page(
        "A rule does nothing, or more than one thing.",
        "It has an `if` and exactly one of `stage`, `goto` and `exit`.",
    ),
    "bad-step": _page(
        "A step does nothing that is known, or more than one thing.",
        "A step is a mapping with exactly one of `send`, `wait`, `wait_for`, `stream`, `branch`, `split`, "
        "`set`, `stage`, `goto`, `exit` and `handoff`, and the keys that belong to it. Each step begins with a dash of "
        "its own.",
        "- send: why-zero-trust\n  wait: 3 days",
        "- send: why-zero-trust\n- wait: 3 days",
    ),
    "misplaced-else": _page("The `else` of a branch does not stand last, or not once.", "Put it last, once."),
    "missing-else": _page(
        "A branch does not say what becomes of everybody else.",
        "Write it down, so that nobody need guess; `else: []` goes on with the next step.",
        '- branch:\n    - if: role == "user"\n      then: [{send: guide}]',
        '- branch:\n    - if: role == "user"\n      then: [{send: guide}]\n    - else: []',
    ),
    "moved-step-exists": _page(
        "`moved` names an old step that is still in the file.",
        "`moved` tells where people stand now whose step is gone. Take the line away, or rename the step.",
    ),
    "name-differs": _page(
        "A campaign has another name than its file.",
        "The name is what the database remembers. Rename the file, or write the file's name after `campaign:`.",
    ),
    "repeated-id": _page("Two steps, or two rules, have the same id.", "Rename one of them."),
    "unknown-asset": _page(
        "There is no such asset.",
        "Assets are the files in templates/, named without their ending. `nurture new asset NAME` makes one.",
    ),
    "unknown-channel": _page("There is no such channel.", "Channels are declared under `channels:` in nurture.yml."),
    "unknown-campaign": _page(
        "There is no such campaign.",
        "A campaign is a file: campaigns/<name>.yml. `nurture new campaign NAME` makes one.",
    ),
    "bad-stage": _page(
        "What is written of a stage contradicts itself.",
        "A way back leads to an earlier stage, by each reason to one; a time to leave belongs to a stage of kind `sla`;"
        " a gate stands before another stage, because nobody stays in it.",
        "stages:\n  - recycled\n  - {stage: lead, within: 5 days}",
        "stages:\n  - recycled\n  - {stage: lead, kind: sla, within: 5 days}",
    ),
    "bad-number": _page("A number cannot be read.", "Write digits, with a point before the fraction: `1.5`."),
    "unknown-stage": _page("There is no such buyer stage.", "Stages are declared under `stages:` in nurture.yml."),
    "unknown-step": _page(
        "The campaign has no such step.",
        "A step is named by its `id:`, or by the label that was made from what it does, or by `<stage>/<label>`.",
    ),
}

_CONDITIONS = {
    "bad-argument": _page(
        "A call in a condition has an argument that does not fit.",
        "Texts stand in quotes; lengths of time have their unit; all but the first one or two arguments are named.",
        'when: clicked("pricing", "7 days")',
        'when: clicked("pricing", within="7 days")',
    ),
    "bad-condition": _page(
        "A condition cannot be understood.",
        "Conditions are written with `and`, `or`, `not`, `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `is None`, "
        "names of fields, texts in quotes, numbers, and the calls of this language.",
        'when: role = "user" && !tag("partner")',
        'when: role == "user" and not tag("partner")',
    ),
    "condition-type": _page(
        "The two sides of a comparison do not fit, or something is neither yes nor no.",
        'Text is compared with text, numbers with numbers, dates with dates such as "2026-12-31". Only '
        "numbers and dates have an order; of stages name those that are meant.",
        'when: stage >= "lead"',
        'when: stage in ["lead", "customer"]',
    ),
    "unknown-event-kind": _page(
        "There is no such kind of event.",
        "Kinds beyond those that everybody has are declared under `events:` in nurture.yml.",
    ),
    "unknown-field": _page(
        "There is no such field.",
        "Fields beyond those that every contact has are declared under `fields:` in nurture.yml. A text needs quotes.",
        "when: role == buyer",
        'when: role == "buyer"',
    ),
    "unknown-function": _page("There is no such call in conditions.", "The reference lists the calls."),
    "unknown-segment": _page("There is no such segment.", "Segments are declared under `segments:` in nurture.yml."),
}

RULES = dict(sorted({**_FILES, **_YAML, **_VALUES, **_STEPS, **_CONDITIONS}.items()))
