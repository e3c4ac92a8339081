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
    units = tmp_path / "units"

    answer = nurture("cron", "--write", units, cwd=folder)

    assert answer.code == 0
    assert sorted(path.name for path in units.iterdir()) == [
        "nurture-100-of-my-project.service", "nurture-100-of-my-project.timer",
    ]  # fmt: skip
    assert "systemctl --user enable --now nurture-100-of-my-project.timer" in answer.err


@pytest.mark.parametrize("every", EVERY)
def test_systemd_takes_the_units(tmp_path: Path, folder: Path, every: int) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed here")
    program = tmp_path / "a b" / "nur%ture"
    program.parent.mkdir()
    program.touch(0o755)
    name = unit_name(HARD)
    (tmp_path / f"{name}.service").write_text(service([str(program)], folder, HARD))
    (tmp_path / f"{name}.timer").write_text(timer(HARD, every))

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
