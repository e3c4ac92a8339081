"""The fault matrix, row by row, with the real command; what another test shows is listed in `SHOWN_ELSEWHERE`."""

from __future__ import annotations

import gzip
import os
import signal
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from nurture_cli.store.database import open_reader, open_writer, writing
from tests.acceptance.commands import NURTURE, Told, build, call, due, files, unknown_tests, without_runs
from tests.delivery.server import Fault, Server
from tests.projects import SHOP
from tests.signals import AS_FROM_A_TERMINAL

ANY_HOUR = SHOP["campaigns/fair.yml"].replace("pace: {window: Mon-Fri 09:00-17:00}\n", "")
OUTBOX = "{type: outbox}"


def shop_at(folder: Path, *people: str, mail: str = OUTBOX, **changed: str) -> Path:
    """The shop, which sends at any hour through this channel, with these people due."""
    settings = SHOP["nurture.yml"].replace("{type: outbox}", mail)
    shop = build(folder / "shop", {"campaigns/fair.yml": ANY_HOUR, "nurture.yml": settings, **changed})
    for email in people:
        due(shop, email)
    return shop


def through(relay: Server, tls: str = "tls: 'off', ") -> str:
    """A channel to this relay."""
    return f"{{type: smtp, host: 127.0.0.1, port: {relay.port}, {tls}timeout: 20}}"


def states(shop: Path) -> list[str]:
    """The states of all touches, in the order of their making."""
    db = open_reader(shop / "nurture.db")
    try:
        return [state for (state,) in db.execute("SELECT state FROM touch ORDER BY id")]
    finally:
        db.close()


def change(shop: Path, sql: str) -> None:
    """Change the database behind the back of the program."""
    db = open_writer(shop / "nurture.db")
    try:
        if sql.startswith("PRAGMA"):
            db.execute(sql)
        else:
            with writing(db):
                db.execute(sql)
    finally:
        db.close()


class Held:
    """A relay that keeps the first final dot waiting until it is let go."""

    def __init__(self) -> None:
        self.reached, self.go = threading.Event(), threading.Event()

    def __call__(self, phase: str, argument: str) -> Fault | None:
        if phase == "dot" and not self.reached.is_set():
            self.reached.set()
            self.go.wait(20)
        return None


def started(shop: Path) -> subprocess.Popen[str]:
    """A run that was begun."""
    return subprocess.Popen(
        [*AS_FROM_A_TERMINAL, *NURTURE, "run"],
        cwd=shop,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


def ended(process: subprocess.Popen[str]) -> Told:
    """How it ended."""
    out, err = process.communicate(timeout=30)
    assert "Traceback" not in out + err
    return Told(process.returncode, out, err)


# --- signals and other runs


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["TERM", "INT"])
def test_a_signal_after_the_dot_ends_the_run_when_the_answer_is_there(number: int, code: int, tmp_path: Path) -> None:
    held = Held()
    with Server(decide=held) as relay:
        shop = shop_at(tmp_path, "ann@x.example", "bob@x.example", mail=through(relay))
        with started(shop) as process:
            assert held.reached.wait(20)
            process.send_signal(number)
            held.go.set()
            stopped = ended(process)
        first = states(shop)
        again = call("run", cwd=shop)

    assert stopped.code == code
    assert "unknown" not in first
    assert first.count("sent") == 1
    assert again.code == 0
    assert sorted(mail.recipient for mail in relay.accepted) == ["ann@x.example", "bob@x.example"]


def test_a_run_that_sleeps_keeps_every_other_one_out(tmp_path: Path) -> None:
    held = Held()
    with Server(decide=held) as relay:
        shop = shop_at(tmp_path, "ann@x.example", mail=through(relay))
        with started(shop) as process:
            assert held.reached.wait(20)
            process.send_signal(signal.SIGSTOP)
            second = call("run", cwd=shop)
            process.send_signal(signal.SIGCONT)
            held.go.set()
            first = ended(process)

    assert (second.code, second.out) == (75, "")
    assert "Another run is using" in second.err
    assert first.code == 0
    assert len(relay.accepted) == 1


