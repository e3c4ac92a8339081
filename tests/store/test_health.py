"""A bit that flips is noticed, wherever it matters; and so is a disk or a library that cannot be relied on."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nurture_cli.errors import NurtureError
from nurture_cli.keys import Keys
from nurture_cli.store import health, host, ledger
from nurture_cli.store.contacts import add_contact, hash_of
from nurture_cli.store.database import open_reader, open_writer, writing
from nurture_cli.store.health import damage, library, shared_disk, strangers
from nurture_cli.store.suppressions import suppress
from tests.conftest import A_TUESDAY_MORNING as AT
from tests.store import rows
from tests.store.rows import one

ASSET, STEP, FAMILY, MESSAGE = "why-zero-trust", "awareness/why-zero-trust~2", "zero-trust", "mEsSaGe@shop.example"


@dataclass(frozen=True)
class Wanted:
    """A touch whose words are found nowhere else in the file."""

    key: str = "spring-campaign/1/1/4"
    contact_id: int = 1
    enrollment_id: int | None = 1
    request_id: int | None = None
    handoff_id: int | None = None
    campaign: str = "spring-campaign"
    step: str = STEP
    hop: int = 4
    asset: str = ASSET
    family: str = FAMILY
    once_scope: str = "*"
    channel: str = "mail"
    reaches_contact: bool = True
    stream: bool = False
    due_at: int = AT
    reason: str = "due"
    campaign_hash: str = "h"
    asset_hash: str = "h"


@pytest.fixture
def lived(path: Path, keys: Keys) -> Path:
    """A database that was used: two contacts, one of them suppressed, and a touch that was sent."""
    db = open_writer(path)
    with writing(db):
        add_contact(db, keys, "ann@company.example", stage="name", now=AT)
        add_contact(db, keys, "bob@company.example", stage="name", now=AT)
        rows.enrollment(db, id=1, campaign="spring-campaign")
        suppress(db, hash_of(keys, "carl@company.example"), reason="unsubscribed", source="link", at=AT)
        entry = ledger.claim(db, Wanted(), message_id=MESSAGE, run_id=1, at=AT)
        assert entry is not None
        ledger.mark_committing(db, entry, body_hash="b", at=AT)
        ledger.settle_sent(db, entry, at=AT)
        again = replace(Wanted(), key="spring-campaign/1/1/5", family="other", hop=5)
        assert ledger.claim(db, again, message_id="other@x", run_id=1, at=AT)
    db.close()
    return path


def noticed(path: Path, keys: Keys) -> bool:
    """Whether one of the looks that `doctor` takes finds something."""
    try:
        db = open_reader(path)
    except NurtureError:
        return True
    try:
        return bool(list(damage(db))) or strangers(db, keys) > 0
    except NurtureError:
        return True
    finally:
        db.close()


def places(whole: bytes, words: bytes) -> list[int]:
    found, start = [], whole.find(words)
    while start >= 0:
        found.append(start)
        start = whole.find(words, start + 1)
    return found


def unnoticed(path: Path, keys: Keys, words: bytes, every: int = 1) -> list[bytes]:
    """What `words`, wherever they stand in the file, can become by the flipping of a bit while nobody notices."""
    whole = path.read_bytes()
    silent = []
    spots = places(whole, words)
    assert spots
    for place in spots:
        for offset in range(0, len(words), every):
            bit = 1 << (place + offset * 3) % 8
            spoilt = bytearray(whole)
            spoilt[place + offset] ^= bit
            path.write_bytes(spoilt)
            if not noticed(path, keys):
                silent.append(bytes(spoilt[place : place + len(words)]))
    path.write_bytes(whole)
    return silent


def test_a_sound_database_has_no_findings(lived: Path, keys: Keys) -> None:
    assert not noticed(lived, keys)


@pytest.mark.parametrize("words", [ASSET, STEP, FAMILY, MESSAGE, "spring-campaign/1/1/4"])
def test_a_flipped_bit_in_a_touch_is_noticed(lived: Path, keys: Keys, words: str) -> None:
    assert unnoticed(lived, keys, words.encode(), every=2) == []


def test_a_flipped_bit_in_an_address_is_noticed(lived: Path, keys: Keys) -> None:
    silent = unnoticed(lived, keys, b"ann@company.example")

    assert [words for words in silent if words.lower() != b"ann@company.example"] == []


@pytest.mark.parametrize("address", ["ann@company.example", "carl@company.example"])
def test_a_flipped_bit_in_the_hash_of_an_address_is_noticed(lived: Path, keys: Keys, address: str) -> None:
    assert unnoticed(lived, keys, hash_of(keys, address)) == []


@pytest.mark.parametrize("bit", range(8))
def test_every_bit_of_a_byte_counts_but_for_the_case_of_an_address(lived: Path, keys: Keys, bit: int) -> None:
    whole = lived.read_bytes()
    for words in (ASSET.encode(), b"bob@company.example"):
        spoilt = bytearray(whole)
        spoilt[places(whole, words)[0] + 1] ^= 1 << bit
        lived.write_bytes(spoilt)
        assert noticed(lived, keys) or (b"bOb@company.example" in spoilt)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE touch SET asset = 'other'",
        "UPDATE touch SET contact_id = 2",
        "UPDATE touch SET digest = digest + 1",
        "UPDATE contact SET email = 'eve@company.example' WHERE id = 1",
        "UPDATE contact SET address_hash = zeroblob(16) WHERE id = 1",
        "DELETE FROM enrollment",
        "DELETE FROM contact WHERE id = 1",
    ],
)
def test_what_was_changed_behind_our_back_is_noticed(lived: Path, keys: Keys, change: str) -> None:
    other = sqlite3.connect(lived, isolation_level=None)
    other.execute(change)
    other.close()

    assert noticed(lived, keys)


def test_a_damaged_text_is_told_without_the_text(lived: Path) -> None:
    whole = bytearray(lived.read_bytes())
    whole[places(bytes(whole), b"company.example")[0]] ^= 0x80
    lived.write_bytes(whole)
    db = open_reader(lived)
    from nurture_cli.store.contacts import iterate_contacts
    from nurture_cli.store.database import translated

    with pytest.raises(NurtureError, match="damaged") as raised, translated(lived):
        list(iterate_contacts(db))
    db.close()
    assert raised.value.exit_code == 3
    assert "ompany" not in raised.value.sentence


def test_an_overwritten_page_a_cut_off_end_and_a_lost_table_are_noticed(lived: Path, keys: Keys) -> None:
    whole = lived.read_bytes()
    for page in range(1, len(whole) // 4096):
        lived.write_bytes(whole[: page * 4096] + b"\xff" * 4096 + whole[(page + 1) * 4096 :])
        assert noticed(lived, keys), page
    last = max(place for place, byte in enumerate(whole) if byte)  # behind it, an empty page may end with nothing
    for size in (last, len(whole) - 4096, len(whole) // 2, 4096):
        lived.write_bytes(whole[:size])
        assert noticed(lived, keys), size


def test_the_words_name_the_touch(lived: Path) -> None:
    other = sqlite3.connect(lived, isolation_level=None)
    other.execute("UPDATE touch SET asset = 'other' WHERE key = 'spring-campaign/1/1/4'")
    other.close()
    db = open_reader(lived)

    assert list(damage(db)) == ["touch spring-campaign/1/1/4 was changed behind nurture's back"]
    db.close()


def test_contacts_of_another_key_file_are_strangers(lived: Path, keys: Keys) -> None:
    db = open_reader(lived)

    assert (strangers(db, keys), strangers(db, Keys(bytes(32)))) == (0, 2)
    assert one(db, "SELECT count(*) FROM contact") == 2
    db.close()


@pytest.mark.parametrize(
    ("version", "risky"),
    [
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 52, 0), False),
    ],
)
def test_a_library_in_which_two_writers_could_lose_data_is_told(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], risky: bool
) -> None:
    monkeypatch.setattr(health.sqlite3, "sqlite_version_info", version)

    assert library() == (sqlite3.sqlite_version, risky)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/srv/local/nurture.db", None),
        ("/srv/share/nurture.db", "nfs4"),
        ("/srv/share/inner/nurture.db", None),
        ("/srv/shared-not/nurture.db", None),
        ("/srv/my share/nurture.db", "cifs"),
        ("/srv/later/nurture.db", None),
        ("/srv/auto/nurture.db", "9p"),
    ],
)
def test_a_disk_that_is_shared_between_machines_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, kind: str | None
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(
        "/dev/vda / ext4 rw 0 0\n"
        "box:/x /srv/share nfs4 rw 0 0\n"
        "/dev/vdb /srv/share/inner ext4 rw 0 0\n"
        "//box/y /srv/my\\040share cifs rw 0 0\n"
        "box:/z /srv/later nfs rw 0 0\n"
        "/dev/vdc /srv/later ext4 rw 0 0\n"
        "systemd-1 /srv/auto autofs rw 0 0\n"
        "host /srv/auto 9p rw 0 0\n"
    )
    monkeypatch.setattr(host, "_MOUNTS", mounts)

    assert shared_disk(Path(place)) == kind


def test_where_mounts_are_not_told_nothing_is_said_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "_MOUNTS", tmp_path / "nowhere")

    assert shared_disk(tmp_path / "nurture.db") is None
