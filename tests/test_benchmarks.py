"""The measuring itself works, in a world that is too small to prove anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import growth
from nurture_cli.campaign.config import names_of, parse_config
from nurture_cli.language.condition import parse_where
from nurture_cli.language.expression import MeasureName
from nurture_cli.language.functions import FunctionName

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.mark.slow
@pytest.mark.parametrize(
    "names",
    [["plan", "idle"], ["example", "import"], ["scale"], ["delivery"], ["doubts"], ["reading"], ["bytes"]],
    ids=" ".join,
)
def test_everything_can_be_measured_and_the_plan_says_what_the_hand_written_sql_says(
    names: list[str], tmp_path: Path
) -> None:
    words = (sys.executable, "-m", "benchmarks", *names, "--small", "--folder", tmp_path)
    told = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, timeout=1200, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    titles = [line.split(":")[0] for line in told.stdout.splitlines() if line and not line.startswith(" ")]
    assert titles == names


def test_the_growth_of_every_call_and_measure_is_measured() -> None:
    assert set(growth.CALLS) == set(FunctionName)
    assert set(growth.MEASURES) == set(MeasureName)
    config = parse_config(
        growth.CONFIG.format(segments="  segment-0: fit >= 1").encode(), "nurture.yml", ("a-0",)
    ).config
    assert config is not None
    for name, condition in (*growth.CALLS.items(), *growth.MEASURES.items()):
        assert name in condition
        parse_where(condition, names_of(config, ("a-0",)))
