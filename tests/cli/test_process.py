"""The command line as a process of its own: streams, signals, locale, start-up."""

from __future__ import annotations

import os
import shlex
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from nurture_cli.cli.commands import COMMANDS
from tests.signals import AS_FROM_A_TERMINAL

NURTURE = [sys.executable, "-m", "nurture_cli"]


def call(*words: str, **how: object) -> subprocess.CompletedProcess[bytes]:
    """Run the command line and wait for its end."""
    return subprocess.run([*NURTURE, *words], capture_output="stdout" not in how, check=False, **how)  # type: ignore[call-overload,no-any-return]


def test_it_works_without_any_environment() -> None:
    answer = call("--help", env={})

    assert answer.returncode == 0
    assert b"Usage: nurture" in answer.stdout


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1", "nonsense"])
def test_utf_8_stays_utf_8_in_any_locale(locale: str, tmp_path: Path) -> None:
    (tmp_path / "größe").mkdir()
    (tmp_path / "größe" / "nurture.yml").touch()

    answer = call("cron", "--project", str(tmp_path / "größe"), env={"LC_ALL": locale, "PATH": os.environ["PATH"]})

    assert answer.returncode == 0
    assert "größe".encode() in answer.stdout


def test_a_full_disk_behind_standard_output_is_code_74_and_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        answer = call("--version", stdout=full, stderr=subprocess.PIPE)

    assert answer.returncode == 74
    assert answer.stderr == b"error: Standard output cannot be written: No space left on device.\n"


def test_a_reader_that_went_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)

    answer = call("--help", stdout=write, stderr=subprocess.PIPE)

    os.close(write)
    assert (answer.returncode, answer.stderr) == (0, b"")


def test_closed_streams_do_no_harm(tmp_path: Path) -> None:
    script = '"$@" <&- >&- 2>&-; echo $?'

    answer = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *NURTURE, "init", str(tmp_path / "p")], capture_output=True, check=False
    )

    assert answer.stdout == b"0\n"
    assert (tmp_path / "p" / "nurture.yml").is_file()


def modules_of(*words: str, cwd: Path | None = None) -> set[str]:
    """The modules that a command line imports."""
    answer = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "nurture_cli", *words],
        capture_output=True,
        check=True,
        cwd=cwd,
        text=True,
    )
    return {line.rpartition("|")[2].strip() for line in answer.stderr.splitlines() if line.startswith("import time:")}


HEAVY = {
    "rich",
    "jinja2",
    "sqlite_utils",
    "markdown_it",
    "yaml",
    "email_validator",
    "sqlite3",
    "smtplib",
    "urllib.request",
}


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["plan", "--help"], ["contacts", "--help"]])
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    loaded = modules_of(*words)

    assert "nurture_cli.cli.app" in loaded
    assert HEAVY.isdisjoint(loaded)


def test_help_loads_no_command() -> None:
    commands = {f"nurture_cli.cli.{command.module}" for command in COMMANDS}

    assert commands.isdisjoint(modules_of("--help"))


def test_completion_names_commands_and_loads_none_of_them() -> None:
    answer = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "nurture_cli"],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, "_NURTURE_COMPLETE": "complete_bash", "COMP_WORDS": "nurture s", "COMP_CWORD": "1"},
    )

    assert answer.stdout.split() == ["schema", "stuck", "silent", "status", "sales", "suppress"]
    assert "nurture_cli.cli.status" not in answer.stderr
    assert "rich" not in answer.stderr


@pytest.mark.parametrize("words", [["plan"], ["plan", "--json"], ["run"], ["status"], ["check"]])
def test_looking_and_a_run_with_nothing_to_do_load_nothing_that_renders_draws_or_sends(
    words: list[str], shop: Path
) -> None:
    loaded = modules_of(*words, cwd=shop)

    allowed = {"yaml", "sqlite3"} | ({"jinja2"} if words == ["check"] else set())
    assert "nurture_cli.project" in loaded
    assert (HEAVY - allowed).isdisjoint(loaded)


WAITING = """
import signal, sys
from nurture_cli.cli import boundary
from nurture_cli.clock import FixedClock

def wait(*_):
    print("ready", flush=True)
    while True:
        signal.pause()

boundary._invoke = wait
sys.exit(boundary.main(["status"], clock=FixedClock(0)))
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)], ids=lambda one: str(one)
)
def test_a_signal_ends_a_command_with_its_code_and_no_traceback(number: int, code: int) -> None:
    with subprocess.Popen(
        [*AS_FROM_A_TERMINAL, sys.executable, "-c", WAITING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, err = process.communicate()

    assert (process.returncode, err) == (code, "Stopped.\n")


IN_A_STATEMENT = """
import sys
from pathlib import Path
from nurture_cli.cli import boundary
from nurture_cli.clock import FixedClock
from nurture_cli.store.database import open_writer, writing

def work(*_):
    db = open_writer(Path(sys.argv[1]))
    with writing(db):
        db.execute("DELETE FROM contact")
        print("ready", flush=True)
        db.execute("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")

boundary._invoke = work
sys.exit(boundary.main([], clock=FixedClock(0)))
"""


IN_A_FUNCTION = """
import signal, sys
from pathlib import Path
from nurture_cli.cli import boundary, run
from nurture_cli.clock import FixedClock
from nurture_cli.store.database import open_writer

