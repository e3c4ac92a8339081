import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from nurture_cli.cli.schedule import EVERY, crontab_line, service, timer, unit_name
from tests.conftest import Nurture

HARD = '100% of "my $project"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name means something to cron, to systemd and to the shell, with a project in it."""
    (tmp_path / HARD).mkdir()
    (tmp_path / HARD / "nurture.yml").touch()
    return tmp_path / HARD


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the user's own configuration, whose name is hard as well."""
    folder = tmp_path / "100% mine [x]"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    return folder


RELAY = """\
project: Harbour
zone: Europe/Berlin
sender:
  name: Harbour
  address: news@harbour.test
  postal_address: 1 Harbour Street
  unsubscribe: {mailto: stop@harbour.test}
stages: [name]
channels:
  mail: {type: smtp, host: smtp.harbour.test, user: me, password_env: RELAY_PASSWORD}
  news: {type: smtp, host: smtp.harbour.test, user: me, password_env: RELAY_PASSWORD}
  hook: {type: webhook, url: "https://harbour.test/hook", secret_env: HOOK_SECRET}
"""


def with_relay(folder: Path, text: str = RELAY) -> Path:
    """The folder, with channels that need secrets."""
    (folder / "nurture.yml").write_text(text)
    return folder


def promised_file(text: str) -> Path:
    """The file that the command says to make."""
    (line,) = [line for line in text.splitlines() if "chmod 600" in line]
    return Path(shlex.split(line)[-1])


def test_a_file_of_secrets_that_others_can_read_is_named_by_cron_and_doctor_with_what_to_type(
    nurture: Nurture, folder: Path, configuration: Path
) -> None:
    file = promised_file(nurture("cron", cwd=with_relay(folder)).err)
    file.parent.mkdir(parents=True)
    file.write_text("RELAY_PASSWORD='x'\n")
    file.chmod(0o644)

    refused = nurture("cron", cwd=folder)
    bad = nurture("doctor", cwd=folder).out
    file.chmod(0o600)
    fine = nurture("cron", cwd=folder)
    good = nurture("doctor", cwd=folder).out

    words = "can be read by others."
    assert (refused.code, refused.out) == (78, "")
    assert words in refused.err
    assert f"chmod 600 {shlex.quote(str(file))}" in refused.err
    assert "job's secrets\tbad\t" in bad
    assert words in bad
    assert fine.code == 0
    assert "job's secrets\tok\tprivate\n" in good


def test_the_crontab_line_means_the_project_even_when_its_name_is_hard(nurture: Nurture, folder: Path) -> None:
    answer = nurture("cron", cwd=folder)

    schedule, command = answer.out[: len("*/5 * * * * ")], answer.out[len("*/5 * * * * ") :].strip()
    assert answer.code == 0
    assert schedule == "*/5 * * * * "
    assert "%" not in command.replace("\\%", "")
    as_cron_runs_it = command.replace("\\%", "%")
    words = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {as_cron_runs_it}"], capture_output=True, check=True, text=True
    ).stdout.splitlines()
    assert words[-3:] == ["run", "--project", str(folder)]


@pytest.mark.parametrize(("every", "minutes"), [(1, "*"), (15, "*/15"), (60, "0")])
def test_the_minutes_divide_the_hour(every: int, minutes: str) -> None:
    assert crontab_line(["nurture"], Path("/p"), every) == f"{minutes} * * * * nurture run --project /p"


def test_minutes_that_do_not_divide_the_hour_are_refused(nurture: Nurture, folder: Path) -> None:
    answer = nurture("cron", "--every", 7, cwd=folder)

    assert answer.code == 2
    assert "Every 7 minutes does not divide an hour evenly." in answer.err


def test_units_are_written_into_the_folder_that_is_named(nurture: Nurture, folder: Path, tmp_path: Path) -> None:
    units, name = tmp_path / "units", unit_name(folder)

    answer = nurture("cron", "--write", units, cwd=folder)

    assert answer.code == 0
    assert name.startswith("nurture-100-of-my-project-")
    assert sorted(path.name for path in units.iterdir()) == [f"{name}.service", f"{name}.timer"]
    assert f"systemctl --user enable --now {name}.timer" in answer.err


def test_projects_whose_folders_have_one_name_have_units_of_their_own(nurture: Nurture, tmp_path: Path) -> None:
    units = tmp_path / "units"
    for place in ("a", "b"):
        project = tmp_path / place / "news"
        project.mkdir(parents=True)
        (project / "nurture.yml").touch()
        assert nurture("cron", "--write", units, cwd=project).code == 0

    texts = {path: path.read_text() for path in units.glob("*.service")}
    assert len(texts) == 2
    assert all(any(f"/{place}/news" in text for text in texts.values()) for place in ("a", "b"))

    assert nurture("cron", "--every", 15, "--write", units, cwd=tmp_path / "a" / "news").code == 0
    assert len(list(units.iterdir())) == 4
    assert "*:0/15" in (units / f"{unit_name(tmp_path / 'a' / 'news')}.timer").read_text()
    assert "*:0/5" in (units / f"{unit_name(tmp_path / 'b' / 'news')}.timer").read_text()


