import json
import os
import pty
import re
import select
import shlex
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nurture_cli.cli import answers, new_project
from nurture_cli.cli.answers import LATER_ADDRESS, LATER_POSTAL_ADDRESS
from nurture_cli.cli.example import example_files
from nurture_cli.cli.goals import GOALS, StarterGoal
from nurture_cli.clock import SteppingClock
from tests.conftest import Nurture
from tests.signals import AS_FROM_A_TERMINAL

MADE = [
    ".gitignore", ".nurture/asset.schema.json", ".nurture/campaign.schema.json", ".nurture/project.schema.json",
    "campaigns/welcome.yml", "nurture.db", "nurture.key", "nurture.yml", "templates/_layout.html",
    "templates/_layout.txt", "templates/how-we-work.md", "templates/one-question.md", "templates/welcome.md",
]  # fmt: skip


@pytest.fixture
def umask_000() -> Iterator[None]:
    """The most careless umask."""
    before = os.umask(0)
    yield
    os.umask(before)


def files_of(folder: Path) -> list[str]:
    """Every file below a folder, but for lock files."""
    names = (str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if not name.endswith((".write", ".run")))


def test_a_new_project_is_whole_and_passes_check_with_nothing_to_say(nurture: Nurture, tmp_path: Path) -> None:
    made = nurture("init", "shop", cwd=tmp_path)
    checked = nurture("check", cwd=tmp_path / "shop")

    assert (made.code, checked.code) == (0, 0)
    assert made.out.splitlines() == [f"shop/{name}" for name in MADE]
    assert files_of(tmp_path / "shop") == MADE
    assert (checked.out, checked.err) == ("", "Nothing wrong in 7 files.\n")


def test_the_funnel_that_the_starter_hints_at_is_sound_and_completed_by_editors(
    nurture: Nurture, tmp_path: Path
) -> None:
    import jsonschema
    import yaml

    nurture("init", "shop", cwd=tmp_path)
    file = tmp_path / "shop" / "nurture.yml"
    stages = re.sub(r"^  - \S+ +# - ", "  - ", file.read_text(), flags=re.M)
    grown = re.sub(r"^# (?=(fit|interest|sales|recycling): )", "", stages, flags=re.M)
    file.write_text(grown)

    checked = nurture("check", cwd=tmp_path / "shop")
    schema = json.loads((tmp_path / "shop/.nurture/project.schema.json").read_text())

    assert grown.count("when: ") == 4
    assert (checked.code, checked.out) == (0, "")
    assert list(jsonschema.Draft7Validator(schema).iter_errors(yaml.safe_load(grown))) == []


def test_the_starter_names_the_language_of_its_texts_and_hints_at_a_reminder_of_ones_own(
    nurture: Nurture, tmp_path: Path
) -> None:
    nurture("init", "shop", cwd=tmp_path)
    file = tmp_path / "shop" / "nurture.yml"
    hint = "  # permission_reminder: "
    sentence = file.read_text().partition(hint)[2].partition("\n")[0]
    before = nurture("preview", "welcome", cwd=tmp_path / "shop").out
    file.write_text(file.read_text().replace(hint, hint.replace("# ", "")))

    html = nurture("preview", "welcome", "--part", "html", cwd=tmp_path / "shop").out

    assert nurture("check", cwd=tmp_path / "shop").out == ""
    assert 'lang="en"' in html
    assert sentence
    assert sentence in html
    assert sentence not in before


def test_secret_and_data_are_for_their_owner_alone_whatever_the_umask(
    nurture: Nurture, tmp_path: Path, umask_000: None
) -> None:
    nurture("init", "shop", cwd=tmp_path)

    for name in ("nurture.db", "nurture.key"):
        assert stat.S_IMODE((tmp_path / "shop" / name).stat().st_mode) == 0o600


def test_the_example_is_the_worked_example_with_its_sample_contacts(nurture: Nurture, tmp_path: Path) -> None:
    made = nurture("init", "shop", "--example", cwd=tmp_path)
    checked = nurture("check", cwd=tmp_path / "shop")

    assert (made.code, checked.code) == (0, 0)
    for name, original in example_files().items():
        assert (tmp_path / "shop" / name).read_bytes() == original.read_bytes()
    assert (tmp_path / "shop" / "contacts.csv").is_file()
    assert len(list((tmp_path / "shop" / "campaigns").iterdir())) >= 2


