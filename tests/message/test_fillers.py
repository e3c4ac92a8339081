"""Which words wait to be replaced, which might, and which are somebody's own."""

from __future__ import annotations

import pytest

from nurture_cli.campaign.model import BodyFormat
from nurture_cli.message.fillers import in_line, in_name, in_prose
from nurture_cli.message.prose import prose
from nurture_cli.message.stand_ins import StandIn


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("Lorem ipsum dolor sit amet", "Lorem ipsum dolor"),
        ("TODO: write this", "TODO"),
        ("x\n  - **TODO**: write this", "TODO"),
        ("## TODO\nx", "TODO"),
        ("<p>FIXME</p>", "FIXME"),
        ("costs [TODO: the price] a month", "[TODO: the price]"),
        ("costs (TODO) a month", "(TODO)"),
        ("on [insert date]", "[insert date]"),
        ("on <INSERT DATE>", "<INSERT DATE>"),
        ("[Your company's slogan]", "[Your company's slogan]"),
        ("Read on: [link]", "[link]"),
        ("insert product name here", "insert product name here"),
        ("Your headline goes here", "headline goes here"),
        ("[one line about what they get]", "[one line about what they get]"),
        ("Soon: [2 short sentences on the price].", "[2 short sentences on the price]"),
        ("Dear [FIRSTNAME GOES HERE],", "[FIRSTNAME GOES HERE]"),
        ("<the price goes here>", "<the price goes here>"),
        ("Hi ____,", "Hi ____"),
        ("Liebe ______,", "Liebe ______"),
        ("Hier Text einfügen", "Hier Text einfügen"),
        ("Hier den Vornamen einsetzen", "Hier den Vornamen einsetzen"),
        ("[Text hier einfügen]", "Text hier einfügen"),
        ("Hallo [Ihr Name],", "[Ihr Name]"),
        ("Insérez votre texte ici", "Insérez votre texte ici"),
        ("Insertar el texto aquí", "Insertar el texto aquí"),
        ("Inserire il titolo qui", "Inserire il titolo qui"),
        ("Insira o texto aqui", "Insira o texto aqui"),
        ("Hier tekst invoegen", "Hier tekst invoegen"),
    ],
)
def test_what_nobody_would_send_is_certain(text: str, piece: str) -> None:
    assert [(one.sort, text[one.start : one.end]) for one in in_prose(text)] == [(StandIn.WORDS, piece)]


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("the TODO list", "TODO"),
        ("we removed every FIXME: at last", "FIXME"),
        ("The place is TBD.", "TBD"),
        ("Hamburg (TBC)", "TBC"),
        ("Super Bowl XXX", "XXX"),
        ("designers love lorem ipsum", "lorem ipsum"),
        ("Our biggest risk is ____.", "____"),
        ("____, your guide is ready", "____"),
        ("Join us on [EVENT DATE]", "[EVENT DATE]"),
        ("[TODO list](https://kelp-works.com)", "TODO"),
    ],
)
def test_what_could_be_meant_is_not_certain(text: str, piece: str) -> None:
    assert [(one.sort, text[one.start : one.end]) for one in in_prose(text)] == [(StandIn.MAYBE, piece)]


@pytest.mark.parametrize(
    "text",
    [
        "for example: your company, your name", "a to-do list, todo.txt, Todoist", "Add your name here: https://x.com",
        "Insert your card here", "[Insert](https://kelp-works.com)", "[link][1]\n\n[link]: https://kelp-works.com",
        "___strong___ and __strong__", "___", "____________________", "snake___case", "[Your ticket] [your account]",
        "Your logo here!", "mastodon TODOs", "XX. and MCMXXX", "[enter] [sic]", "Dear Mr. Todo",
        "[one line](https://kelp-works.com)", "[a paragraph that nobody reads](https://kelp-works.com)",
        "[see below] [PDF]",
        "[WHITE PAPER](https://kelp-works.com)", "Everything goes here", "Hier fügen Sie den Text ein", "____\n____",
        "Hier Karte einfügen", "Insérez votre carte ici", "Hi-fi ___x___", "[EU] [DE/EN] [WEBINAR] [1]",
    ],
)  # fmt: skip
def test_what_people_write_is_left_alone(text: str) -> None:
    assert list(in_prose(text)) == []


@pytest.mark.parametrize(
    ("text", "form", "left"),
    [
        ("`TODO: x` and ``TODO``", BodyFormat.MARKDOWN, False),
        ("```\nTODO: x\n```", BodyFormat.MARKDOWN, False),
        ("<!-- TODO: x --> {# TODO: x #}", BodyFormat.MARKDOWN, False),
        ("<pre>TODO: x</pre><style>/* TODO */</style>", BodyFormat.HTML, False),
        ("<!--[if mso]>TODO: x<![endif]-->", BodyFormat.HTML, True),
        ("`TODO`", BodyFormat.TEXT, True),
    ],
)
def test_code_and_comments_are_not_prose(text: str, form: BodyFormat, left: bool) -> None:
    shown = prose(text, form)

    assert bool(list(in_prose(shown))) is left
    assert [len(line) for line in shown.split("\n")] == [len(line) for line in text.split("\n")]


@pytest.mark.parametrize(
    "text",
    [
        "TODO",
        "tbd.",
        " Subject ",
        "Subject line",
        "Your subject",
        "TODO: think",
        "XXX",
        "Untitled",
        "[what it is about]",
    ],
)
def test_a_subject_that_says_nothing_is_certain(text: str) -> None:
    assert [one.sort for one in in_line(text)] == [StandIn.WORDS]


@pytest.mark.parametrize(
    "text",
    ["The subject of today", "To-do: relax", "Todoist and you", "A title", "No subject is boring", "[Webinar] Join us"],
)
def test_a_subject_that_says_something_is_left_alone(text: str) -> None:
    assert list(in_line(text)) == []


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("TODO", "TODO"),
        ("Kelp Ltd, XXX Lane", "XXX"),
        ("Lorem Ipsum", "Lorem Ipsum"),
        ("Kelp Ltd, ____", "____"),
        ("Your Company", "Your Company"),
        ("Ann, your company GmbH", "your company GmbH"),
        ("my name", "my name"),
        ("[Your Street 1]", "[Your Street 1]"),
        ("Kelp Ltd, 1 Example Street", "Example Street"),
        ("12345 Exampletown", "Exampletown"),
        ("Example Ltd., 4 Harbour Lane", "Example Ltd."),
        ("Max Mustermann", "Mustermann"),
        ("Musterstraße 1", "Musterstraße"),
        ("Company Name, 4 Harbour Lane", "Company Name"),
        ("Kelp Ltd\nStreet Address", "Street Address"),
        ("4 Harbour Lane, Anytown", "Anytown"),
    ],
)
def test_names_that_are_nobodys_are_certain(text: str, piece: str) -> None:
    assert [(one.sort, text[one.start : one.end]) for one in in_name(text)] == [(StandIn.WORDS, piece)]


@pytest.mark.parametrize(
    "text",
    [
        "Code by Example Ltd", "Ines Example", "Know Your Company Inc", "Build Your Brand", "Streetwise Ltd",
        "123 Main Street, Springfield", "Acme Ltd", "John Doe", "Companions, 5 Name Lane", "12345 Schenectady",
        "My Little Company of Bristol", "Anna [EU]", "Muster Ltd", "Todd Ott", "Zip Ltd, Street 5",
    ],
)  # fmt: skip
def test_names_that_somebody_may_have_are_left_alone(text: str) -> None:
    assert list(in_name(text)) == []