def wait():
    print("ready", flush=True)
    signal.pause()

def work(argv, surroundings):
    database = Path(sys.argv[1])
    db = open_writer(database)
    db.create_function("wait", 0, wait)
    with run._noting_exceptions(database.parent, database, surroundings):
        db.execute("SELECT wait()").fetchone()

boundary._invoke = work
sys.exit(boundary.main([], clock=FixedClock(0)))
"""


def test_a_signal_inside_a_function_that_sql_calls_ends_the_command_and_is_no_fault(shop: Path) -> None:
    database = shop / "nurture.db"
    with subprocess.Popen(
        [*AS_FROM_A_TERMINAL, sys.executable, "-c", IN_A_FUNCTION, str(database)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (143, "Stopped.\n")
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("SELECT count(*) FROM run").fetchone() == (0,), "`status` has nothing to tell"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)], ids=lambda one: str(one)
)
def test_a_signal_ends_a_statement_that_would_never_end_and_undoes_what_it_is_part_of(
    shop: Path, number: int, code: int
) -> None:
    database = shop / "nurture.db"
    subprocess.run([*NURTURE, "contacts", "add", "ann@example.com", "--project", str(shop)], check=True)
    with subprocess.Popen(
        [*AS_FROM_A_TERMINAL, sys.executable, "-c", IN_A_STATEMENT, str(database)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=30)

    assert (process.returncode, err) == (code, "Stopped.\n")
    with closing(sqlite3.connect(database)) as db:
        assert db.execute("SELECT count(*) FROM contact").fetchone() == (1,)


def test_hanging_up_does_not_end_what_runs_under_nohup() -> None:
    with subprocess.Popen(
        ["/bin/sh", "-c", 'trap "" HUP; exec "$0" -c "$1"', sys.executable, WAITING],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        process.communicate()

    assert process.returncode == 143


def test_a_command_that_is_piped_into_head_ends_quietly(shop: Path) -> None:
    words = shlex.join(NURTURE)

    answer = subprocess.run(
        ["/bin/sh", "-c", f"{words} rule --json | head -n 1; {words} rule | true"],
        capture_output=True,
        check=True,
        cwd=shop,
    )

    assert answer.stdout.count(b"\n") == 1
    assert answer.stderr == b""


CANARY = "canary-0b5e55ed"


@pytest.mark.slow
def test_a_secret_of_the_environment_comes_out_nowhere(shop: Path) -> None:
    text = (shop / "nurture.yml").read_text()
    smtp = "{type: smtp, host: 127.0.0.1, port: 9, user: ada, password_env: RELAY_LOGIN, timeout: 1}"
    (shop / "nurture.yml").write_text(text.replace("{type: outbox}", smtp))
    environment = {**os.environ, "RELAY_LOGIN": CANARY}
    with_ann_at_any_hour(shop)

    told = b""
    for words in (
        ["run"],
        ["run", "--json"],
        ["doctor"],
        ["status"],
        ["touches", "list"],
        ["check"],
        ["plan", "--json"],
    ):
        answer = call(*words, cwd=shop, env=environment)
        told += answer.stdout + answer.stderr

    assert told
    assert CANARY.encode() not in told
    for path in shop.rglob("*"):
        if path.is_file():
            assert CANARY.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("nurture plan --campaign f", ["fair"]),
        ("nurture explain ann@example.com ", ["call", "guide", "welcome"]),
        ("nurture preview w", ["welcome"]),
        ("nurture contacts ex", ["export"]),
        ("nurture check --format ", ["text", "json", "github"]),
        ("nurture plan --exit", ["--exit-code"]),
    ],
)
def test_completion_offers_what_can_stand_there(shop: Path, typed: str, offered: list[str]) -> None:
    environment = {
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split(" ")) - 1),
        "_NURTURE_COMPLETE": "complete_bash",
    }

    answer = call(cwd=shop, env={**os.environ, **environment})

    assert answer.stdout.decode().split() == offered
    assert answer.stderr == b""


def with_ann_at_any_hour(shop: Path) -> None:
    """Ann is due whatever the machine's clock says."""
    fair = (shop / "campaigns/fair.yml").read_text()
    (shop / "campaigns/fair.yml").write_text(fair.replace("pace: {window: Mon-Fri 09:00-17:00}\n", ""))
    consent = ["consent=express", "consent_basis=form", "consent_source=fair"]
    assert call("contacts", "add", "ann@example.com", *consent, cwd=shop).returncode == 0
    assert call("contacts", "tag", "ann@example.com", "fair", cwd=shop).returncode == 0


def test_a_run_that_cannot_be_heard_has_sent_all_the_same_and_sends_nothing_twice(shop: Path) -> None:
    with_ann_at_any_hour(shop)

    with Path("/dev/full").open("wb") as full:
        unheard = call("run", cwd=shop, stdout=full, stderr=subprocess.PIPE)
    again = call("run", cwd=shop)

    assert unheard.returncode == 74
    assert (again.returncode, again.stdout) == (0, b"")
    assert len(list((shop / "outbox").glob("*.eml"))) == 1


def test_a_run_works_without_any_environment(shop: Path) -> None:
    with_ann_at_any_hour(shop)

    answer = call("run", cwd=shop, env={})

    assert answer.returncode == 0
    assert answer.stdout.endswith(b": 1 sent.\n")