def test_of_runs_that_start_in_the_same_second_one_sends(tmp_path: Path) -> None:
    shop = shop_at(tmp_path, "ann@x.example")

    processes = [started(shop) for _ in range(4)]
    codes = [ended(process).code for process in processes]

    assert set(codes) <= {0, 75}
    assert 0 in codes
    assert states(shop) == ["sent"]
    assert len(list((shop / "outbox").glob("*.eml"))) == 1


def test_after_a_kill_the_next_run_begins_at_once_and_leaves_the_doubtful_one(tmp_path: Path) -> None:
    held = Held()
    with Server(decide=held) as relay:
        shop = shop_at(tmp_path, "ann@x.example", "bob@x.example", mail=through(relay))
        with started(shop) as process:
            assert held.reached.wait(20)
            process.kill()
            process.communicate()
        held.go.set()
        next_one = call("run", cwd=shop)
        status = call("status", cwd=shop)

    assert (next_one.code, status.code) == (4, 4)
    assert sorted(states(shop)) == ["sent", "unknown"]
    assert "nurture touches list --state unknown" in next_one.err
    assert len({mail.recipient for mail in relay.accepted}) == len(relay.accepted)


def test_what_the_relay_took_without_an_answer_is_in_doubt_until_a_human_says(tmp_path: Path) -> None:
    with Server(faults={("dot", 1): Fault(drop=True, accept=True)}) as relay:
        shop = shop_at(tmp_path, "ann@x.example", mail=through(relay))
        first, again = call("run", cwd=shop), call("run", cwd=shop)
        (key,) = (line.split("\t")[0] for line in call("touches", "list", cwd=shop).out.splitlines()[1:])
        resolved = call("touches", "resolve", "sent", key, cwd=shop)
        last = call("run", cwd=shop)

    assert (first.code, again.code, resolved.code, last.code) == (4, 4, 0, 0)
    assert states(shop) == ["sent"]
    assert len(relay.accepted) == 1


# --- the database is not what it should be


def another_database(path: Path) -> None:
    """A database of another program."""
    change(path.parent, "PRAGMA application_id = 7")


HARM: dict[str, tuple[int, Callable[[Path], object], str]] = {
    "missing": (14, lambda path: path.unlink(), "There is no database"),
    "empty": (15, lambda path: path.write_bytes(b""), "empty file, not a new project"),
    "a text": (16, lambda path: path.write_text("Not a database. " * 500), "not a SQLite database"),
    "packed": (16, lambda path: path.write_bytes(gzip.compress(path.read_bytes())), "not a SQLite database"),
    "another program's": (16, another_database, "another program"),
    "overwritten": (17, lambda path: overwrite(path), "damaged"),
    "cut off": (17, lambda path: path.write_bytes(path.read_bytes()[:9000]), "damaged"),
    "newer": (22, lambda path: change(path.parent, "PRAGMA user_version = 99"), "newer schema"),
    "older": (22, lambda path: change(path.parent, "PRAGMA user_version = 0"), "nurture migrate"),
    "two names": (25, lambda path: os.link(path, path.with_name("two.db")), "hard link"),
    "clock": (28, lambda path: change(path.parent, "UPDATE instance SET last_run_at = 4000000000"), "days later"),
}


def overwrite(path: Path) -> None:
    """Write nonsense over everything but the first page."""
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))


@pytest.mark.parametrize("harm", HARM)
def test_a_run_refuses_a_database_that_is_not_in_order(harm: str, tmp_path: Path) -> None:
    _, do, says = HARM[harm]
    shop = shop_at(tmp_path, "ann@x.example")
    for rest in shop.glob("nurture.db-*"):
        assert not rest.stat().st_size
    do(shop / "nurture.db")
    before = files(shop)
    remembered = without_runs(shop) if harm == "clock" else []

    answer = call("run", cwd=shop)

    assert (answer.code, answer.out) == (3, "")
    assert says in answer.err
    if harm == "clock":  # what needs a human is written down, in a database that is sound
        assert without_runs(shop) == remembered
    else:
        assert files(shop) == before


