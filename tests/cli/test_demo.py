from pathlib import Path

import pytest

from tests.conftest import Answer, Nurture


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo."""
    return tmp_path_factory.mktemp("demo") / "week"


@pytest.fixture
def demo(nurture: Nurture, where: Path) -> Answer:
    """The demo, shown once."""
    if not where.exists():
        answer = nurture("demo", where)
        (where / "told.txt").write_text(answer.out)
        assert (answer.code, answer.err) == (0, "")
    return Answer(0, (where / "told.txt").read_text(), "")


def test_a_week_passes_before_the_readers_eyes(demo: Answer, where: Path) -> None:
    mails = demo.out.count("  mail:  ")
    tasks = demo.out.count("  to do: ")

    assert mails == len(list((where / "outbox").glob("*.eml"))) > 20
    assert tasks >= 2
    assert f"{mails + tasks} touches went out." in demo.out
    assert [line for line in demo.out.splitlines() if line.endswith(("-02", "-08"))] == [
        "Monday 2026-03-02", "Sunday 2026-03-08",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "  11:00  mail:  zero-trust-ebook -> Anna Bergmann  [zero-trust, name/zero-trust-ebook]",
        "  15:00  mail:  pricing-guide -> Clara Hoffmann  [asked for]",
        "  16:00  to do: call-the-lead -> Miguel Ortega  [zero-trust, lead/call-the-lead, 09:00 in America/Chicago]",
    ],
)
def test_the_example_shows_a_way_in_a_pull_and_a_jump_ahead(demo: Answer, line: str) -> None:
    assert line in demo.out.splitlines()


def test_nobody_gets_anything_after_unsubscribing_or_without_consent(demo: Answer) -> None:
    after = demo.out.partition("Hannah Fischer unsubscribed")[2]

    assert after
    assert "-> Hannah Fischer" not in after
    assert "-> Lukas Braun" not in demo.out


def test_every_command_that_is_recommended_works(demo: Answer, where: Path, nurture: Nurture) -> None:
    commands = [line.split()[1:] for line in demo.out.splitlines() if line.startswith("  ") and "nurture " in line]

    assert len(commands) == 5
    for words in commands:
        assert nurture(*words, cwd=where).code == 0


def test_a_folder_that_is_taken_is_refused(demo: Answer, where: Path, nurture: Nurture) -> None:
    assert nurture("demo", where).code == 3