def test_a_project_is_never_overwritten(nurture: Nurture, tmp_path: Path) -> None:
    nurture("init", "shop", cwd=tmp_path)
    before = {name: (tmp_path / "shop" / name).read_bytes() for name in MADE}

    for words in (["init", "shop"], ["init", "shop", "--example"]):
        answer = nurture(*words, cwd=tmp_path)
        assert answer.code == 3
        assert "exists already" in answer.err
    assert {name: (tmp_path / "shop" / name).read_bytes() for name in MADE} == before


@pytest.mark.parametrize("taken", ["nurture.yml", "contacts.csv", "campaigns/zero-trust.yml"])
def test_a_file_in_the_way_refuses_the_example_and_nothing_is_made(
    nurture: Nurture, tmp_path: Path, taken: str
) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_text("mine")

    answer = nurture("init", ".", "--example", cwd=tmp_path)

    assert answer.code == 3
    assert f"{taken} exists already" in answer.err
    assert files_of(tmp_path) == [taken]


def test_a_clone_gets_what_version_control_does_not_keep(nurture: Nurture, tmp_path: Path) -> None:
    nurture("init", "shop", cwd=tmp_path)
    for name in ("nurture.db", "nurture.key"):
        (tmp_path / "shop" / name).unlink()
    mine = (tmp_path / "shop" / "nurture.yml").read_text() + "# mine\n"
    (tmp_path / "shop" / "nurture.yml").write_text(mine)

    answer = nurture("init", "shop", cwd=tmp_path)

    assert answer.code == 0
    assert files_of(tmp_path / "shop") == MADE
    assert (tmp_path / "shop" / "nurture.yml").read_text() == mine


def test_where_mails_were_sent_a_lost_database_is_not_replaced_by_a_new_one(nurture: Nurture, tmp_path: Path) -> None:
    nurture("init", "shop", cwd=tmp_path)
    (tmp_path / "shop" / "nurture.db").unlink()
    (tmp_path / "shop" / "nurture.journal").write_text("{}\n")

    answer = nurture("init", "shop", cwd=tmp_path)

    assert answer.code == 3
    assert "a new one would send them all again" in answer.err
    assert not (tmp_path / "shop" / "nurture.db").exists()


