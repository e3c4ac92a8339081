"""The measuring itself works, in a world that is too small to prove anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.mark.slow
@pytest.mark.parametrize("names", [["plan", "idle"], ["example", "import"], ["delivery"]], ids=" ".join)
def test_everything_can_be_measured_and_the_plan_says_what_the_hand_written_sql_says(
    names: list[str], tmp_path: Path
) -> None:
    words = (sys.executable, "-m", "benchmarks", *names, "--small", "--folder", tmp_path)
    told = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, timeout=1200, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    titles = [line.split(":")[0] for line in told.stdout.splitlines() if line and not line.startswith(" ")]
    assert titles == names
