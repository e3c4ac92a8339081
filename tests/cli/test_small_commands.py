"""Suppressions, requests, touches, status, backup, migrate, doctor, explain, preview, check, rule, schema."""

import json
import re
import stat
from pathlib import Path

import jsonschema
import pytest

from nurture_cli.cli.rule_pages import pages
from nurture_cli.clock import SteppingClock
from nurture_cli.keys import create_key_file
from tests.conftest import AddPerson, MakeProject, Nurture


def test_a_suppression_outlives_everything_but_its_own_removal(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")

    nurture("suppress", "add", "ANN@example.com", "--why", "asked on the phone", "--unsubscribed", cwd=shop)
    held = nurture("plan", "--json", cwd=shop)
    listed = nurture("suppress", "list", "--json", cwd=shop)
    without_reason = nurture("suppress", "remove", "ann@example.com", cwd=shop)
    nurture("suppress", "remove", "ann@example.com", "--why", "signed up again", "--although", "unsubscribed", cwd=shop)
    due = nurture("plan", "--json", cwd=shop)

    assert json.loads(held.out.splitlines()[0])["held_by_reason"] == {"suppressed": 1}
    (one,) = map(json.loads, listed.out.splitlines())
    assert (one["email"], one["reason"], one["source"]) == ("ann@example.com", "unsubscribed", "asked on the phone")
    assert without_reason.code == 2
    assert json.loads(due.out.splitlines()[0])["due"] == 1


def test_suppressing_twice_and_lifting_what_is_not_there_is_said(nurture: Nurture, shop: Path) -> None:
    nurture("suppress", "add", "x@example.com", cwd=shop)

    assert "suppressed already" in nurture("suppress", "add", "x@example.com", cwd=shop).err
    assert "was not suppressed" in nurture("suppress", "remove", "y@example.com", "--why", "x", cwd=shop).err


def test_a_request_goes_first_and_says_what_becomes_of_it(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")
    person("bob@example.com", consent="unknown")

    due = nurture("request", "ann@example.com", "guide", cwd=shop)
    held = nurture("request", "bob@example.com", "guide", cwd=shop)
    nurture("run", cwd=shop)

    (sent,) = map(json.loads, nurture("touches", "list", "--json", cwd=shop).out.splitlines())
    assert "ann@example.com asked for guide: due" in due.err
    assert "held (asked for by the contact, but held: no consent recorded; it goes out when" in held.err
    assert "`nurture contacts set bob@example.com consent=" in held.err
    assert (sent["asset"], sent["campaign"], sent["state"]) == ("guide", "", "sent")


def test_a_request_for_what_is_not_there_is_named(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com")

    assert "Did you mean guide?" in nurture("request", "ann@example.com", "giude", cwd=shop).err
    assert nurture("request", "nobody@example.com", "guide", cwd=shop).code == 2


def test_touches_are_filtered(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")
    person("bob@example.com", "fair")
    nurture("run", cwd=shop)

    def count(*words: str) -> int:
        return len(nurture("touches", "list", "--json", *words, cwd=shop).out.splitlines())

    assert (count(), count("--contact", "bob@example.com"), count("--state", "failed"), count("--campaign", "x")) == (
        2, 1, 0, 0,
    )  # fmt: skip
    assert nurture("touches", "list", "--state", "lost", cwd=shop).code == 2


def test_a_failed_touch_is_given_up_or_tried_again(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")
    welcome = (shop / "templates/welcome.md").read_text()
    (shop / "templates/welcome.md").write_text(welcome.replace(' | default("friend")', ""))
    nurture("run", cwd=shop)
    (touch,) = map(json.loads, nurture("touches", "list", "--state", "failed", "--json", cwd=shop).out.splitlines())

    wrong = nurture("touches", "resolve", "sent", touch["key"], cwd=shop)
    unknown = nurture("touches", "resolve", "resend", touch["key"], "fair/1/99/1", cwd=shop)
    (shop / "templates/welcome.md").write_text(welcome)
    again = nurture("touches", "resolve", "resend", touch["key"], cwd=shop)

    assert (wrong.code, unknown.code, again.code) == (2, 2, 0)
    assert "1 sent" in nurture("run", cwd=shop).out


def test_status_tells_what_ran_what_waits_and_what_needs_a_human(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    person("ann@example.com", "fair")
    nothing = nurture("status", cwd=shop)
    for _ in range(5):
        nurture("run", cwd=shop)
        clock.advance(86400)

    text = nurture("status", cwd=shop)
    data = json.loads(nurture("status", "--json", cwd=shop).out)

    assert "Nothing was sent yet." in nothing.out
    assert "fair: 1 exhausted." in text.out
    assert "1 task is open: nurture tasks list" in text.out
    assert (data["contacts"], data["touches"], data["open_tasks"]) == (1, {"sent": 3}, 1)
    assert (text.code, len(data["runs"])) == (0, 3)


def test_a_backup_is_a_whole_copy_with_its_key(nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path) -> None:
    person("ann@example.com", "fair")
    nurture("run", cwd=shop)

    made = nurture("backup", tmp_path / "safe", cwd=shop)
    again = nurture("backup", tmp_path / "safe", cwd=shop)

    copy, key = map(Path, made.out.splitlines())
    assert (made.code, again.code) == (0, 3)
    assert key.read_text() == (shop / "nurture.key").read_text()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (copy, key)] == [0o600, 0o600]
    assert "1 sent" not in nurture("run", "--db", copy, cwd=shop).out
    assert json.loads(nurture("touches", "list", "--db", copy, "--json", cwd=shop).out)["state"] == "sent"


def test_a_database_that_is_up_to_date_needs_no_migration(nurture: Nurture, shop: Path) -> None:
    answer = nurture("migrate", cwd=shop)

    assert (answer.code, answer.out, answer.err) == (0, "", "The database is up to date.\n")


def test_the_doctor_finds_a_healthy_project_healthy(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")
    nurture("run", cwd=shop)

    answer = nurture("doctor", "--json", cwd=shop)

    verdicts = {one["what"]: one["verdict"] for one in map(json.loads, answer.out.splitlines())}
    assert answer.code == 0
    assert "bad" not in verdicts.values()
    assert {"files", "key", "database", "send journal", "lock", "disk", "SQLite", "channel mail"} <= verdicts.keys()


def test_the_doctor_speaks_of_what_is_there_and_counts_problems(nurture: Nurture, shop: Path) -> None:
    fine = nurture("doctor", cwd=shop)
    (shop / "campaigns/fair.yml").write_text("x")
    one = nurture("doctor", cwd=shop)
    (shop / "nurture.key").chmod(0o644)
    two = nurture("doctor", cwd=shop)

    assert "key\tok\tpresent, private\n" in fine.out
    assert "folder will be created on first send\n" in fine.out
    assert "\tok\t1 campaign, " in fine.out
    assert fine.err == ""
    assert "files\tbad\t1 error: see `nurture check`" in one.out
    assert one.err == "1 problem found.\n"
    assert two.err == "2 problems found.\n"


@pytest.mark.parametrize(
    ("what", "harm", "code"),
    [
        ("key", lambda shop: (shop / "nurture.key").chmod(0o644), 78),
        ("key", lambda shop: (shop / "nurture.key").unlink(), 78),
        ("database", lambda shop: (shop / "nurture.db").unlink(), 3),
        ("database", lambda shop: (shop / "nurture.db").write_bytes(b""), 3),
        ("send journal", lambda shop: (shop / "nurture.journal").unlink(), 3),
        ("files", lambda shop: (shop / "campaigns/fair.yml").write_text("x"), 1),
    ],
)
def test_the_doctor_names_what_is_bad(
    nurture: Nurture, shop: Path, person: AddPerson, what: str, harm: object, code: int
) -> None:
    person("ann@example.com", "fair")
    nurture("run", cwd=shop)
    harm(shop)  # type: ignore[operator]

    answer = nurture("doctor", "--json", cwd=shop)

    bad = [one["what"] for one in map(json.loads, answer.out.splitlines()) if one["verdict"] == "bad"]
    assert (what in bad, answer.code) == (True, code)


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_the_doctor_cuts_no_sentence_however_narrow_the_terminal(
    nurture: Nurture, shop: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")  # no bold headings either
    (shop / "nurture.db").unlink()

    seen = nurture("doctor", cwd=shop, terminal=True, columns=columns).out
    words = next(line for line in nurture("doctor", cwd=shop).out.splitlines() if line.startswith("database\t"))
    told = words.split("\t")[2]
    assert "…" not in seen
    assert max(map(len, seen.splitlines())) <= columns
    assert "".join(told.split()) in "".join(seen.split())


def test_the_doctor_counts_zones_that_are_not_known_or_easily_misread(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    person("ann@example.com", zone="Etc/GMT+5")
    person("bob@example.com", zone="Europe/Paris")
    person("cyd@example.com", zone="Etc/GMT0")
    (tmp_path / "more.csv").write_text("email,zone\ndan@example.com,PST\neve@example.com,Nowhere\n")
    nurture("contacts", "import", tmp_path / "more.csv", cwd=shop)

    answer = nurture("doctor", "--json", cwd=shop)

    notes = {one["what"]: one["words"] for one in map(json.loads, answer.out.splitlines()) if one["verdict"] == "note"}
    assert answer.code == 0
    assert notes["unknown zones"].startswith("2 contacts have a time zone that is not an IANA name")
    assert notes["zones with a sign"].startswith("1 contact has a time zone such as")


@pytest.mark.parametrize("command", ["migrate", "run", "backup", "plan", "status"])
def test_a_command_leaves_nothing_where_there_is_no_database(
    nurture: Nurture, project: MakeProject, command: str
) -> None:
    shop = project(database=False)
    create_key_file(shop)
    before = sorted(shop.rglob("*"))

    assert nurture(command, cwd=shop).code == 3
    assert sorted(shop.rglob("*")) == before


def test_explain_says_where_a_contact_stands_and_gives_each_asset_one_verdict(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com", "fair")
    nurture("run", cwd=shop)

    told = json.loads(nurture("explain", "ann@example.com", "--json", cwd=shop).out)
    text = nurture("explain", "ann@example.com", cwd=shop, terminal=True)

    (fair,) = told["campaigns"]
    assert (fair["campaign"], fair["state"], fair["next_at"]) == ("fair", "waiting", "2026-03-05T10:00:00+01:00")
    assert {one["asset"]: one["verdict"] for one in told["assets"]} == {
        "welcome": "received", "guide": "waiting", "call": "ahead",
    }  # fmt: skip
    assert "next: 2026-03-05 10:00 +01:00" in text.out
    assert 'exit: stage == "customer" -> no' in text.out


def test_explain_and_preview_say_first_that_nothing_is_sent_to_a_contact(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    for name in ("ann", "bob", "cleo"):
        person(f"{name}@example.com", "fair")
    nurture("contacts", "set", "cleo@example.com", "consent_until=2026-03-04", cwd=shop)
    nurture("run", cwd=shop)
    nurture("events", "add", "ann@example.com", "unsubscribed", cwd=shop)
    nurture("contacts", "set", "bob@example.com", "consent=withdrawn", cwd=shop)

    def first(email: str) -> str:
        return nurture("explain", email, "--at", "2026-03-04T10:00", cwd=shop).out.splitlines()[1]

    text = nurture("explain", "ann@example.com", cwd=shop).out
    told = json.loads(nurture("explain", "ann@example.com", "--json", cwd=shop).out)
    shown = nurture("preview", "guide", "--contact", "ann@example.com", cwd=shop)

    assert first("ann@example.com") == "unsubscribed 2026-03-03: nothing is sent to this contact"
    assert first("bob@example.com") == "consent withdrawn: nothing is sent to this contact"
    assert first("cleo@example.com") == "consent ran out 2026-03-04: nothing is sent to this contact"
    assert "next:" not in text
    assert "  moves on: with `nurture suppress remove ann@example.com --why … --although unsubscribed`" in text
    assert (told["barred"]["reason"], told["barred"]["at"]) == ("suppressed", "2026-03-03T10:00:00+01:00")
    assert [one["next_at"] for one in told["campaigns"]] == [None]
    assert {one["asset"]: one["at"] for one in told["assets"] if one["asset"] == "guide"} == {"guide": None}
    assert (shown.code, shown.err) == (0, "note: unsubscribed 2026-03-03: nothing is sent to this contact.\n")
    assert nurture("preview", "call", "--contact", "ann@example.com", cwd=shop).err == ""


def test_explain_can_be_asked_about_one_asset_or_one_campaign(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com")

    one = json.loads(nurture("explain", "ann@example.com", "guide", "--json", cwd=shop).out)
    campaign = json.loads(nurture("explain", "ann@example.com", "--campaign", "fair", "--json", cwd=shop).out)

    assert [verdict["asset"] for verdict in one["assets"]] == ["guide"]
    assert [place["campaign"] for place in campaign["campaigns"]] == ["fair"]
    assert nurture("explain", "ann@example.com", "giude", cwd=shop).code == 2
    assert nurture("explain", "ann@example.com", "--campaign", "fiar", cwd=shop).code == 2


def test_a_preview_is_what_the_run_sends_but_for_date_and_identity(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com", "fair", first_name="Zoë")

    raw = nurture("preview", "welcome", "--contact", "ann@example.com", "--part", "raw", cwd=shop)
    nurture("run", cwd=shop)

    (mail,) = (shop / "outbox").glob("*.eml")

    def steady(text: str) -> list[str]:
        text = re.sub(r"\r?\n", "\n", text).replace("=\n", "")  # where a line is wrapped depends on the token
        identity = re.search(r"^Message-ID: <([^@]+)@", text, re.M)
        token = re.search(r"/unsubscribe/([^>]+)>", text)
        assert identity
        assert token
        return text.replace(identity[1], "ID").replace(token[1], "TOKEN").split("\n")

    assert steady(raw.out) == steady(mail.read_bytes().decode())


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_part_of_a_preview_is_shown_as_people_read_it(
    nurture: Nurture, shop: Path, person: AddPerson, part: str
) -> None:
    person("ann@example.com", first_name="Zoë")

    answer = nurture("preview", "welcome", "--contact", "ann@example.com", "--part", part, cwd=shop)

    assert answer.code == 0
    assert "Hello Zoë" in answer.out
    assert ("Subject: Welcome, Zoë" in answer.out) is (part == "text")


def test_a_task_is_previewed_as_its_text(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com")

    assert "Call ann@example.com." in nurture("preview", "call", "--contact", "ann@example.com", cwd=shop).out
    assert nurture("preview", "call", "--contact", "ann@example.com", "--part", "html", cwd=shop).code == 2


def test_check_shows_findings_under_the_word_and_counts_them(nurture: Nurture, shop: Path) -> None:
    (shop / "campaigns/fair.yml").write_text((shop / "campaigns/fair.yml").read_text().replace("welcome", "welcom"))

    text = nurture("check", cwd=shop)
    inside = nurture("check", cwd=shop / "campaigns")
    data = json.loads(nurture("check", "--format", "json", cwd=shop).out)
    github = nurture("check", "--format", "github", "--project", "shop", cwd=shop.parent)

    assert text.code == 1
    assert "campaigns/fair.yml:8:13: error:" in text.out
    assert "  8 |     - send: welcom\n    |             ^^^^^^\n" in text.out
    assert "1 error" in text.err
    assert "../campaigns/fair.yml:8:13: error:" in inside.out
    assert data["counts"]["error"] == 1
    assert {"rule": "unknown-asset", "line": 8, "column": 13}.items() <= data["findings"][0].items()
    assert github.out.splitlines()[0].startswith("::error file=shop/campaigns/fair.yml,line=8,col=13,")


def test_check_needs_no_database_and_no_key(nurture: Nurture, shop: Path) -> None:
    for name in ("nurture.db", "nurture.key"):
        (shop / name).unlink()

    assert nurture("check", cwd=shop).code == 0


def test_warnings_alone_are_no_failure(nurture: Nurture, shop: Path) -> None:
    (shop / "campaigns/fair.yml").write_text(
        (shop / "campaigns/fair.yml").read_text() + "    - exit: done\n    - send: guide\n"
    )

    answer = nurture("check", cwd=shop)

    assert "warning:" in answer.out
    assert answer.code == 0


@pytest.mark.parametrize("name", list(pages()))
def test_every_rule_has_a_page(nurture: Nurture, name: str) -> None:
    answer = nurture("rule", name)

    assert answer.code == 0
    assert answer.out.startswith(f"{name} (")
    assert len(answer.out.split("\n\n", 1)[1]) > 20


def test_rules_are_listed_and_a_wrong_name_is_guessed(nurture: Nurture) -> None:
    assert nurture("rule").out.count("\n") == len(pages()) + 1
    assert "Did you mean loop-without-wait?" in nurture("rule", "loop-without-weight").err


@pytest.mark.parametrize("kind", ["campaign", "project", "asset"])
def test_the_schema_is_a_schema(nurture: Nurture, kind: str) -> None:
    jsonschema.Draft7Validator.check_schema(json.loads(nurture("schema", kind).out))


def test_schemas_are_put_where_the_modelines_look_for_them(nurture: Nurture, shop: Path) -> None:
    answer = nurture("schema", "--write", cwd=shop)

    assert [Path(line).is_file() for line in answer.out.splitlines()] == [True] * 3
    assert "$schema=../.nurture/campaign.schema.json" in answer.err


def test_a_restored_backup_learns_from_the_journal_what_was_sent(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path, clock: SteppingClock
) -> None:
    person("ann@example.com", "fair")
    nurture("run", cwd=shop)
    backup = Path(nurture("backup", cwd=shop).out.splitlines()[0])
    clock.advance(2 * 86400)
    nurture("run", cwd=shop)
    nurture("suppress", "add", "bob@example.com", "cem@example.com", "--why", "asked", "--unsubscribed", cwd=shop)
    for path in shop.glob("nurture.db*"):
        path.unlink()
    (shop / "nurture.db").write_bytes(backup.read_bytes())

    plan = nurture("plan", cwd=shop)
    refused = nurture("run", cwd=shop)
    recovered = nurture("recover", cwd=shop)
    after_all = nurture("plan", cwd=shop)
    after = nurture("run", cwd=shop)
    status = nurture("status", cwd=shop)

    assert (refused.code, recovered.code, after.code, status.code) == (3, 4, 4, 4)
    assert "nurture recover" in refused.err
    assert "knows 1 send and 2 suppressions that this database has forgotten" in refused.err
    assert recovered.out.splitlines() == [
        "1 send was missing and is now in doubt; the database knew 1.",
        "2 suppressions that were made or lifted since are up to date again.",
    ]
    assert nurture("suppress", "list", "--json", cwd=shop).out.count('"unsubscribed"') == 2
    assert after.out == ""
    assert "1 touch is in doubt: nurture touches list --state unknown" in status.out
    assert "note: A run would refuse: the send journal knows more than this database." in plan.err
    assert "A run would be refused" not in after_all.err
    assert "what else happened since 2026-03-03 10:00 +01:00, the last run that it knows. Record it" in recovered.err

    settled = nurture("touches", "resolve", "sent", "--all-in-doubt", cwd=shop)
    nothing = nurture("touches", "resolve", "sent", "--all-in-doubt", cwd=shop)
    both = nurture("touches", "resolve", "sent", "x/1/1/1", "--all-in-doubt", cwd=shop)
    assert (settled.code, settled.err.count(": sent.\n")) == (0, 1)
    assert (nothing.code, nothing.err, both.code) == (0, "No touch is in doubt.\n", 2)


def test_without_its_journal_a_database_is_not_taken_for_the_latest(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com", "fair")
    nurture("run", cwd=shop)
    (shop / "nurture.journal").unlink()

    refused, told = nurture("recover", cwd=shop), nurture("recover", "--without-journal", cwd=shop)

    assert refused.code == 3
    assert "nurture cannot tell what was sent, and who left, after the last run that this database knows" in refused.err
    assert "nurture recover --without-journal" in refused.err
    assert (told.code, (shop / "nurture.journal").is_file()) == (0, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["contacts", "list"], "There are no contacts yet: `nurture contacts import FILE`."),
        (["contacts", "list", "--where", "stage == 'lead'"], "No contact matches."),
        (["silent"], "No contact has gone without a message for 60 days."),
        (["silent", "--days", "1"], "No contact has gone without a message for 1 day."),
        (["silent", "--no-track"], "No contact with consent is without a campaign."),
        (["stuck"], "No contact is stuck."),
        (["sales", "list"], "No contact is with Sales."),
        (["tasks", "list"], "There are no open tasks."),
        (["tasks", "list", "--all"], "There are no tasks."),
        (["touches", "list"], "Nothing was sent yet."),
        (["touches", "list", "--state", "failed"], "No touch matches."),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, list) else "",
)
def test_an_empty_list_says_so_on_a_terminal_and_is_only_a_header_in_a_pipe(
    nurture: Nurture, shop: Path, words: list[str], said: str
) -> None:
    seen, piped = nurture(*words, cwd=shop, terminal=True), nurture(*words, cwd=shop)

    assert (seen.code, seen.out, seen.err) == (0, "", f"{said}\n")
    assert (piped.code, piped.out.count("\n"), piped.err) == (0, 1, "")
    assert nurture(*words, "--json", cwd=shop, terminal=True).out == ""