def test_a_failure_on_the_way_leaves_nothing_behind(
    nurture: Nurture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(new_project, "write_schemas", full)

    answer = nurture("init", "a/b/shop", cwd=tmp_path)

    assert answer.code == 74
    assert list(tmp_path.iterdir()) == []


def test_an_ignore_file_that_is_there_gets_the_missing_lines_once(nurture: Nurture, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.tmp\nnurture.key")

    nurture("init", ".", cwd=tmp_path)

    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert lines[:2] == ["*.tmp", "nurture.key"]
    assert "nurture.db*" in lines
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("name", ["true", "null", "7: #x", 'größe "q" \'', "a\nb", "\x1b[2J", "{{x}}", "-"])
def test_any_name_of_a_folder_makes_a_sound_project(nurture: Nurture, tmp_path: Path, name: str) -> None:
    nurture("init", tmp_path / name)

    answer = nurture("check", cwd=tmp_path / name)

    assert (answer.code, answer.out) == (0, "")


@pytest.mark.parametrize(
    ("folder", "flags", "name"),
    [
        ("my-letter", [], "My Letter"),
        ("harbour_letter-2026", [], "Harbour Letter 2026"),
        ("ACME news", [], "ACME News"),
        ("my-letter", ["--name", "the harbour letter"], "the harbour letter"),
    ],
)
def test_every_mail_shows_the_name_of_the_project_on_top_and_preview_says_so(
    nurture: Nurture, tmp_path: Path, folder: str, flags: list[str], name: str
) -> None:
    nurture("init", folder, *flags, "--sender-name", "Ann Berg", "--yes", cwd=tmp_path)

    text = nurture("preview", "welcome", cwd=tmp_path / folder)
    html = nurture("preview", "welcome", "--part", "html", cwd=tmp_path / folder).out
    raw = nurture("preview", "welcome", "--part", "raw", cwd=tmp_path / folder).out

    assert f">{name}</td>" in html
    assert html.index(f">{name}</td>") < html.index("Hello ")
    assert f"also shows `{name}`" in text.err
    assert f"List-Id: <{re.sub(r'[ _]', '-', name.lower())}." in raw


def test_a_file_is_no_place_for_a_project(nurture: Nurture, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert nurture("init", "file", cwd=tmp_path).code == 2


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Nonsense", "", "EST5EDT", "Etc/GMT+5"])
def test_the_zone_is_the_machines_when_it_is_a_place_and_utc_otherwise(
    nurture: Nurture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setattr(answers, "_LOCALTIME", tmp_path / "none")

    nurture("init", "shop", cwd=tmp_path)

    expected = zone if zone == "Europe/Berlin" else "UTC"
    assert f"\nzone: {expected}\n" in (tmp_path / "shop" / "nurture.yml").read_text()


def test_the_schemas_say_that_the_starter_is_right_and_that_a_mistake_is_wrong(
    nurture: Nurture, tmp_path: Path
) -> None:
    import jsonschema
    import yaml

    nurture("init", "shop", cwd=tmp_path)
    schema = json.loads((tmp_path / "shop/.nurture/campaign.schema.json").read_text())
    campaign = yaml.safe_load((tmp_path / "shop/campaigns/welcome.yml").read_text())
    validator = jsonschema.Draft7Validator(schema)

    assert list(validator.iter_errors(campaign)) == []
    campaign["stages"]["any"][0] = {"sned": "welcome"}
    assert list(validator.iter_errors(campaign)) != []


goals = pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.name)


@goals
def test_each_goal_makes_a_campaign_that_goes_from_init_to_the_first_mail_by_the_printed_steps(
    nurture: Nurture, tmp_path: Path, clock: SteppingClock, goal: StarterGoal
) -> None:
    made = nurture(
        "init", "My Project", "--for", goal.name, "--sender-name", "Ann Berg", "--sender-address", "ann@firm.example",
        "--postal-address", "Firm, 1 Main Street, Springfield", "--zone", "Europe/Berlin", cwd=tmp_path,
    )  # fmt: skip
    steps = [shlex.split(line) for line in made.err.splitlines() if line.startswith("  ")]
    assert steps[0] == ["cd", "My Project"]
    there = tmp_path / steps[0][1]
    (there / "contacts.csv").write_text("Email,First Name\nzoe@firm.example,Zoe\nbob@firm.example,\n")
    nothing = nurture("plan", cwd=there, terminal=True, together=True)

    answers = {" ".join(words[1:3]): nurture(*words[1:], cwd=there) for words in steps[1:]}
    due = [json.loads(line) for line in nurture("plan", "--json", cwd=there).out.splitlines()]
    sent = nurture("run", cwd=there)

    assert [answer.code for answer in answers.values()] == [0] * 4
    assert "nurture contacts import" in nothing.out
    assert answers["check"].err == "Nothing wrong in 7 files.\n"
    assert "[Test]" in (there / answers[f"preview {goal.first}"].out.strip()).read_text()
    assert due[0]["due"] == 2
    assert {line["asset"] for line in due[1:]} == {goal.first}
    assert "2 sent" in sent.out
    assert "Fill in" not in made.err


@goals
def test_every_mail_of_a_goal_reaches_every_contact_in_time(
    nurture: Nurture, tmp_path: Path, clock: SteppingClock, goal: StarterGoal
) -> None:
    nurture("init", "shop", "--for", goal.name, cwd=tmp_path)
    shop = tmp_path / "shop"
    consent = ("consent=express", "consent_basis=form", "consent_source=site")
    nurture("contacts", "add", "bob@firm.example", *consent, cwd=shop)
    nurture("contacts", "tag", "bob@firm.example", goal.tag, cwd=shop)

    for _ in range(40):
        assert nurture("run", cwd=shop).code == 0
        clock.at += 86400

    sent = [json.loads(line)["asset"] for line in nurture("touches", "list", "--json", cwd=shop).out.splitlines()]
    assert sorted(sent) == sorted(path.stem for path in (shop / "templates").glob("[a-z]*.md"))


def test_the_goals_that_can_be_chosen_are_those_there_are(nurture: Nurture) -> None:
    usage = nurture("init", "--help").out

    assert "|".join(goal.name for goal in GOALS) in usage  # the brackets around it differ between versions of typer
    starters = (new_project.STARTER / goal.name for goal in GOALS)
    assert all((folder / "campaigns").is_dir() and (folder / "templates").is_dir() for folder in starters)


def test_without_a_terminal_nothing_is_asked_and_what_is_not_given_is_a_placeholder(
    nurture: Nurture, tmp_path: Path
) -> None:
    made = nurture("init", "shop", cwd=tmp_path)
    text = (tmp_path / "shop" / "nurture.yml").read_text()

    assert made.code == 0
    assert "project: Shop\n" in text
    assert f"address: {LATER_ADDRESS}\n" in text
    assert LATER_POSTAL_ADDRESS in text
    assert "Fill in `address`, `postal_address` and `unsubscribe.mailto`" in text
    assert "Fill in sender.address, sender.postal_address and sender.unsubscribe.mailto in nurture.yml" in made.err


def test_what_is_given_stands_in_the_file_whatever_its_letters(nurture: Nurture, tmp_path: Path) -> None:
    import yaml

    project, name, postal = (
        "Größe: the #1 letter",
        'Ann "A." Berg: $zone #1 {x}',
        "Firm & Söhne\n1 Main Street, 12345 Köln",
    )
    nurture(
        "init", "shop", "--name", project, "--sender-name", name, "--sender-address", "ann@firm.example",
        "--reply-to", "hi@firm.example", "--postal-address", postal, "--zone", "America/New_York", cwd=tmp_path,
    )  # fmt: skip
    read = yaml.safe_load((tmp_path / "shop" / "nurture.yml").read_text())

    assert (read["project"], read["zone"]) == (project, "America/New_York")
    assert read["sender"] == {
        "name": name, "address": "ann@firm.example", "reply_to": "hi@firm.example", "postal_address": postal,
        "unsubscribe": {"mailto": "hi@firm.example"},
    }  # fmt: skip
    assert nurture("check", cwd=tmp_path / "shop").code == 0


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--zone", "CET"], "--zone: `CET` names no place"),
        (["--zone", "Europe/Berln"], "did you mean `Europe/Berlin`"),
        (["--sender-address", "ann"], "--sender-address: `ann` is not one e-mail address"),
        (["--sender-address", ""], "--sender-address"),
        (["--reply-to", "Ann <ann@firm.example>"], "--reply-to"),
        (["--sender-name", "Ann\r\nBcc: x@firm.example"], "--sender-name"),
        (["--sender-name", " "], "--sender-name"),
        (["--name", ""], "--name"),
        (["--postal-address", "a\x07b"], "--postal-address"),
        (["--for", "fame"], "'newsletter', 'event', 'trial'"),
        (["--example", "--zone", "UTC"], "--zone would have no effect"),
    ],
    ids=str,
)
def test_a_wrong_answer_is_wrong_usage_and_nothing_is_made(
    nurture: Nurture, tmp_path: Path, flags: list[str], words: str
) -> None:
    answer = nurture("init", "shop", *flags, cwd=tmp_path)

    assert answer.code == 2
    assert words in answer.err
    assert list(tmp_path.iterdir()) == []


def test_in_a_clone_answers_would_have_no_effect_and_are_refused(nurture: Nurture, tmp_path: Path) -> None:
    nurture("init", "shop", cwd=tmp_path)
    (tmp_path / "shop" / "nurture.db").unlink()

    answer = nurture("init", "shop", "--sender-name", "Ann", cwd=tmp_path)

    assert answer.code == 2
    assert "The nurture.yml in shop says that already" in answer.err
    assert not (tmp_path / "shop" / "nurture.db").exists()


def test_the_next_steps_fit_the_project(nurture: Nurture, tmp_path: Path) -> None:
    here = nurture("init", ".", cwd=tmp_path)
    dashed = nurture("init", "--", "-x", cwd=tmp_path)
    example = nurture("init", "ex", "--example", cwd=tmp_path)
    (tmp_path / "ex" / "nurture.db").unlink()
    clone = nurture("init", "ex", cwd=tmp_path)

    assert "cd " not in here.err
    assert "\n  cd ./-x\n" in dashed.err
    assert "\n  nurture events import events.csv\n" in example.err
    assert "new and empty" in clone.err
    assert "preview" not in clone.err


def test_what_was_made_for_programs(nurture: Nurture, tmp_path: Path) -> None:
    answer = nurture("init", "shop", "--json", cwd=tmp_path)

    assert json.loads(answer.out) == {"folder": "shop", "made": MADE}
    assert answer.err == ""


class Terminal:
    """A person who starts `nurture init shop` on a terminal, reads what comes, and types."""

    def __init__(self, folder: Path, *flags: str) -> None:
        try:
            self._ours, theirs = pty.openpty()
        except OSError as error:
            pytest.skip(f"no terminal can be made here: {error}")
        command = [*AS_FROM_A_TERMINAL, sys.executable, "-m", "nurture_cli", "init", "shop", *flags]
        surroundings = os.environ | {"TERM": "dumb", "TZ": "Europe/Berlin", "COLUMNS": "100"}
        self.process = subprocess.Popen(
            command, cwd=folder, env=surroundings, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            preexec_fn=_take_terminal,
        )  # fmt: skip
        os.close(theirs)
        self.seen = ""

    def asked(self, words: str) -> None:
        """Wait until the terminal shows these words, after all that was asked for before."""
        deadline = time.monotonic() + 60
        while words not in self.seen:
            assert self._says_something(max(deadline - time.monotonic(), 0)), self.seen
            self.seen += self._read()
        self.seen = self.seen.partition(words)[2]

    def types(self, text: str) -> None:
        """Press these keys."""
        os.write(self._ours, text.encode())

    def ends(self) -> int:
        """Read on until the program is over; its exit code."""
        while self._says_something() and (more := self._read()):
            self.seen += more
        os.close(self._ours)
        return self.process.wait(60)

    def _says_something(self, within: float = 60) -> bool:
        return bool(select.select([self._ours], [], [], within)[0])

    def _read(self) -> str:
        try:
            return os.read(self._ours, 4096).decode()
        except OSError:  # the program has closed its side
            return ""


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def test_on_a_terminal_every_question_can_be_answered_and_a_wrong_answer_is_asked_again(tmp_path: Path) -> None:
    person = Terminal(tmp_path)
    for question, answer in (
        ("Number or name [newsletter]: ", "7"),
        ("`7` is not one of newsletter, event, trial.", ""),
        ("Number or name [newsletter]: ", "3"),
        ("Name of your newsletter or company, shown on top of every mail [Shop]: ", "Harbour Letter"),
        ("Your name, as readers see it [Harbour Letter]: ", "Zoë Berg"),
        ("The address that your mails come from [fill in later]: ", "zoe"),
        ("`zoe` is not one e-mail address", ""),
        ("The address that your mails come from [fill in later]: ", "zoe@firm.example"),
        ("The address that replies go to [the same]: ", "hello@firm.example"),
        ("Your postal address, which every mail must show [fill in later]: ", "Firm, 1 Main Street, Springfield"),
        ("Time zone [Europe/Berlin]: ", "Berlin"),
        ("`Berlin` is not a known time zone", ""),
        ("Time zone [Europe/Berlin]: ", "America/New_York"),
    ):
        person.asked(question)
        if answer:
            person.types(f"{answer}\n")

    assert person.ends() == 0
    assert "nurture preview first-steps --to zoe@firm.example" in person.seen
    text = (tmp_path / "shop" / "nurture.yml").read_text()
    for line in (
        "project: Harbour Letter", "zone: America/New_York", '  name: "Zoë Berg"', "  address: zoe@firm.example",
        "  reply_to: hello@firm.example", '  postal_address: "Firm, 1 Main Street, Springfield"',
        "    mailto: hello@firm.example",
    ):  # fmt: skip
        assert f"\n{line}\n" in text
    assert (tmp_path / "shop" / "campaigns" / "trial.yml").is_file()


def test_on_a_terminal_every_question_can_be_skipped_and_what_was_given_is_not_asked(tmp_path: Path) -> None:
    person = Terminal(tmp_path, "--zone", "Europe/Rome", "--for", "event")
    person.asked("shown on top of every mail [Shop]: ")
    person.types("\n")
    person.asked("Your name, as readers see it [Shop]: ")
    person.types("\n")
    person.asked("The address that your mails come from [fill in later]: ")
    person.types("\n")
    person.asked("Your postal address, which every mail must show [fill in later]: ")
    person.types("\n")

    assert person.ends() == 0
    assert "Time zone" not in person.seen
    assert "Fill in sender.address, sender.postal_address and" in person.seen
    assert "\nzone: Europe/Rome\n" in (tmp_path / "shop" / "nurture.yml").read_text()


@pytest.mark.parametrize(("key", "code", "words"), [("\x03", 130, "Stopped."), ("\x04", 2, "not answered")])
def test_who_stops_at_a_question_has_made_nothing(tmp_path: Path, key: str, code: int, words: str) -> None:
    person = Terminal(tmp_path)
    person.asked("Number or name [newsletter]: ")
    person.types(key)

    assert person.ends() == code
    assert words in person.seen
    assert list(tmp_path.iterdir()) == []


def test_with_yes_nobody_is_asked(tmp_path: Path) -> None:
    person = Terminal(tmp_path, "--yes")

    assert person.ends() == 0
    assert "[" not in person.seen


SMTP = "  mail: {type: smtp, host: mail.firm.internal}\n"


@goals
def test_what_is_left_to_fill_in_is_all_that_stops_a_mail_server_from_sending(
    nurture: Nurture, tmp_path: Path, goal: StarterGoal
) -> None:
    left = nurture("init", "left", "--for", goal.name, cwd=tmp_path)
    postal = ("--postal-address", "Firm, 1 Main Street, Springfield")
    nurture("init", "full", "--for", goal.name, "--sender-address", "ann@firm.internal", *postal, cwd=tmp_path)
    found = {}
    for name in ("left", "full"):
        file = tmp_path / name / "nurture.yml"
        file.write_text(re.sub(r"^  mail:\n(    .*\n)+", SMTP, file.read_text(), flags=re.M))
        answer = json.loads(nurture("check", "--format", "json", cwd=file.parent).out)
        found[name] = [one for one in answer["findings"] if one["severity"] == "error"]
    refused = nurture("preview", goal.first, "--to", "ann@firm.internal", cwd=tmp_path / "left")

    lines = (tmp_path / "left" / "nurture.yml").read_text().splitlines()
    placeholders = {lines[one["line"] - 1].strip().partition(":")[0] for one in found["left"]}
    assert {one["file"] for one in found["left"]} == {"nurture.yml"}
    assert placeholders == {"address", "postal_address", "mailto"}
    assert "Fill in sender.address, sender.postal_address and sender.unsubscribe.mailto in nurture.yml" in left.err
    assert found["full"] == []
    assert refused.code == 1
    assert "your-company.example" in refused.err


@pytest.mark.parametrize("off", ["off", '"off"'])
def test_the_starter_says_how_to_name_a_relay_on_this_machine_and_both_spellings_are_taken(
    nurture: Nurture, tmp_path: Path, off: str
) -> None:
    nurture("init", "shop", "--sender-address", "ann@firm.internal", "--postal-address", "Firm, Hull", cwd=tmp_path)
    file = tmp_path / "shop" / "nurture.yml"
    text = file.read_text()
    relay = f"  mail: {{type: smtp, host: localhost, tls: {off}}}\n"
    file.write_text(re.sub(r"^  mail:\n(    .*\n)+", relay, text, flags=re.M))

    checked = nurture("check", cwd=file.parent)

    assert "`host: localhost` and `tls: off`" in text
    assert relay in file.read_text()
    assert (checked.code, "error" in checked.out) == (0, False)