@pytest.mark.parametrize("name", ["blank ", "backslash\\"])
def test_a_name_that_a_unit_cannot_hold_is_refused_there_alone(nurture: Nurture, tmp_path: Path, name: str) -> None:
    project, units = tmp_path / name, tmp_path / "units"
    project.mkdir()
    (project / "nurture.yml").touch()

    line, printed = nurture("cron", cwd=project), nurture("cron", "--systemd", cwd=project)
    written = nurture("cron", "--write", units, cwd=project)

    assert shlex.split(line.out)[-1] == str(project)
    assert (line.code, printed.code, written.code) == (0, 2, 2)
    assert "ends in a space or a backslash" in written.err
    assert not units.exists()


@pytest.mark.parametrize("end", ["service", "timer"])
def test_a_file_that_is_not_this_projects_is_left_alone(
    nurture: Nurture, folder: Path, tmp_path: Path, end: str
) -> None:
    units = tmp_path / "units"
    units.mkdir()
    theirs = units / f"{unit_name(folder)}.{end}"
    theirs.write_text("[Unit]\nDescription=mine\n")

    answer = nurture("cron", "--write", units, cwd=folder)

    assert answer.code == 3
    assert f"{theirs} exists already" in answer.err
    assert [path.read_text() for path in units.iterdir()] == ["[Unit]\nDescription=mine\n"]


def test_the_job_of_cron_gets_its_secrets_from_a_private_file(
    nurture: Nurture, folder: Path, configuration: Path
) -> None:
    answer = nurture("cron", cwd=with_relay(folder))

    file = promised_file(answer.err)
    assert configuration in file.parents
    assert folder not in file.parents
    assert answer.code == 0
    assert "  RELAY_PASSWORD='...'\n" in answer.err
    assert "  # channels mail, news\n" in answer.err
    assert "  HOOK_SECRET='...'\n" in answer.err
    as_cron_runs_it = answer.out.removeprefix("*/5 * * * * ").strip().replace("\\%", "%")
    before, semicolon, command = as_cron_runs_it.rpartition("; ")
    show = f"{before}{semicolon}printf '%s\\n' \"$(env)\" {command}"
    missing = subprocess.run(["/bin/sh", "-c", show], capture_output=True, check=True, text=True)
    assert missing.stdout.splitlines()[-1] == str(folder)  # the run starts, to say what it lacks

    (line,) = [line for line in answer.err.splitlines() if "chmod 600" in line]
    subprocess.run(["/bin/sh", "-c", line], check=True)
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text("RELAY_PASSWORD='a b$c\"d'\n")
    found = subprocess.run(["/bin/sh", "-c", show], capture_output=True, check=True, text=True)
    assert 'RELAY_PASSWORD=a b$c"d' in found.stdout.splitlines()


def test_the_units_name_the_file_with_the_secrets(nurture: Nurture, folder: Path, configuration: Path) -> None:
    answer = nurture("cron", "--systemd", cwd=with_relay(folder))

    file = promised_file(answer.err)
    assert file.parent.parent == configuration
    escaped = str(file).replace("%", "%%").replace("[", "\\[").replace("]", "\\]")
    assert f"EnvironmentFile=-{escaped}" in answer.out.splitlines()


@pytest.mark.parametrize(
    "channel",
    [
        "{type: outbox, folder: outbox}",
        "{type: smtp, host: smtp.harbour.test, user: me, password_file: /run/secrets/smtp}",
        "{type: smtp, host: smtp.harbour.test}",
    ],
)
def test_no_file_is_asked_for_where_no_channel_needs_a_variable(nurture: Nurture, folder: Path, channel: str) -> None:
    text = RELAY.partition("channels:")[0] + f"channels:\n  mail: {channel}\n"

    answer = nurture("cron", "--systemd", cwd=with_relay(folder, text))

    assert answer.code == 0
    assert "EnvironmentFile" not in answer.out
    assert answer.err == ""


def test_settings_with_an_error_do_not_stop_the_timetable(nurture: Nurture, folder: Path) -> None:
    answer = nurture("cron", cwd=with_relay(folder, "channels: ["))

    assert answer.code == 0
    assert answer.out.startswith("*/5 * * * * ")
    assert "nurture cannot tell whether the job needs a password" in answer.err


@pytest.mark.parametrize("every", EVERY)
def test_systemd_takes_the_units(tmp_path: Path, folder: Path, configuration: Path, every: int) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    program = tmp_path / "a b" / "nur%ture"
    program.parent.mkdir()
    program.touch(0o755)
    name = unit_name(folder)
    (tmp_path / f"{name}.service").write_text(service([str(program)], folder, configuration / "x.env"))
    (tmp_path / f"{name}.timer").write_text(timer(folder, every))

    verdict = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", f"./{name}.service", f"./{name}.timer"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (verdict.returncode, verdict.stderr) == (0, "")


def test_outside_a_project_there_is_nothing_to_run(nurture: Nurture, tmp_path: Path) -> None:
    answer = nurture("cron", cwd=tmp_path)

    assert answer.code == 2
    assert "nurture init" in answer.err
