"""A database with damaged pages, whichever they are: every command works, or says that it is damaged; none stumbles."""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from nurture_cli.exit_code import ExitCode
from nurture_cli.keys import read_keys
from nurture_cli.store.migrations import migrate
from tests.acceptance.flips import flips
from tests.conftest import AddPerson, Nurture
from tests.store.test_health import noticed
from tests.store.test_kept import unpack

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


# What tells the past and decides nothing: why and with which facts something was done, what the other side answered.
RECORD = {
    "decision.outcome", "decision.facts", "decision.campaign_hash", "decision.at",
    "stage_move.from_stage", "stage_move.to_stage", "stage_move.cause", "stage_move.reason", "stage_move.version",
    "stage_move.facts",
    "event.source", "event.recorded_at", "event.properties",
    "touch.reason", "touch.reply", "touch.code", "touch.attempts", "touch.run_id", "touch.due_at", "touch.asset_hash",
    "touch.campaign_hash", "touch.body_hash",
    "instance.journal_size",  # is compared with the journal itself
}  # fmt: skip


def test_a_flipped_bit_is_noticed_wherever_it_decides_whether_to_whom_and_what_is_sent(tmp_path: Path) -> None:
    path, keys = unpack(2, tmp_path)
    migrate(path, keys)
    sound = path.read_bytes()
    assert not noticed(path, keys)

    tries, silent = 150, []
    for flip in islice(flips(sound, tmp_path / "scratch.db", random.Random(16)), tries):
        path.write_bytes(flip.spoil(sound))
        if not noticed(path, keys):
            silent.append(flip)

    assert set[str]().union(*(flip.changed for flip in silent)) <= RECORD
    assert len(silent) < tries / 3


def flip_in(database: Path, words: bytes) -> None:
    """Flip a bit of these words where they first stand in a row: the table comes before its indexes in the file."""
    for rest in database.parent.glob("nurture.db-*"):
        rest.unlink()
    data = bytearray(database.read_bytes())
    data[data.index(words)] ^= 1
    database.write_bytes(data)


def refused(nurture: Nurture, shop: Path, name: str) -> str:
    """What a run says that refuses because of damage, after which nothing has left for that contact."""
    before = sorted((shop / "outbox").glob("*"))
    answer = nurture("run", cwd=shop)
    assert answer.code == 3, answer.out
    assert "nurture doctor --full" in answer.err
    assert "backup" in answer.err
    assert sorted((shop / "outbox").glob("*")) == before
    assert nurture("doctor", "--full", cwd=shop).code == 3
    return answer.err


def test_a_run_writes_to_no_address_that_is_not_the_one_it_was_given(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com", "fair")
    flip_in(shop / "nurture.db", b"ann@example.com")

    assert "contact 1 is not as nurture left it" in refused(nurture, shop, "ann")
    assert nurture("doctor", cwd=shop).code == 0  # the quick look does not read contacts


def test_no_run_writes_to_a_suppressed_contact_wherever_a_bit_of_the_suppression_is_another_one(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com", "fair")
    person("bob@example.com", "fair")
    assert nurture("suppress", "add", "bob@example.com", "--why", "asked by phone", cwd=shop).code == 0
    database, mark = shop / "nurture.db", read_keys(shop).address_hash("bob@example.com")
    for rest in shop.glob("nurture.db-*"):
        rest.unlink()
    sound = database.read_bytes()
    places = [found.start() for found in re.finditer(re.escape(mark), sound)]
    codes = []
    for place in places:
        for rest in (*shop.glob("nurture.db-*"), *shop.glob("outbox/*")):
            rest.unlink()
        data = bytearray(sound)
        data[place] ^= 1
        database.write_bytes(data)

        codes.append(nurture("run", "--limit", "2", cwd=shop).code)
        assert not [mail for mail in shop.glob("outbox/*") if b"bob@example.com" in mail.read_bytes()]
        assert nurture("doctor", "--full", cwd=shop).code == 3
        (shop / "nurture.journal").unlink(missing_ok=True)

    assert len(places) >= 5  # the contact and its index, the suppression and its two
    assert codes.count(3) >= 2, codes


@pytest.mark.parametrize("change", ["consent = 'express'", "first_name = 'Bea'", "consent_until = NULL"])
def test_a_run_writes_to_nobody_whose_facts_are_not_those_that_were_sealed(
    nurture: Nurture, shop: Path, person: AddPerson, change: str
) -> None:
    person("ann@example.com", consent="implied", consent_until="2026-12-31")
    nurture("run", cwd=shop)  # seals her
    behind_our_back(shop, f"UPDATE contact SET {change}", keep="contact_seal")
    nurture("contacts", "tag", "ann@example.com", "fair", cwd=shop)

    assert "contact 1 is not as nurture left it" in refused(nurture, shop, "ann")


def behind_our_back(shop: Path, change: str, keep: str) -> None:
    """What damage does, and no program: a change after which the table `keep` is as it was."""
    db = sqlite3.connect(shop / "nurture.db")
    kept = db.execute(f"SELECT * FROM {keep}").fetchall()
    db.execute(change)
    db.execute(f"DELETE FROM {keep}")
    db.executemany(f"INSERT INTO {keep} VALUES ({', '.join('?' * len(kept[0]))})", kept)
    db.execute("DELETE FROM change")
    db.commit()
    db.close()


def test_a_run_goes_on_from_no_place_that_is_not_the_one_it_decided(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    person("ann@example.com", "fair")
    for _ in range(2):
        assert nurture("run", cwd=shop).code == 0
    db = sqlite3.connect(shop / "nurture.db")
    assert db.execute("SELECT count(*) FROM enrollment WHERE digest <> 0").fetchone() == (1,)
    db.execute("UPDATE enrollment SET anchor_at = anchor_at - 64, wake_at = ?", (clock.at,))
    db.commit()
    db.close()

    assert "enrollment 1 is not as nurture left it" in refused(nurture, shop, "ann")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE contact SET first_name = 'Bea'",
        "REPLACE INTO contact (id, email, address_hash, first_name, stage, stage_at, created_at, updated_at)"
        " SELECT id, email, address_hash, 'Bea', stage, stage_at, created_at, updated_at FROM contact",
    ],
)
def test_another_program_may_write_to_contacts(nurture: Nurture, shop: Path, person: AddPerson, change: str) -> None:
    person("ann@example.com")
    nurture("run", cwd=shop)
    db = sqlite3.connect(shop / "nurture.db")
    db.execute(change)
    db.commit()
    db.close()
    nurture("contacts", "tag", "ann@example.com", "fair", cwd=shop)

    assert nurture("run", cwd=shop).code == 0
    assert nurture("doctor", "--full", cwd=shop).code == 0