def test_a_reader_that_stays_is_in_nobodys_way(tmp_path: Path) -> None:
    shop = shop_at(tmp_path, "ann@x.example")
    reader = open_reader(shop / "nurture.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM contact").fetchone()

    answer = call("run", cwd=shop)

    seen = reader.execute("SELECT count(*) FROM touch").fetchone()
    reader.close()
    assert (answer.code, seen) == (0, (0,))
    assert states(shop) == ["sent"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_on_a_disk_that_only_reads_a_run_says_so_and_the_plan_is_there(disk: Path) -> None:
    shop = shop_at(disk, "ann@x.example")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)

    run, plan, status = call("run", cwd=shop), call("plan", cwd=shop), call("status", cwd=shop)

    assert (run.code, plan.code, status.code) == (74, 0, 0)
    assert str(shop) in run.err
    assert "Read-only file system" in run.err
    assert plan.out.count("\ndue\t") == 1


def test_too_few_open_files_stop_a_run_before_anything_is_sent(tmp_path: Path) -> None:
    shop = shop_at(tmp_path, "ann@x.example")
    script = 'ulimit -n 5; exec "$@"'

    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *NURTURE, "run"], cwd=shop, capture_output=True, check=False, text=True
    )

    assert (done.returncode, done.stdout) == (74, ""), done.stderr
    assert f"{shop}/" in done.stderr
    assert "Too many open files" in done.stderr
    assert states(shop) == []


def test_no_umask_opens_a_file_to_others(tmp_path: Path) -> None:
    script = 'umask 000; "$@" init p --example && cd p && "$@" request x y; "$@" backup'
    subprocess.run(["/bin/sh", "-c", script, "sh", *NURTURE], cwd=tmp_path, capture_output=True, check=True)
    shop = shop_at(tmp_path, "ann@x.example")
    subprocess.run(["/bin/sh", "-c", 'umask 000; "$@" run', "sh", *NURTURE], cwd=shop, capture_output=True, check=True)

    secret = ("nurture.db*", "nurture.key", "nurture.journal", "outbox", "outbox/*", "backups", "backups/*")
    found = [path for root in (tmp_path / "p", shop) for pattern in secret for path in root.glob(pattern)]
    assert len(found) > 10
    for path in found:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


# --- the files change


def test_a_file_that_is_edited_while_a_run_is_on_counts_from_the_next_one(tmp_path: Path) -> None:
    def edit(phase: str, argument: str) -> Fault | None:
        if phase == "mail":
            text = SHOP["templates/welcome.md"].replace("begin here", "edited")
            (tmp_path / "shop" / "templates" / "welcome.md").write_text(text)
        return None

    with Server(decide=edit) as relay:
        shop = shop_at(tmp_path, "ann@x.example", "bob@x.example", mail=through(relay))
        answer = call("run", cwd=shop)

    assert answer.code == 0
    assert [b"begin here" in mail.data for mail in relay.accepted] == [True, True]


def test_a_step_that_is_gone_strands_nobody_unseen(tmp_path: Path) -> None:
    shop = shop_at(tmp_path, "ann@x.example")
    assert [call("run", cwd=shop).code for _ in range(2)] == [0, 0]
    edited = ANY_HOUR.replace("- wait: 2 days", "- id: rest\n      wait: 2 days")
    (shop / "campaigns/fair.yml").write_text(edited)
    remembered = without_runs(shop)

    refused = call("run", cwd=shop)
    kept = without_runs(shop)
    (shop / "campaigns/fair.yml").write_text(f"{edited}moved: {{any/wait-after-welcome: any/rest}}\n")
    mapped = call("run", cwd=shop)

    assert (refused.code, mapped.code) == (3, 0)
    assert "fair: any/wait-after-welcome (1)" in refused.err
    assert kept == remembered


