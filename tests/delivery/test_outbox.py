"""The outbox: one file a mail, the same file however often it is written."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from nurture_cli.delivery.messenger import Blame, Outcome
from nurture_cli.delivery.outbox import OutboxMessenger, file_name, identity, was_delivered
from nurture_cli.errors import InputOutput
from tests.delivery.mails import Gate, mail

KEY, ID = mail().key, mail().message_id


class DiedError(BaseException):
    """The process is gone."""


def test_a_mail_becomes_one_private_file_that_says_whose_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    before = os.umask(0)
    try:
        outbox, gate = OutboxMessenger(folder), Gate()
        outbox.open()
        receipt = outbox.deliver(mail(), gate)
    finally:
        os.umask(before)

    (file,) = folder.iterdir()
    assert (receipt.outcome, receipt.reply, gate.asked) == (Outcome.ACCEPTED, file.name, 1)
    assert file.read_bytes() == mail().data
    assert re.fullmatch(r"2026-03-02T0800Z_why-zero-trust_reader1@example\.com_[0-9a-f]{16}\.eml", file.name)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_same_touch_is_the_same_file(tmp_path: Path) -> None:
    outbox = OutboxMessenger(tmp_path)
    for data in (b"first\r\n", b"second\r\n"):
        outbox.deliver(mail(data=data), Gate())

    (file,) = tmp_path.iterdir()
    assert file.read_bytes() == b"second\r\n"


def test_touches_of_two_installations_never_share_a_file() -> None:
    here, there = mail(), mail(message_id="other@example.org")

    assert file_name(here) != file_name(there)
    assert file_name(here) == file_name(mail(data=b"later"))


@pytest.mark.parametrize(
    "later",
    [
        {"at": 1772524800},  # made anew after the run was killed
        {"what": "another-asset"},  # the campaign was edited in between
        {"recipient": "new@example.com"},  # the contact has another address now
    ],
)
def test_a_later_attempt_takes_the_place_of_the_earlier_one(tmp_path: Path, later: dict[str, object]) -> None:
    OutboxMessenger(tmp_path).deliver(mail(), Gate())
    receipt = OutboxMessenger(tmp_path).deliver(mail(data=b"later\r\n", **later), Gate())

    (file,) = tmp_path.iterdir()
    assert (file.name, receipt.reply) == (file_name(mail()), file.name)
    assert file.read_bytes() == b"later\r\n"


def test_a_file_of_an_earlier_version_is_known_by_its_identity(tmp_path: Path) -> None:
    old = tmp_path / f"zero-trust-1-1-1.{identity(KEY, ID)}.eml"
    old.write_bytes(b"old")

    OutboxMessenger(tmp_path).deliver(mail(), Gate())

    assert list(tmp_path.iterdir()) == [old]
    assert old.read_bytes() == mail().data


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"key": "../../etc/passwd\0" + "x" * 300}, "why-zero-trust_reader1@example.com"),
        ({"recipient": "a/../../b@example.com"}, "why-zero-trust_a-..-..-b@example.com"),
        ({"recipient": "o'brien+news@xn--bcher-kva.example"}, "why-zero-trust_o-brien+news@xn--bcher-kva.example"),
        ({"recipient": "x" * 64 + "@" + "y" * 180 + ".example"}, f"why-zero-trust_{'x' * 56}"),
        ({"what": "../" * 30 + "\n\0é"}, f"{'..-' * 15}.._reader1@example.com"),
    ],
)
def test_nothing_that_somebody_wrote_leads_out_of_the_folder(
    tmp_path: Path, changes: dict[str, object], name: str
) -> None:
    outbox = OutboxMessenger(tmp_path / "outbox")
    outbox.open()
    outbox.deliver(mail(**changes), Gate())

    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == f"2026-03-02T0800Z_{name}_{identity(mail(**changes).key, ID)}.eml"
    assert file.name.isascii()
    assert len(file.name) <= 143  # what an encrypted home folder allows


@pytest.mark.parametrize("where", ["gate", "after_dot"])
def test_a_death_at_any_instant_leaves_the_whole_file_or_none_and_the_next_attempt_mends_it(
    tmp_path: Path, where: str
) -> None:
    def die(name: str = "") -> bool:
        if name in ("", where):
            raise DiedError
        return True

    outbox = OutboxMessenger(tmp_path, crash_point=die)
    with pytest.raises(DiedError):
        outbox.deliver(mail(), die if where == "gate" else Gate())
    left = [file.read_bytes() for file in tmp_path.glob("*.eml")]
    assert was_delivered(tmp_path, KEY, ID) == (where != "gate")
    OutboxMessenger(tmp_path).deliver(mail(), Gate())

    assert left == ([] if where == "gate" else [mail().data])
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [mail().data]


def test_what_another_program_has_carried_away_is_known_to_have_been_handed_over(tmp_path: Path) -> None:
    OutboxMessenger(tmp_path).deliver(mail(), Gate())
    (file,) = tmp_path.iterdir()
    file.unlink()

    assert was_delivered(tmp_path, KEY, ID) is True
    assert was_delivered(tmp_path / "gone", KEY, ID) is None


def test_a_program_that_carries_on_sees_whole_files_only(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def look() -> bool:
        seen.append([str(file) for pattern in ("*", "*.eml") for file in tmp_path.glob(pattern) if file.name[0] != "."])
        return True

    OutboxMessenger(tmp_path).deliver(mail(), look)

    assert seen == [[]]


def test_the_hidden_file_is_on_disk_before_the_point_of_no_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr("nurture_cli.delivery.outbox.os.fsync", lambda _: done.append("file"))
    monkeypatch.setattr("nurture_cli.delivery.outbox.sync_directory", lambda _: done.append("folder"))

    def gate() -> bool:
        done.append("gate")
        return True

    OutboxMessenger(tmp_path).deliver(mail(), gate)

    assert done == ["file", "folder", "gate", "folder"]


@pytest.mark.parametrize("trouble", ["taken", "unsynced"])
def test_what_cannot_be_known_past_the_point_of_no_return_is_in_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    def gate() -> bool:
        if trouble == "taken":
            (hidden,) = tmp_path.iterdir()
            hidden.unlink()
        else:
            monkeypatch.setattr("nurture_cli.delivery.outbox.sync_directory", fail)
        return True

    def fail(_: Path) -> None:
        raise OSError(5, "Input/output error")

    receipt = OutboxMessenger(tmp_path).deliver(mail(), gate)

    assert (receipt.outcome, receipt.blame) == (Outcome.UNKNOWN, Blame.CONNECTION)


def test_a_file_that_cannot_get_its_name_stays_hidden_and_is_put_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    receipt = OutboxMessenger(tmp_path).deliver(mail(), Gate())

    assert (receipt.outcome, receipt.blame) == (Outcome.DEFERRED, Blame.CONNECTION)
    assert was_delivered(tmp_path, KEY, ID) is False


def test_what_is_withheld_at_the_last_moment_stays_hidden_until_the_next_attempt(tmp_path: Path) -> None:
    receipt = OutboxMessenger(tmp_path).deliver(mail(), Gate(answer=False))

    assert (receipt.outcome, receipt.blame) == (Outcome.DEFERRED, Blame.NOBODY)
    assert list(tmp_path.glob("*.eml")) == []
    assert was_delivered(tmp_path, KEY, ID) is False
    OutboxMessenger(tmp_path).deliver(mail(), Gate())
    assert len(list(tmp_path.iterdir())) == 1


def test_half_a_file_of_a_killed_run_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / f".{identity(KEY, ID)}.part").write_bytes(b"half")
    receipt = OutboxMessenger(tmp_path).deliver(mail(), Gate())

    assert receipt.outcome is Outcome.ACCEPTED
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [mail().data]


def test_a_folder_that_vanishes_puts_the_mail_off(tmp_path: Path) -> None:
    gate = Gate()
    receipt = OutboxMessenger(tmp_path / "gone").deliver(mail(), gate)

    assert (receipt.outcome, receipt.blame, gate.asked) == (Outcome.DEFERRED, Blame.CONNECTION, 0)
    assert receipt.reply == "the file could not be written: No such file or directory"


def test_a_folder_that_cannot_be_made_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file")

    with pytest.raises(InputOutput, match=r"The outbox .* cannot be made"):
        OutboxMessenger(tmp_path / "outbox").open()
