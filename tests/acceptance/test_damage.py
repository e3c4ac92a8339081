"""A database with damaged pages, whichever they are: every command works, or says that it is damaged; none stumbles."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from nurture_cli.exit_code import ExitCode
from tests.conftest import AddPerson, Nurture

PAGE = 4096
LOOKS = (
    ("plan",), ("status",), ("run", "--limit", 1), ("contacts", "list"), ("explain", "ann@example.com"),
    ("backup", "copies"), ("doctor",), ("suppress", "list"), ("touches", "list"),
)  # fmt: skip


def harmed(data: bytes, page: int, chance: random.Random) -> bytes:
    """A database whose page is overwritten, emptied, cut off or has some bits flipped."""
    begin, end = page * PAGE, (page + 1) * PAGE
    match chance.choice(["nonsense", "nothing", "cut off", "flipped"]):
        case "nonsense":
            return data[:begin] + chance.randbytes(PAGE) + data[end:]
        case "nothing":
            return data[:begin] + bytes(PAGE) + data[end:]
        case "cut off":
            return data[: begin + chance.randrange(PAGE)]
        case _:
            some = bytearray(data)
            for _ in range(10):
                some[begin + chance.randrange(PAGE)] ^= 1 << chance.randrange(8)
            return bytes(some)


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS, ids=lambda words: words[0])
def test_a_damaged_page_is_no_fault_of_a_command(
    nurture: Nurture, shop: Path, person: AddPerson, look: tuple[object, ...]
) -> None:
    for name in ("ann", "bob", "cleo"):
        person(f"{name}@example.com", "fair")
    database = shop / "nurture.db"
    sound = database.read_bytes()
    chance = random.Random(str(look))
    codes: Counter[int] = Counter()
    for page in range(len(sound) // PAGE):
        for rest in shop.glob("nurture.db-*"):
            rest.unlink()
        shutil.rmtree(shop / "copies", ignore_errors=True)
        database.write_bytes(harmed(sound, page, chance))
        answer = nurture(*look, cwd=shop)
        codes[answer.code] += 1
        assert answer.code != ExitCode.FAULT, (page, answer.err)
        assert "Traceback" not in answer.err

    assert codes[3] > len(sound) // PAGE // 20