def test_a_relay_without_encryption_gets_neither_login_nor_mail(tmp_path: Path) -> None:
    with Server(users={"ada": "x"}) as relay:
        mail = through(relay, tls="user: ada, password_env: LOGIN, ")
        shop = shop_at(tmp_path, "ann@x.example", mail=mail)
        answer = call("run", cwd=shop, env={"LOGIN": "x"})

    assert answer.code == 78
    assert "STARTTLS" in answer.err
    assert not any(command.startswith(("auth", "mail")) for command in relay.commands)
    assert "sent" not in states(shop)


# --- the whole matrix

SMTP = "delivery/test_smtp.py::test_each_fault_of_a_relay_gets_its_verdict"
SHOWN_ELSEWHERE: Mapping[int, tuple[str, ...]] = {
    1: (
        "runner/test_crash.py::test_a_run_killed_at_a_point_of_a_send_loses_nothing_and_repeats_nothing",
        "runner/test_crash.py::test_many_kills_at_random_instants_never_repeat_and_never_lose_a_mail",
    ),
    2: ("runner/test_crash.py::test_a_run_killed_in_the_middle_of_recovering_is_recovered_by_the_next",),
    3: ("runner/test_signals.py::test_a_signal_at_any_point_ends_the_run_cleanly",),
    4: (
        "cli/test_process.py::test_a_command_that_is_piped_into_head_ends_quietly",
        "runner/test_signals.py::test_a_run_under_nohup_goes_on_when_its_terminal_closes",
    ),
    7: (
        "runner/test_send.py::test_a_second_run_let_in_by_a_deleted_lock_file_makes_no_duplicates",
        "runner/test_crash.py::test_a_touch_is_in_doubt_while_the_run_that_marked_it_may_be_alive",
    ),
    9: (
        "runner/test_durability.py::"
        "test_every_final_dot_leaves_after_the_mark_and_the_witness_are_written_and_the_mark_is_synced",
    ),
    10: ("runner/test_disk_full.py::test_a_disk_that_is_full_from_the_start_sends_nothing",),
    11: ("runner/test_disk_full.py::test_a_disk_that_fills_up_during_a_run_leaves_nothing_unrecorded",),
    12: ("runner/test_disk_full.py::test_a_disk_that_fills_up_during_a_run_leaves_nothing_unrecorded",),
    17: ("store/test_health.py::test_an_overwritten_page_a_cut_off_end_and_a_lost_table_are_noticed",),
    18: ("runner/test_recover.py::test_a_deleted_log_of_the_database_is_noticed",),
    19: (
        "runner/test_recover.py::test_yesterdays_backup_is_refused_until_it_is_recovered",
        "cli/test_small_commands.py::test_a_restored_backup_learns_from_the_journal_what_was_sent",
        "store/test_suppression_lines.py::test_the_journal_is_told_and_a_backup_learns_of_it_whichever_way_it_happened",
    ),
    20: (
        "cli/test_run.py::test_a_copy_of_the_project_does_not_run_until_it_is_adopted",
        "runner/test_crash.py::test_a_touch_is_in_doubt_where_the_notes_of_the_killed_run_cannot_be_trusted",
    ),
    21: (
        "store/test_journal.py::test_a_missing_journal_is_refused_once_something_was_sent",
        "store/test_suppression_lines.py::test_a_journal_that_vanished_after_somebody_left_is_missed",
        "store/test_journal.py::test_a_torn_last_line_is_cut_off",
        "store/test_journal.py::test_a_journal_shorter_than_the_database_remembers_is_written_anew",
    ),
    23: ("store/test_migrations.py::test_death_at_any_statement_leaves_the_old_schema",),
    24: ("store/test_health.py::test_a_disk_that_is_shared_between_machines_is_told",),
    25: ("store/test_locks.py::test_two_names_of_one_database_have_one_lock",),
    27: ("store/test_database.py::test_a_program_that_knows_nothing_of_our_lock_makes_us_busy_too",),
    29: (
        "planner/test_policy.py::test_one_touch_a_contact_a_run_after_an_outage",
        "cli/test_run.py::test_the_guard_wants_the_number_confirmed",
    ),
    30: ("test_calendars.py::test_every_zone_keeps_the_rule_on_both_days_on_which_its_clock_changes",),
    31: (
        "runner/test_send.py::test_nothing_is_claimed_when_the_relay_is_down",
        "runner/test_send.py::test_a_relay_that_goes_down_ends_the_run_as_busy_and_the_next_one_goes_on",
    ),
    32: ("runner/test_send.py::test_a_relay_that_says_later_is_tried_again_later_and_later",),
    33: (
        "delivery/test_replies.py::test_a_refusal_is_blamed_on_whom_it_concerns",
        "runner/test_send.py::test_a_dead_address_is_suppressed_and_its_contact_goes_on",
    ),
    34: ("runner/test_send.py::test_a_relay_that_refuses_the_sender_ends_the_run_and_gives_up_nobody",),
    35: ("delivery/test_smtp.py::test_a_relay_that_hangs_up_while_the_body_is_on_its_way_has_not_got_the_mail",),
    37: ("delivery/test_smtp.py::test_a_relay_that_stays_silent_after_the_dot_leaves_the_mail_in_doubt",),
    38: (SMTP,),
    39: (SMTP, "delivery/test_smtp.py::test_a_reply_that_drips_in_is_not_waited_for_longer_than_the_time_out"),
    40: ("runner/test_send.py::test_one_refused_recipient_stops_nobody_else_and_suppresses_nobody",),
    41: ("delivery/test_relay.py::test_a_certificate_nobody_vouches_for_ends_it_before_the_login",),
    42: ("runner/test_send.py::test_throttling_slows_the_channel_down_and_everybody_is_reached_in_the_end",),
    43: ("delivery/test_relay.py::test_a_password_changed_in_the_middle_of_a_run_is_blamed_on_nobody_but_us",),
    44: ("delivery/test_relay.py::test_each_trouble_of_connecting_has_its_sentence",),
    48: ("runner/test_send.py::test_somebody_who_unsubscribes_between_two_mails_gets_none",),
    51: ("acceptance/test_bad_input.py::test_a_template_fails_for_its_contact_alone_or_makes_a_sound_mail",),
    52: ("acceptance/test_bad_input.py::test_a_template_fails_for_its_contact_alone_or_makes_a_sound_mail",),
    55: ("runner/test_crash.py::test_many_kills_at_random_instants_never_repeat_and_never_lose_a_mail",),
    57: ("cli/test_process.py::test_a_run_that_cannot_be_heard_has_sent_all_the_same_and_sends_nothing_twice",),
    58: ("inbound/test_killed.py::test_an_interruption_leaves_nothing_and_a_connection_that_works",),
    59: ("cli/test_process.py::test_a_run_works_without_any_environment",),
    61: (
        "store/test_journal.py::test_a_run_that_died_before_its_line_was_written_leaves_a_journal_that_is_mended",
        "store/test_suppression_lines.py::test_death_between_the_commit_and_the_line_is_mended",
    ),
    62: (
        "store/test_journal.py::test_a_single_line_of_which_the_database_does_not_know_is_refused",
        "acceptance/test_restores.py::test_nobody_gets_a_mail_twice_whatever_is_restored",
        "runner/test_crash.py::test_a_touch_is_in_doubt_where_the_notes_of_the_killed_run_cannot_be_trusted",
    ),
    63: ("runner/test_send.py::test_a_relay_that_refuses_everybody_is_stopped_and_its_suppressions_are_taken_back",),
}
# Mailboxes (45-47), erasing and merging contacts (53, 54): there are no such commands yet.
NOT_YET = frozenset({45, 46, 47, 53, 54})
HERE = frozenset({3, 5, 6, 8, 13, 26, 36, 41, 49, 50, 56, 60})


def test_every_fault_of_the_matrix_is_shown_somewhere() -> None:
    shown = HERE | {number for number, *_ in HARM.values()} | SHOWN_ELSEWHERE.keys()

    assert shown | NOT_YET == set(range(1, 64))
    assert not shown & NOT_YET
    assert unknown_tests(id for ids in SHOWN_ELSEWHERE.values() for id in ids) == []
