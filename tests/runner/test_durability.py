"""What must be on disk before what leaves: the order of system calls, as the kernel saw them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.delivery.server import Server
from tests.runner.house import AT, House

ONE_RUN = """
import sys
from pathlib import Path
from tests.runner.house import House
House(Path(sys.argv[1])).run(int(sys.argv[2]))
"""
TRACE = "trace=fdatasync,fsync,sendto,pwrite64,write"


@pytest.mark.slow
def test_every_final_dot_leaves_after_the_mark_and_the_witness_are_written_and_the_mark_is_synced(
    house: House, sink: Server, tmp_path: Path
) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("looks on with strace")
    house.build(sink.port, contacts=5)
    seen = tmp_path / "seen"
    command = [strace, "-f", "-y", "-s", "200", "-e", TRACE, "-o", str(seen), sys.executable, "-c", ONE_RUN]
    root = Path(__file__).parents[2]
    environ = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run(
        [*command, str(house.folder), str(AT)], cwd=root, capture_output=True, env=environ, check=False
    )
    if done.returncode:
        pytest.skip("strace may not look on here")

    calls = "".join(_kind(line) for line in seen.read_text().splitlines())
    assert calls.count(".") == 5
    # Between two dots: a line in the journal (j), pages in the log (w), the log on disk (s), in this order.
    for between in calls.split(".")[:-1]:
        assert re.search(r"w[^.]*sj$", between), between


def _kind(line: str) -> str:
    if re.search(r'sendto\(\d+<[^>]*>, "\.\\r\\n', line):
        return "."
    if re.search(r"write\(\d+<[^>]*nurture\.journal>", line):
        return "j"
    if re.search(r"pwrite64\(\d+<[^>]*nurture\.db-wal>", line):
        return "w"
    if re.search(r"f(data)?sync\(\d+<[^>]*nurture\.db-wal>", line):
        return "s"
    return ""
