"""`stuck`, `silent`, `check --data`, and the funnel in `status` and `explain`, on the command line."""

import json
from pathlib import Path

import pytest

from nurture_cli.cli.check_data import RULES
from nurture_cli.clock import SteppingClock
from nurture_cli.store.database import open_writer, writing
from tests.conftest import AddPerson, MakeProject, Nurture
from tests.projects import SHOP

DAY = 86400
STAGES = """\
stages:
  - {stage: name, kind: sla, within: 5 days, owner: marketing}
  - {stage: lead, when: interest >= 25 and role == "buyer", handoff: sales, back: [{to: name, for: [no-budget]}]}
  - customer
sales: {channel: task, accept_within: 2 days, won: customer}
recycling: {no-budget: {rest: 30 days}}
radar: [{signal: asked, if: did("inquired"), task: Call them}]
"""
FUNNEL = SHOP["nurture.yml"].replace("stages: [name, lead, customer]\n", STAGES)


@pytest.fixture
def shop(project: MakeProject) -> Path:
    """The small shop, with a funnel."""
    return project({"nurture.yml": FUNNEL})


def rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_stuck_is_tab_separated_in_a_pipe_and_ends_with_1_only_when_asked(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    person("ann@example.com", role="buyer")
    nobody = nurture("stuck", "--exit-code", cwd=shop)
    clock.at += 6 * DAY

    told = nurture("stuck", cwd=shop)

    assert (nobody.code, nobody.err, rows(nobody.out)[1:]) == (0, "", [])
    assert (told.code, told.err) == (0, "")
    head, ann = rows(told.out)
    assert head == ["email", "stage", "promise", "owner", "since", "due", "lacks"]
    assert ann == [
        "ann@example.com", "name", "stage", "marketing", "2026-03-03 10:00 +01:00", "2026-03-08 10:00 +01:00",
        "interest >= 25 (seen: 0)",
    ]  # fmt: skip
    assert nurture("stuck", "--exit-code", cwd=shop).code == 1
    assert nurture("stuck", "--exit-code", "--stage", "lead", cwd=shop).code == 0


def test_a_stage_that_is_not_there_is_named_with_the_nearest(nurture: Nurture, shop: Path) -> None:
    answer = nurture("stuck", "--stage", "leed", cwd=shop)

    assert answer.code == 2
    assert "Did you mean lead?" in answer.err


def test_a_long_list_shows_its_head_on_a_terminal_and_is_whole_in_a_pipe(
    nurture: Nurture, shop: Path, clock: SteppingClock
) -> None:
    people = "email\n" + "".join(f"p{number:02}@example.com\n" for number in range(25))
    (shop / "people.csv").write_text(people)
    assert nurture("contacts", "import", "people.csv", cwd=shop).code == 0
    clock.at += 61 * DAY

    for command in ("stuck", "silent"):
        seen = nurture(command, cwd=shop, terminal=True)
        piped = nurture(command, cwd=shop)
        as_json = nurture(command, "--json", cwd=shop)

        assert "p19@example.com" in seen.out
        assert "p20@example.com" not in seen.out
        assert "and 5 more" in seen.err
        assert len(rows(piped.out)) == 26
        assert len([json.loads(line) for line in as_json.out.splitlines()]) == 25


def test_silent_counts_the_days_that_are_asked_for(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    person("ann@example.com", "fair")
    person("bob@example.com", "fair", consent="unknown")
    nurture("run", cwd=shop)
    clock.at += 10 * DAY

    def names(*words: str) -> list[tuple[str, str]]:
        return [(one["email"], one["reason"]) for one in map(json.loads, nurture(*words, cwd=shop).out.splitlines())]

    assert names("silent", "--json") == []
    assert names("silent", "--json", "--days", "10") == [
        ("ann@example.com", "waiting"),
        ("bob@example.com", "no-consent"),
    ]
    assert names("silent", "--json", "--days", "11") == []
    assert names("silent", "--json", "--no-track") == []


def test_who_is_in_no_track_is_found_by_a_command_and_by_check(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    person("ann@example.com", "fair")
    person("bob@example.com")
    person("cat@example.com")
    nurture("run", cwd=shop)
    clock.at += DAY

    piped = nurture("silent", "--no-track", cwd=shop)
    found = json.loads(nurture("check", "--data", "--format", "json", cwd=shop).out)["findings"]

    assert [row[0] for row in rows(piped.out)[1:]] == ["bob@example.com", "cat@example.com"]
    (one,) = [finding for finding in found if finding["rule"] == "people-without-track"]
    assert one["message"] == "2 contacts with consent are in `name` and in no campaign."
    assert (one["file"], one["line"], one["column"]) == ("nurture.yml", 9, 13)


def test_check_finds_people_only_when_it_is_asked_to(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    person("ann@example.com", consent="unknown")
    person("lea@example.com", role="buyer")
    nurture("events", "add", "lea@example.com", "requested_demo", cwd=shop)
    nurture("run", cwd=shop)
    clock.at += 61 * DAY

    without = nurture("check", cwd=shop)
    text = nurture("check", "--data", cwd=shop)
    github = nurture("check", "--data", "--format", "github", cwd=shop)

    assert "people-" not in without.out
    assert text.code == 0
    assert "1 contact in `name` has not been written to for 60 days: 1 no-campaign. [people-silent]" in text.out
    assert "1 contact has been in `name` for longer than 5 days" in text.out
    assert "Sales has not answered for 1 contact within 2 days" in text.out
    assert "::warning file=nurture.yml,line=9,col=13,endColumn=17,title=people-silent::" in github.out


def test_contacts_in_a_stage_that_the_file_does_not_have_are_found(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com")
    person("bob@example.com")
    person("cat@example.com")
    quiet = nurture("check", "--data", cwd=shop)
    db = open_writer(shop / "nurture.db")
    with writing(db):
        db.execute("UPDATE contact SET stage = 'foo' WHERE email <> 'cat@example.com'")
    db.close()

    found = nurture("check", "--data", cwd=shop)

    assert "foo" not in quiet.out
    assert "2 contacts are in stage `foo`, which is not in this file. [people-in-unknown-stage]" in found.out
    assert "nurture.yml:" in found.out
    assert nurture("plan", cwd=shop).code == 0


def test_a_comment_allows_a_finding_about_people(
    nurture: Nurture, project: MakeProject, person: AddPerson, clock: SteppingClock
) -> None:
    allowed = FUNNEL.replace("owner: marketing}", "owner: marketing}  # nurture: allow people-stuck, people-silent")
    shop = project({"nurture.yml": allowed}, database=False)
    person("ann@example.com", "fair", consent="unknown")
    clock.at += 61 * DAY

    found = nurture("check", "--data", cwd=shop)

    assert "people-" not in found.out


def test_people_are_looked_at_only_when_the_files_are_sound(nurture: Nurture, project: MakeProject) -> None:
    root = project({"campaigns/fair.yml": SHOP["campaigns/fair.yml"].replace("guide", "giude")})

    answer = nurture("check", "--data", cwd=root)

    assert answer.code == 1
    assert "fix the errors in the files first" in answer.err


def test_check_with_data_needs_a_database(nurture: Nurture, project: MakeProject) -> None:
    root = project(database=False)

    assert nurture("check", cwd=root).code == 0
    assert nurture("check", "--data", cwd=root).code != 0


@pytest.mark.parametrize("rule", list(RULES))
def test_the_rules_about_people_have_their_page(nurture: Nurture, shop: Path, rule: str) -> None:
    assert "Only with `check --data`." in nurture("rule", rule, cwd=shop).out


def test_status_tells_broken_promises_and_the_funnel_and_is_quiet_without(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    person("ann@example.com", role="user")
    person("lea@example.com", role="buyer")
    quiet = nurture("status", "--exit-code", cwd=shop)
    nurture("events", "add", "lea@example.com", "requested_demo", cwd=shop)
    nurture("events", "add", "lea@example.com", "inquired", cwd=shop)
    nurture("run", cwd=shop)
    clock.at += 3600
    fresh = nurture("status", "--exit-code", cwd=shop)
    clock.at += 6 * DAY
    late = nurture("status", "--exit-code", cwd=shop)
    nurture("sales", "reject", "lea@example.com", "--reason", "no-budget", cwd=shop)
    given_back = nurture("status", cwd=shop)
    told = json.loads(nurture("status", "--json", cwd=shop).out)

    assert not any(word in quiet.out for word in ("Sales", "recycling", "radar", "beyond"))
    assert (quiet.code, fresh.code, late.code, given_back.code) == (0, 0, 1, 0)
    assert "With Sales: 1 open.\nThe radar noticed in the last 24 hours: asked 1.\n" in fresh.out
    assert "1 contact has been too long in a stage (name 1): nurture stuck" in late.out
    assert "1 lead not answered by Sales in time: nurture sales list" in late.out
    assert "radar" not in late.out
    assert "At rest after recycling: 1." in given_back.out
    assert (told["stuck"], told["unanswered"], told["with_sales"], told["at_rest"]) == ({"name": 1}, 0, {}, 1)


def test_explain_gives_one_turn_with_criteria_as_a_table_and_as_json(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com", role="user")
    nurture("events", "add", "ann@example.com", "inquired", cwd=shop)

    text = nurture("explain", "ann@example.com", cwd=shop, terminal=True)
    told = json.loads(nurture("explain", "ann@example.com", "--json", cwd=shop).out)["funnel"]
    one = nurture("explain", "ann@example.com", "guide", cwd=shop, terminal=True)

    assert 'stays: in name; for lead they still need role == "buyer" (seen: user)' in text.out
    assert 'interest >= 25   25    yes\nrole == "buyer"  user  no\n' in text.out
    assert 'radar: asked, 2026-03-03 10:00 +01:00 [did("inquired") = 1]' in text.out
    assert (told["turn"], told["to"], told["interest"], told["grade"]) == ("stays", None, 25, "C2")
    (lead,) = told["stages"]
    assert (lead["stage"], lead["gate"], lead["met"]) == ("lead", False, False)
    assert lead["criteria"][1] == {
        "needed": 'role == "buyer"', "seen": "user", "met": False, "facts": {"role": "user"},
    }  # fmt: skip
    assert [signal["signal"] for signal in told["radar"]] == ["asked"]
    assert "stays:" not in one.out
