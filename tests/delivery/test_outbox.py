"""The outbox: one file a mail, the same file however often it is written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from nurture_cli.delivery.messenger import Blame, Outcome
from nurture_cli.delivery.outbox import OutboxMessenger, file_name
from nurture_cli.errors import InputOutput
from tests.delivery.mails import Gate, mail


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
    assert file.name.startswith("zero-trust-1-1-1.")
    assert file.suffix == ".eml"
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


def test_a_touch_key_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    outbox = OutboxMessenger(tmp_path / "outbox")
    outbox.open()
    outbox.deliver(mail(key="../../etc/passwd\0" + "x" * 300), Gate())

    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name.startswith("etc-passwd-xxx")
    assert len(file.name) < 130


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
    OutboxMessenger(tmp_path).deliver(mail(), Gate())

    assert left == ([] if where == "gate" else [mail().data])
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [mail().data]


def test_what_is_withheld_at_the_last_moment_leaves_nothing(tmp_path: Path) -> None:
    receipt = OutboxMessenger(tmp_path).deliver(mail(), Gate(answer=False))

    assert (receipt.outcome, receipt.blame) == (Outcome.DEFERRED, Blame.NOBODY)
    assert list(tmp_path.iterdir()) == []


def test_half_a_file_of_a_killed_run_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / file_name(mail())).with_suffix(".part").write_bytes(b"half")
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
