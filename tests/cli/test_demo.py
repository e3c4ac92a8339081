"""The demo: a week of everybody, then the whole way of one contact; what it tells is what the database says."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.explain.story import story_of
from nurture_cli.store.database import Connection, open_reader
from tests.conftest import Answer, Nurture
from tests.pages import blocks, excerpt_of

ANNA = "anna.bergmann@nordhafen-pumpen.example"


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo."""
    return tmp_path_factory.mktemp("demo") / "year"


@pytest.fixture
def demo(nurture: Nurture, where: Path) -> Answer:
    """The demo, shown once."""
    if not where.exists():
        answer = nurture("demo", where)
        (where / "told.txt").write_text(answer.out)
        assert (answer.code, answer.err) == (0, "")
    return Answer(0, (where / "told.txt").read_text(), "")


@pytest.fixture
def db(demo: Answer, where: Path) -> Iterator[Connection]:
    """What the demo has left behind."""
    connection = open_reader(where / "nurture.db")
    yield connection
    connection.close()


def asked(db: Connection, sql: str) -> list[tuple[object, ...]]:
    """The rows about Anna, who is `:anna`."""
    anna = db.execute("SELECT id FROM contact WHERE email = ?", (ANNA,)).fetchone()[0]
    return [tuple(row) for row in db.execute(sql, {"anna": anna})]


def test_a_week_passes_before_the_readers_eyes(demo: Answer, where: Path) -> None:
    days = re.findall(r"^[A-Z]\w+day 2026-03-\d\d$", demo.out, re.M)

    assert days == ["Monday 2026-03-02", "Tuesday 2026-03-03", "Wednesday 2026-03-04", "Thursday 2026-03-05"]
    assert demo.out.count("  mail:  ") >= 10
    assert "held back at the end of the day: 1 gap, 1 no-consent" in demo.out


@pytest.mark.parametrize(
    "line",
    [
        "  11:00  mail:  zero-trust-ebook -> Anna Bergmann, Grace Holloway (12:00 in Europe/London), Hannah Fischer"
        "  [zero-trust, name/zero-trust-ebook]",
        "  09:00  mail:  pass-it-on -> Paula Lind  [helpers, any/pass-it-on]",
        "  15:00  mail:  pricing-guide -> Clara Hoffmann  [asked for]",
        "  16:00  to do: Talk to Miguel Ortega, Lakeshore Bearings [Miguel Ortega]",
    ],
)
def test_the_week_shows_a_way_in_a_helper_a_pull_and_a_jump_ahead(demo: Answer, line: str) -> None:
    assert line in demo.out.splitlines()


def test_nobody_gets_anything_after_unsubscribing_or_without_consent(demo: Answer) -> None:
    after = demo.out.partition("Hannah Fischer unsubscribed")[2]

    assert after
    assert "Hannah Fischer" not in after
    assert "-> Lukas Braun" not in demo.out


def test_one_contact_goes_the_whole_way_through_the_funnel(db: Connection) -> None:
    moves = asked(db, "SELECT to_stage, cause, reason, version FROM stage_move WHERE contact_id = :anna ORDER BY id")

    assert moves == [
        ("name", "criteria", "", "2026-1"),
        ("engaged", "criteria", "", "2026-1"),
        ("our-market", "criteria", "", "2026-1"),
        ("target", "criteria", "", "2026-1"),
        ("lead", "criteria", "", "2026-1"),
        ("recycled", "sales reject", "no-budget", "2026-1"),
        ("engaged", "radar/back-after-silence", "", "2026-1"),
        ("our-market", "criteria", "", "2026-1"),
        ("target", "criteria", "", "2026-1"),
        ("lead", "criteria", "", "2026-1"),
        ("sales-lead", "sales accept", "", "2026-1"),
        ("opportunity", "command line", "", ""),
        ("customer", "sales won", "", "2026-1"),
    ]


def test_sales_has_her_twice_and_no_campaign_writes_meanwhile(db: Connection) -> None:
    periods = asked(db, "SELECT state, sort, reason, value FROM handoff WHERE contact_id = :anna ORDER BY id")
    meanwhile = asked(
        db,
        "SELECT t.campaign FROM touch t JOIN handoff h ON t.at > h.at AND t.at < h.closed_at"
        " WHERE h.contact_id = :anna AND t.contact_id = :anna AND t.campaign <> ''",
    )

    assert periods == [("rejected", "new", "no-budget", None), ("won", "known-active", None, 48000.0)]
    assert meanwhile == [("with-an-offer",)]


