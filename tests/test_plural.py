import pytest

from nurture_cli.plural import how_many


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (0, ("contact",), "0 contacts"),
        (1, ("contact",), "1 contact"),
        (2, ("contact",), "2 contacts"),
        (12345, ("contact",), "12,345 contacts"),
        (1, ("reply", "replies"), "1 reply"),
        (2, ("reply", "replies"), "2 replies"),
        (1, ("answer is", "answers are"), "1 answer is"),
    ],
)
def test_one_is_one_and_everything_else_is_several(count: int, words: tuple[str, ...], said: str) -> None:
    assert how_many(count, *words) == said
