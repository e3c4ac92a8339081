"""Where the mails of a town end up: a relay that answers by a script and keeps what it took, and a folder of files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nurture_cli.campaign.channels import Smtp
from nurture_cli.campaign.model import Channel, Config
from nurture_cli.clock import Clock
from nurture_cli.delivery import channels
from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.delivery.messenger import Blame, Messenger, Outcome, Outgoing, Receipt

NOT_TAKEN = {
    "later": Receipt(Outcome.DEFERRED, Blame.MAILBOX, 451, "4.2.0", "later"),
    "no-such-person": Receipt(Outcome.REFUSED, Blame.ADDRESS, 550, "5.1.1", "no such person"),
    "disabled": Receipt(Outcome.REFUSED, Blame.MAILBOX, 550, "5.2.1", "disabled"),
    "not-this-text": Receipt(Outcome.REFUSED, Blame.MESSAGE, 554, "5.6.0", "not this text"),
    "not-from-you": Receipt(Outcome.REFUSED, Blame.SENDER, 550, "5.7.1", "not from you"),
    "cut": Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply="connection lost"),
}
AFTER_THE_DOT = {
    "accepted": Receipt(Outcome.ACCEPTED, code=250, reply="ok"),
    "silent-took-it": Receipt(Outcome.UNKNOWN, Blame.CONNECTION, reply="no answer"),
    "silent-lost-it": Receipt(Outcome.UNKNOWN, Blame.CONNECTION, reply="no answer"),
    "later-after-all": Receipt(Outcome.DEFERRED, Blame.CONNECTION, 451, "4.3.0", "after all, later"),
}
ANSWERS = (*NOT_TAKEN, *AFTER_THE_DOT)


@dataclass(frozen=True)
class Mail:
    """One mail that arrived; `run` is the number of the run that brought it."""

    key: str
    to: str
    asset: str
    run: int


class Post:
    """The relay and the folder; everything is on disk, so that it outlives a process that is killed."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "relay.log"
        self._log.touch()
        self._files = folder / "files"
        self._in_folder: set[tuple[str, int]] = set()  # name and inode: a file made anew counts as another
        self._from_folder: list[Mail] = []
        self.script: list[str] = []
        self.run = 0

    def open_messenger(
        self,
        channel: Channel,
        project_root: Path,
        config: Config,
        *,
        crash_point: CrashPoint = go_on,
        clock: Clock | None = None,
    ) -> Messenger:
        """Stands in for `delivery.channels.open_messenger`: only what would use a network is ours."""
        if isinstance(channel.settings, Smtp):
            return _Relay(self, crash_point)
        return really_open(channel, project_root, config, crash_point=crash_point, clock=clock)

    def answer(self) -> str:
        """The next answer of the script; accepted, when it has come to its end."""
        return self.script.pop(0) if self.script else "accepted"

    def take(self, message: Outgoing) -> None:
        """Keep a mail."""
        with self._log.open("a") as log:
            log.write(json.dumps([message.key, message.recipient, _asset(message.data), self.run]) + "\n")

    def look(self, key_of: Callable[[str], str]) -> None:
        """See which files are new in the folder; `key_of` a Message-ID is the key of the touch."""
        for path in sorted(self._files.glob("*.eml")):
            if (file := (path.name, path.stat().st_ino)) not in self._in_folder:
                self._in_folder.add(file)
                data = path.read_bytes()
                to = re.search(rb"^To:.*?([\w.]+@[\w.]+)", data, re.MULTILINE)
                id = re.search(rb"^Message-ID: *<?([^>\s]+)>?", data, re.MULTILINE | re.IGNORECASE)
                assert to is not None
                assert id is not None
                self._from_folder.append(Mail(key_of(id[1].decode()), to[1].decode(), _asset(data), self.run))

    def carry_away(self) -> None:
        """Another program sends the files of the folder, and removes them."""
        for path in self._files.glob("*.eml"):
            path.unlink()
        self._in_folder.clear()

    def arrived(self) -> list[Mail]:
        """Every mail that came through the relay or the folder, as often as it came, in the order of the runs."""
        through = [Mail(*json.loads(line)) for line in self._log.read_text().splitlines()]
        return sorted([*through, *self._from_folder], key=lambda mail: mail.run)


really_open = channels.open_messenger


class _Relay:
    def __init__(self, post: Post, crash_point: CrashPoint) -> None:
        self._post = post
        self._crash_point = crash_point

    def open(self) -> None:
        """Always there."""

    def deliver(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        """As the script says."""
        answer = self._post.answer()
        if answer in NOT_TAKEN:
            return NOT_TAKEN[answer]
        if not point_of_no_return():
            return Receipt(Outcome.DEFERRED)
        if answer in ("accepted", "silent-took-it"):
            self._post.take(message)
        self._crash_point("after_dot")
        return AFTER_THE_DOT[answer]

    def close(self) -> None:
        """Nothing is held open."""


def _asset(data: bytes) -> str:
    subject = re.search(rb"^Subject: *(\S+)", data, re.MULTILINE)
    assert subject is not None
    return subject[1].decode()