def test_given_back_she_rests_is_kept_warm_and_gets_nothing_that_she_has_seen(db: Connection) -> None:
    recycling = asked(
        db,
        "SELECT reason, interest, campaign, closed_why, closed_at >= rest_until,"
        " (SELECT count(*) FROM touch t WHERE t.contact_id = :anna AND t.at > g.at AND t.at < g.rest_until)"
        " FROM recycling g WHERE contact_id = :anna",
    )
    twice = asked(
        db, "SELECT family FROM touch WHERE contact_id = :anna AND state = 'sent' GROUP BY family HAVING count(*) > 1"
    )

    assert recycling == [("no-budget", "halve", "keep-warm", "rested", 1, 0)]
    assert asked(db, "SELECT asset FROM touch WHERE contact_id = :anna AND campaign = 'keep-warm' ORDER BY id") == [
        ("what-changed",), ("one-cabinet",), ("case-study",), ("comparison",),
    ]  # fmt: skip
    assert twice == []


def test_the_radar_tells_when_she_and_her_company_wake_up(db: Connection) -> None:
    assert asked(db, "SELECT signal FROM alert WHERE contact_id = :anna ORDER BY id") == [
        ("back-after-silence",), ("company-wakes-up",),
    ]  # fmt: skip


def test_won_she_is_cared_for_by_itself_until_she_writes_back(db: Connection) -> None:
    cared_for = asked(db, "SELECT asset FROM touch WHERE contact_id = :anna AND campaign = 'customers' ORDER BY id")
    (ticket,) = asked(
        db,
        "SELECT max(at) FILTER (WHERE kind = 'ticket_opened'), max(at) FILTER (WHERE kind = 'ticket_closed')"
        " FROM event WHERE contact_id = :anna",
    )
    meanwhile = asked(db, f"SELECT 1 FROM touch WHERE contact_id = :anna AND at BETWEEN {ticket[0]} AND {ticket[1]}")
    ends = asked(db, "SELECT end_reason FROM enrollment WHERE contact_id = :anna AND campaign = 'customers'")

    assert cared_for == [("check-in",), ("feedback-ask",), ("upgrade-notice",), ("referral-ask",)]
    assert meanwhile == []
    assert ends == [("replied",)]
    assert asked(db, "SELECT title FROM task WHERE contact_id = :anna AND key LIKE 'reply/%'") == [("Answer a reply",)]
    assert asked(
        db, "SELECT c.email FROM referral r JOIN contact c ON c.id = r.contact_id WHERE r.referrer_id = :anna"
    ) == [("tim.arnold@weserwerft.example",)]


def test_every_touch_and_move_of_hers_is_told_and_nothing_else_is(demo: Answer, db: Connection) -> None:
    way = demo.out.partition("The whole story of one contact")[2]
    told = set(re.findall(r"^  2026-\d\d-\d\d  touch: +(\S+)", way, re.M))
    (anna,) = asked(db, "SELECT :anna")
    sent = {past.text.partition(":")[0] for past in story_of(db, int(str(anna[0]))) if past.kind == "touch"}

    assert told == sent - {"zero-trust-ebook", "why-zero-trust", "vendor-access"}  # of the first week


def test_the_readme_shows_what_the_demo_prints(demo: Answer) -> None:
    shown = blocks("from the demo")

    assert len(shown) == 2
    for block in shown:
        assert excerpt_of(demo.out.splitlines(), block.text), block.text


def test_what_goes_out_lies_in_the_outbox(demo: Answer, where: Path, db: Connection) -> None:
    ((mails, tasks),) = asked(
        db,
        "SELECT count(*) FILTER (WHERE channel = 'mail'), count(*) FILTER (WHERE channel = 'task') FROM touch"
        " WHERE state = 'sent'",
    )

    assert len(list((where / "outbox").glob("*.eml"))) == mails
    assert f"{int(str(mails)) + int(str(tasks))} touches went out in all." in demo.out


def test_the_demo_is_read_in_a_minute_and_has_no_colours_in_a_pipe(demo: Answer) -> None:
    assert len(demo.out.splitlines()) <= 170
    assert "\x1b" not in demo.out


def test_every_command_that_is_recommended_works(demo: Answer, where: Path, nurture: Nurture) -> None:
    recommended = demo.out.rpartition("Look around:\n")[2].splitlines()
    commands = [words[1:] for words in map(shlex.split, recommended) if words and words[0].endswith("nurture")]

    assert len(commands) == 4
    for words in commands:
        assert nurture(*words, cwd=where).code == 0


def test_a_run_by_the_readers_own_clock_is_not_refused(demo: Answer, where: Path, nurture: Nurture) -> None:
    answer = nurture("run", cwd=where)

    assert (answer.code, answer.err) == (0, "")


def test_a_folder_that_is_taken_is_refused(demo: Answer, where: Path, nurture: Nurture) -> None:
    assert nurture("demo", where).code == 3
