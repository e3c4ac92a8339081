import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from tests.conftest import AddPerson, Nurture

DAY = 86400


def hashes(folder: Path) -> dict[str, str]:
    """The content of every file that has any, but for lock files."""
    return {
        str(path): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.stat().st_size and not path.name.endswith((".write", ".run", "-shm"))
    }


def test_json_is_the_counts_then_what_is_due_then_what_is_held(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair", stage="lead")
    person("bob@example.com", "fair", consent="unknown")

    answer = nurture("plan", "--json", cwd=shop)

    head, due, held = map(json.loads, answer.out.splitlines())
    assert answer.code == 0
    assert (head["type"], head["due"], head["held"]) == ("plan", 1, 1)
    assert head["at"] == "2026-03-03T10:00:00+01:00"
    assert head["held_by_reason"] == {"no-consent": 1}
    assert (due["type"], due["email"], due["asset"], due["campaign"]) == ("due", "ann@example.com", "welcome", "fair")
    assert (held["type"], held["email"], held["reason"]) == ("held", "bob@example.com", "no-consent")


def test_a_pipe_gets_every_row_and_a_terminal_the_head(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    for number in range(25):
        person(f"p{number}@example.com", "fair")

    piped = nurture("plan", cwd=shop)
    seen = nurture("plan", cwd=shop, terminal=True)

    assert len(piped.out.splitlines()) == 26
    assert piped.err == "25 due and 0 held back at 2026-03-03 10:00 +01:00.\n"
    assert seen.out.count("@example.com") == 20
    assert "… and 5 more" in seen.err


def test_text_is_for_people_where_there_is_no_terminal_and_leaves_a_pipe_alone(
    nurture: Nurture, shop: Path, person: AddPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(25):
        person(f"somebody-with-a-long-name-{number:02}@a-company-with-a-long-name.example", "fair")
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    piped = nurture("plan", cwd=shop)
    monkeypatch.setattr("shutil.get_terminal_size", lambda fallback: os.terminal_size(fallback))
    log = nurture("plan", "--text", cwd=shop)

    assert {line.split("\t")[0] for line in piped.out.splitlines()[1:]} == {"due"}
    lines = log.out.splitlines()
    assert lines[0] == "25 due and 0 held back at 2026-03-03 10:00 +01:00."
    assert lines[lines.index("Due") + 1].split() == ["Contact", "Asset", "Campaign", "Step", "Due", "since"]
    assert sum("2026-03-03 10:00" in line for line in lines) == 21  # a contact a line, at 120 columns
    assert max(map(len, lines)) <= 120
    assert not {"\x1b", "\t"} & set(log.out)
    assert log.err == "… and 5 more: `--json` has them all.\n"
    assert nurture("plan", "--text", "--json", cwd=shop).code == 2


def test_a_plan_with_nothing_due_says_why_on_every_way_out(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    empty = nurture("plan", cwd=shop, terminal=True)
    person("ann@example.com")
    person("bob@example.com", "fair", consent="unknown")
    held = nurture("plan", "--json", cwd=shop)
    nurture("contacts", "untag", "bob@example.com", "fair", cwd=shop)

    seen, piped = nurture("plan", cwd=shop, terminal=True, columns=300), nurture("plan", cwd=shop)
    told = json.loads(nurture("plan", "--json", cwd=shop).out)["why"]

    lines = [
        "  1 of 2 contacts has no recorded consent, so nothing can be sent to them. Record it: `nurture contacts set"
        " EMAIL consent=… consent_basis=… consent_source=…`, or import the file again with `--set` for each of the"
        " three.",
        '  1 of 2 contacts has not entered `fair`: it asks for tag("fair"). `nurture explain EMAIL` shows what a'
        " contact still needs.",
    ]
    assert empty.out.splitlines()[1:] == ["  There are no contacts yet. Import some: `nurture contacts import FILE`."]
    assert json.loads(held.out.splitlines()[0])["why"] == []
    assert seen.out.splitlines()[1:] == lines
    assert (len(piped.out.splitlines()), piped.err.splitlines()[1:]) == (1, lines)
    assert [(one["reason"], one["count"]) for one in told] == [("no-consent", 1), ("not-entered", 1)]
    assert [f"  {one['sentence']} {one['next']}" for one in told] == lines


def test_a_campaign_with_nothing_due_names_the_others(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    (shop / "campaigns/other.yml").write_text(
        (shop / "campaigns/fair.yml").read_text().replace("fair", "other").replace("welcome", "guide")
    )
    person("ann@example.com", "fair")

    answer = nurture("plan", "--campaign", "other", cwd=shop, terminal=True)

    assert "0 due and 0 held back of other" in answer.out
    assert "  Other campaigns have 1 due and 0 held back. `nurture plan` shows them.\n" in answer.out
    assert "  The only contact has not entered `other`" in answer.out


def test_a_plan_writes_nothing(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")
    before = hashes(shop)

    for words in (["plan"], ["plan", "--json"], ["run", "--dry-run"], ["explain", "ann@example.com"], ["status"]):
        nurture(*words, cwd=shop)
    nurture("preview", "welcome", "--contact", "ann@example.com", cwd=shop)

    assert hashes(shop) == before


def test_the_exit_code_says_that_something_is_due_only_when_it_is_asked_to(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    nothing = nurture("plan", "--exit-code", cwd=shop).code
    person("ann@example.com", "fair")

    assert nothing == 0
    assert nurture("plan", "--exit-code", cwd=shop).code == 5
    assert nurture("plan", cwd=shop).code == 0


def test_another_time_gives_another_plan(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")

    sunday = nurture("plan", "--json", "--at", "2026-03-08 12:00", cwd=shop)

    head, held = map(json.loads, sunday.out.splitlines())
    assert head["at"] == "2026-03-08T12:00:00+01:00"
    assert (held["reason"], held["until"]) == ("window", "2026-03-09T09:00:00+01:00")


def test_a_time_that_is_past_counts_events_until_then_and_says_that_everything_else_is_of_now(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    fair = (shop / "campaigns/fair.yml").read_text()
    entry = 'tag("fair") or did("visited")'
    (shop / "campaigns/fair.yml").write_text(fair.replace('{when: tag("fair")', f"{{when: '{entry}'"))
    person("ann@example.com")
    person("bob@example.com")
    nurture("contacts", "tag", "ann@example.com", "fair", cwd=shop)
    clock.advance(7 * DAY)
    nurture("events", "add", "bob@example.com", "visited", cwd=shop)

    past = nurture("plan", "--json", "--at", "2026-03-04T10:00", cwd=shop)
    explained = nurture("explain", "bob@example.com", "--json", "--at", "2026-03-04T10:00", cwd=shop)
    now, later = (nurture("plan", "--json", *words, cwd=shop) for words in ((), ("--at", "2026-03-17T10:00")))

    head, due = map(json.loads, past.out.splitlines())
    said = (
        "2026-03-04 10:00 +01:00 is in the past. Conditions count the events and messages until then; everything else"
        " is as it is now: facts, consent, tags, stages, scores, limits and steps in campaigns.\n"
    )
    assert due["email"] == "ann@example.com"  # tagged before that day or after it, who knows
    assert [json.loads(one.out.splitlines()[0])["due"] for one in (now, later)] == [2, 2]
    assert (head["at"], head["facts_at"]) == ("2026-03-04T10:00:00+01:00", "2026-03-10T10:00:00+01:00")
    assert json.loads(explained.out)["facts_at"] == head["facts_at"]
    assert (past.err, explained.err) == (said, said)
    assert (now.err, later.err) == ("", "")


def test_now_is_never_past_however_long_the_answer_takes(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("ann@example.com")

    def later(self: SteppingClock) -> int:
        self.at += 1
        return self.at

    monkeypatch.setattr(SteppingClock, "now", later)
    for words in (["plan"], ["explain", "ann@example.com"]):
        answer = nurture(*words, "--json", cwd=shop)
        head = json.loads(answer.out)
        assert answer.err == ""
        assert head["facts_at"][:19] == head["at"][:19]


def test_a_past_plan_of_files_has_its_facts_from_the_files(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("email\nann@example.com\n")

    answer = nurture("plan", "--json", "--contacts", tmp_path / "c.csv", "--at", "2025-01-07T10:00", cwd=shop)

    head = json.loads(answer.out.splitlines()[0])
    assert head["facts_at"] == head["at"] == "2025-01-07T10:00:00+01:00"
    assert "is in the past" not in answer.err


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01", "2026-03-29T02:30:00Zed", "", "99999-01-01"])
def test_a_time_that_is_none_is_wrong_usage(nurture: Nurture, shop: Path, time: str) -> None:
    answer = nurture("plan", "--at", time, cwd=shop)

    assert answer.code == 2
    assert answer.err.startswith("error: --at")


def test_one_campaign_is_counted_by_itself(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    (shop / "campaigns/other.yml").write_text(
        (shop / "campaigns/fair.yml").read_text().replace("fair", "other").replace("welcome", "guide")
    )
    person("ann@example.com", "fair")
    person("bob@example.com", "other")

    answer = nurture("plan", "--campaign", "other", "--json", cwd=shop)

    head, due = map(json.loads, answer.out.splitlines())
    assert (head["due"], head["entering"], head["due_by_asset"]) == (1, 1, {"guide": 1})
    assert due["email"] == "bob@example.com"


def test_a_campaign_that_does_not_exist_is_named_with_the_nearest_one(nurture: Nurture, shop: Path) -> None:
    answer = nurture("plan", "--campaign", "fiar", cwd=shop)

    assert answer.code == 2
    assert answer.err == (
        "error: There is no campaign fiar.\nhelp: Did you mean fair? `nurture new campaign NAME` makes a new one.\n"
    )


def test_a_campaign_that_is_like_no_other_leads_to_how_one_is_made(nurture: Nurture, shop: Path) -> None:
    before = nurture("plan", "--campaign", "expo", cwd=shop)
    (shop / "campaigns/fair.yml").unlink()
    without_any = nurture("plan", "--campaign", "expo", cwd=shop)

    assert before.err.endswith("\nhelp: Choose from: fair. `nurture new campaign NAME` makes a new one.\n")
    assert without_any.err.endswith("\nhelp: No campaign exists yet. `nurture new campaign NAME` makes one.\n")


def test_files_with_errors_are_no_ground_for_a_plan(nurture: Nurture, shop: Path) -> None:
    (shop / "campaigns/fair.yml").write_text((shop / "campaigns/fair.yml").read_text().replace("welcome", "welcom"))

    for words in (["plan"], ["run"], ["explain", "ann@example.com"], ["contacts", "list", "--where", "True"]):
        answer = nurture(*words, cwd=shop)
        assert answer.code == 1
        assert "campaigns/fair.yml:8:13: error:" in answer.err
        assert "`nurture check` shows everything" in answer.err


def test_without_a_database_the_plan_is_refused_and_none_is_made(nurture: Nurture, shop: Path) -> None:
    (shop / "nurture.db").unlink()

    answer = nurture("plan", cwd=shop)

    assert answer.code == 3
    assert "nurture init" in answer.err
    assert not (shop / "nurture.db").exists()


def test_the_plan_is_found_from_a_folder_inside_and_through_a_link(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    person("ann@example.com", "fair")
    (tmp_path / "link").symlink_to(shop)

    for where in (shop / "campaigns", tmp_path / "link", tmp_path / "link" / "templates"):
        assert json.loads(nurture("plan", "--json", cwd=where).out.splitlines()[0])["due"] == 1
    assert nurture("plan", "--project", shop, cwd=tmp_path).code == 0


def test_plan_and_run_do_the_same(nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock) -> None:
    for number in range(5):
        person(f"p{number}@example.com", "fair")
    nurture("run", "--limit", 2, cwd=shop)
    clock.advance(2 * DAY)

    planned = [json.loads(line) for line in nurture("plan", "--json", cwd=shop).out.splitlines()]
    nurture("run", cwd=shop)

    touches = [json.loads(line) for line in nurture("touches", "list", "--json", cwd=shop).out.splitlines()]
    now = "2026-03-05T10:00:00+01:00"
    assert {(one["key"], one["email"], one["asset"]) for one in planned if one["type"] == "due"} == {
        (one["key"], one["email"], one["asset"]) for one in touches if one["at"] == now
    }
