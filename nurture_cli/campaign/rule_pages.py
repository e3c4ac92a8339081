"""The rules that are checked while files are read: for each its manual page, Markdown, its first line a sentence.

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
        "A name contains a character that names cannot have, or is a reserved word.",
        "Names of files, stages, channels, segments, event kinds, steps and arms consist of lowercase letters a-z, "
        "digits, `-` and `_`, begin with a letter or digit, and have at most 64 characters, because they become "
        "parts of step ids and file names. Names of fields have no `-`, because conditions use them without "
        "quotes. Words of the condition language, such as `and`, cannot be names.",
        "stages: [Awareness, Sales Lead]",
        "stages: [awareness, sales-lead]",
    ),
    "control-character": _page(
        "The file contains an invisible control character.",
        "Such characters come with text that was copied from elsewhere. They can change what a terminal or a mail "
        "program shows, and nobody means them. Delete it; the finding says where it is.",
    ),
    "empty-file": _page(
        "There is nothing in this file.",
        "A file with nothing but comments counts as empty, too. Fill it, or delete it.",
    ),
    "ignored-file": _page(
        "A file in this folder is not read, because its name has the wrong ending.",
        "Campaigns end in .yml or .yaml, assets in .md, .html or .txt. Rename the file, or move it elsewhere. "
        "Hidden files, files called README, and what editors leave behind are ignored without a word.",
    ),
    "no-front-matter": _page(
        "An asset does not begin with its front matter.",
        "Every asset begins with a line `---`, its keys, and another line `---`; the text comes after that.",
        right="---\ntitle: Why zero trust\nsubject: Three questions\n---\nHello,",
    ),
    "not-a-file": _page(
        "A folder or a device is where a file should be.",
        "Folders, pipes and devices are never opened. Put a text file in its place, or rename it.",
    ),
    "not-utf-8": _page(
        "The file is not written in UTF-8.",
        "Files from older Windows programs are often in Windows-1252 or UTF-16. Save it again as UTF-8.",
    ),
    "outside-folder": _page(
        "A link leads out of its folder.",
        "nurture follows a link in campaigns/ or templates/ to a file in that same folder, and a link beside "
        "nurture.yml to a file beside it, each with the same ending; it follows no links to folders. Otherwise a "
        "change that somebody proposes could put your key or another secret into mails or messages. nurture did not "
        "look at where the link leads. Put a copy of the file in its place.",
    ),
    "same-name": _page(
        "Two files would have the same name.",
        "The name of a campaign or asset is that of its file without the ending. Rename one of them.",
    ),
    "too-large": _page(
        "The file is larger than anything that a person writes.",
        "nurture reads at most 1,000,000 bytes and 50,000 values of a file, with aliases written out, 1,000 items of "
        "a list or mapping, 1,000 steps of a campaign and 100 ways of a branch; and at most 10,000 files of a folder "
        "and 20,000,000 bytes of a project. Split the file, or move unused files elsewhere.",
    ),
    "unreadable-file": _page(
        "A file is missing or cannot be read.",
        "The finding gives the system's reason: the file may belong to somebody else, or a link may lead nowhere.",
    ),
}

_YAML = {
    "merge-key": _page(
        "`<<` merges mappings in other tools; here everything is written out.",
        "A key that comes from elsewhere is easily overlooked. Write each key where it applies.",
    ),
    "not-yaml": _page(
        "The file is not YAML.",
        "nurture could read nothing after this place, so there may be more to find once it is fixed. Usual causes "
        "are a colon or quotes inside a text that is not in quotes, a bracket or quote that is not closed, and "
        "indentation.",
        "title: Zero trust: a beginning",
        'title: "Zero trust: a beginning"',
    ),
    "repeated-key": _page(
        "The same key appears twice.",
        "Most programs would silently take the last one. Keep one of the two.",
        "pace:\n  gap: 3 days\n  gap: 5 days",
        "pace:\n  gap: 5 days",
    ),
    "several-documents": _page(
        "A second document begins in the file.",
        "One file holds one campaign. Move the second to a file of its own; delete a stray line `---`.",
    ),
    "tab": _page(
        "A line is indented with a tab.",
        "YAML does not allow tabs there, because editors show them in different widths. Replace each tab with two "
        "spaces; most editors can do that.",
    ),
    "too-deep": _page(
        "The nesting here is deeper than any campaign needs.",
        "nurture reads at most 40 levels.",
    ),
    "unquoted-braces": _page(
        "A text with `{{ … }}` is not in quotes.",
        "YAML takes an unquoted `{` for the beginning of a mapping. Put the whole text in quotes.",
        "subject: {{ contact.first_name }}, three questions",
        'subject: "{{ contact.first_name }}, three questions"',
    ),
    "yaml-alias": _page(
        "An alias (`*name`) names nothing, repeats itself, or there are too many.",
        "nurture reads at most 100 aliases. A text that begins with `*` must be in quotes.",
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
        "This is not one e-mail address.",
        "Write a single address, without a name: anna@example.com.",
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
        "This web address cannot be used here.",
        "It must be complete, begin with https:// (a link may also begin with http://), and carry no user name or "
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
        "All variants of an asset must name the same original, so that it is clear which ones count as one.",
    ),
    "bad-window": _page("This is not a send window.", "Write it like `Mon-Fri 09:00-17:00, Sat 10:00-12:00`."),
    "bad-zone": _page(
        "This is not a time zone with a place.",
        "Write area and city, such as Europe/Berlin: only a place has rules for summer time.",
        "zone: EST",
        "zone: America/New_York",
    ),
    "missing-key": _page(
        "A required key is missing.",
        "The finding says what the key means and shows an example.",
    ),
    "no-tls": _page(
        "Mails and the password would cross the network unencrypted.",
        "`tls: off` is only for a server on the same machine.",
    ),
    "repeated-item": _page(
        "The same item appears twice in a list.",
        "Keep one of the two.",
    ),
    "secret-in-file": _page(
        "A file of the project contains a secret.",
        "Such files are shared and stay in version control forever, so nurture neither reads nor shows the "
        "secret. Put it in an environment variable or in a file that only you can read, name that here, and "
        "change the secret.",
        "password: hunter2",
        "password_env: SMTP_PASSWORD",
    ),
    "segment-circle": _page(
        "Segments refer to each other in a circle.",
        "Whether a contact is in a segment cannot depend on that segment itself. Write one of them without the other.",
    ),
    "two-passwords": _page("A channel has two sources for its password.", "Keep `password_env` or `password_file`."),
    "unknown-key": _page(
        "There is no such key here.",
        "The finding lists the keys that are allowed here, and the one that you probably mean.",
    ),
    "wrong-type": _page(
        "This key takes a different kind of value.",
        "The finding says which. A word that means yes, no or nothing must be in quotes where text is expected.",
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
        "A step does nothing that nurture knows, or more than one thing.",
        "A step is a mapping with exactly one of `send`, `wait`, `wait_for`, `stream`, `branch`, `split`, `set`, "
        "`stage`, `goto`, `exit` and `handoff`, and the keys that belong to it. Each step begins with a dash of "
        "its own.",
        "- send: why-zero-trust\n  wait: 3 days",
        "- send: why-zero-trust\n- wait: 3 days",
    ),
    "misplaced-else": _page(
        "The `else` of a branch is not at the end, or there are several.",
        "Put one `else` at the end.",
    ),
    "missing-else": _page(
        "A branch does not say what happens to everybody else.",
        "Say it, so that nobody has to guess; `else: []` goes on with the next step.",
        '- branch:\n    - if: role == "user"\n      then: [{send: guide}]',
        '- branch:\n    - if: role == "user"\n      then: [{send: guide}]\n    - else: []',
    ),
    "moved-step-exists": _page(
        "`moved` names an old step that is still in the file.",
        "`moved` says where contacts go on when their old step is gone. Remove the line, or rename the step.",
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
        "The keys of a stage contradict each other.",
        "A way back leads to an earlier stage, and each reason to only one. `within` needs `kind: sla`. A gate "
        "needs another stage after it, because nobody stays in it.",
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
        "Put text in quotes, write lengths of time with their unit, and name all arguments but the first one or two.",
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
        "A comparison has sides of different types, or a part is neither yes nor no.",
        'Compare text with text, numbers with numbers, and dates with dates such as "2026-12-31". Only numbers '
        "and dates have an order; of stages, list those that you mean.",
        'when: stage >= "lead"',
        'when: stage in ["lead", "customer"]',
    ),
    "unknown-event-kind": _page(
        "There is no such kind of event.",
        "Declare your own kinds under `events:` in nurture.yml.",
    ),
    "unknown-field": _page(
        "There is no such field.",
        "Declare your own fields under `fields:` in nurture.yml. Text needs quotes.",
        "when: role == buyer",
        'when: role == "buyer"',
    ),
    "unknown-function": _page("There is no such call in conditions.", "The reference lists the calls."),
    "unknown-segment": _page("There is no such segment.", "Segments are declared under `segments:` in nurture.yml."),
}

RULES = dict(sorted({**_FILES, **_YAML, **_VALUES, **_STEPS, **_CONDITIONS}.items()))
