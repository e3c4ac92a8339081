"""Mails in a language that has no built-in words for the footer.

## What it does
Finds languages, in `languages` of nurture.yml and in the front matter of mails, in which a layout would print
`permission_reminder` or `unsubscribe_label` in English. These words are built in for Dutch, English, French, German,
Italian, Portuguese and Spanish.

## Why is this bad?
Below a text in their own language, readers find an English sentence and an English link. Those who do not understand
the link report the mail as spam.

## Example
```yaml
# nurture.yml
languages: [pl]
```
Use instead:
```yaml
# nurture.yml
languages: [pl]
sender:
  permission_reminder: Otrzymujesz tę wiadomość, ponieważ zgodziłeś się na kontakt z nami.
# templates/_layout.html
{{ body }}
<p>{{ permission_reminder }} <a href="{{ unsubscribe_url }}">Wypisz się</a><br>{{ sender.postal_address }}</p>
# templates/_layout.txt
{{ body }}

{{ permission_reminder }}
Wypisz się: {{ unsubscribe_url }}
{{ sender.postal_address }}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from nurture_cli.check.survey import Survey
from nurture_cli.message.footer_words import are_built_in
from nurture_cli.message.layout import FOLDER, HTML_LAYOUT, TEXT_LAYOUT
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span

ID = "footer-in-english"
SEVERITY = Severity.NOTE
REMINDER, LABEL = "permission_reminder", "unsubscribe_label"
HELP = {
    REMINDER: "Write the sentence as `sender.permission_reminder` in nurture.yml.",
    LABEL: f"Write your own word in the place of `{LABEL}` in {FOLDER}{HTML_LAYOUT} and {FOLDER}{TEXT_LAYOUT}.",
}


def check(survey: Survey) -> Iterator[Diagnostic]:
    """Yield a finding for `languages` of nurture.yml, and for each mail that names another such language."""
    english = [name for name in (REMINDER, LABEL) if name in _printed(survey)]
    if survey.config.sender.permission_reminder is not None and REMINDER in english:
        english.remove(REMINDER)
    if not english or not survey.mails:
        return
    help = " ".join(HELP[name] for name in english)
    for language, span in _languages(survey):
        if not are_built_in(language):
            words = f"There are no built-in words in `{language}` for the footer of mails, so it is in English."
            yield Diagnostic(ID, SEVERITY, span, words, help)


def _languages(survey: Survey) -> Iterator[tuple[str, Span]]:
    """Each language in which mails are written, and the first place that says so."""
    said: dict[str, Span] = {}
    for language in survey.config.languages:
        said.setdefault(language, survey.config.places["languages"])
    for asset in survey.mails:
        if asset.language is not None:
            said.setdefault(asset.language, asset.places["language"])
    yield from said.items()


def _printed(survey: Survey) -> set[str]:
    """The names that the layouts print; the built-in layouts print both."""
    own = all(f"{FOLDER}{layout}" in survey.partials for layout in (HTML_LAYOUT, TEXT_LAYOUT))
    in_own = {name for text in survey.texts if text.asset is None for name, _ in text.names}
    return in_own if own else in_own | {REMINDER, LABEL}
