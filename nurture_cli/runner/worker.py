"""A process beside the sending one that renders what comes next, so that a fast relay need not wait for it.

It is forked while there is one thread, with everything loaded, and closes the database, the locks and the terminal at
once. A run does not depend on it: the sending process makes whatever the worker does not make.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread, active_count
from typing import TYPE_CHECKING, NamedTuple

from nurture_cli.message.outgoing import Outgoing
from nurture_cli.records import Contact

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

WORTHWHILE = 200  # messages; fewer are made sooner than another process has begun
PATIENCE = 10.0  # seconds without an answer, after which the run goes on without the worker
SOON = 0.003  # seconds after which the worker returns what is made so far


class Wish(NamedTuple):
    """A message to make: for which touch, of which asset, for which channel and contact, and of which date."""

    key: str
    asset: str
    channel: str
    contact: Contact
    at: int


_facts_of = attrgetter(*(field.name for field in fields(Contact)))  # a contact itself takes long to pickle

Make = Callable[[Wish], Outgoing]
_Answer = tuple[str, int, tuple[str, str, str, str, bytes, str, str, int] | None]  # key, date, the message


class Worker:
    """The worker as the sending process sees it; used by one thread at a time."""

    def __init__(self, make: Make) -> None:
        """Fork; raises OSError when the system has no room for a process."""
        from multiprocessing import get_context

        fork = get_context("fork")
        theirs, self._wishes = fork.Pipe(duplex=False)
        answers, their_answers = fork.Pipe(duplex=False)
        self._process = fork.Process(target=_serve, args=(make, theirs, their_answers), daemon=True)
        try:
            self._process.start()
        finally:
            theirs.close()
            their_answers.close()
        os.set_blocking(self._wishes.fileno(), False)  # a run does without the worker rather than wait for it
        self.alive = True  # false once the run does without it
        self._wanted: set[str] = set()
        self._made: dict[str, tuple[Outgoing, int] | None] = {}
        self._answers: SimpleQueue[Sequence[_Answer] | None] = SimpleQueue()
        Thread(target=_listen, args=(answers, self._answers), daemon=True).start()

    @property
    def in_hand(self) -> int:
        """How many messages were asked for and not taken yet."""
        return len(self._wanted)

    def knows(self, key: str) -> bool:
        """Whether the message of a touch was asked for and not taken yet."""
        return key in self._wanted

    def ask(self, wishes: Sequence[Wish]) -> None:
        """Ask for messages, in the order in which they will be taken."""
        try:
            self._wishes.send(
                [(wish.key, wish.asset, wish.channel, _facts_of(wish.contact), wish.at) for wish in wishes]
            )
        except OSError:
            self._abandon()
        else:
            self._wanted.update(wish.key for wish in wishes)

    def has(self, key: str) -> bool:
        """Whether the message of a touch can be taken without waiting."""
        with suppress(Empty):
            while key in self._wanted and key not in self._made:
                self._note(self._answers.get_nowait())
        return self._made.get(key) is not None

    def take(self, key: str) -> tuple[Outgoing, int] | None:
        """The message of a touch and its date; None when it was not asked for, or the worker cannot make it."""
        while key in self._wanted and key not in self._made:
            try:
                self._note(self._answers.get(timeout=PATIENCE))
            except Empty:
                self._abandon()
        self._wanted.discard(key)
        return self._made.pop(key, None)

    def forget(self, but: Container[str] = ()) -> None:
        """Forget all messages that were asked for, but those of some touches."""
        for key in [key for key in self._wanted if key not in but]:
            self._wanted.discard(key)
            self._made.pop(key, None)

    def close(self) -> None:
        """End the worker."""
        self._wishes.close()
        self._process.join(1.0)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()

    def _note(self, answers: Sequence[_Answer] | None) -> None:
        if answers is None:
            self._abandon()
            return
        for key, at, message in answers:
            if key in self._wanted:
                self._made[key] = None if message is None else (Outgoing(*message), at)

    def _abandon(self) -> None:
        """Go on without the worker."""
        self.alive = False
        self.forget()
        self._process.kill()


@contextmanager
def beside(make: Make, messages: int) -> Iterator[Worker | None]:
    """A worker, if so many messages are worth one and the machine has a processor for it; else None."""
    worker = None
    # On other systems a fork of a process that has loaded the system's own libraries may not live long.
    if messages >= WORTHWHILE and sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1 and active_count() == 1:
        with suppress(OSError):
            worker = Worker(make)
    try:
        yield worker
    finally:
        if worker is not None:
            worker.close()


def _listen(answers: Connection, heard: SimpleQueue[Sequence[_Answer] | None]) -> None:
    """Take every answer at once, so that the worker never blocks on an answer while the run blocks on a question."""
    with suppress(EOFError, OSError), answers:
        while True:
            heard.put(answers.recv())
    heard.put(None)


def _serve(make: Make, wishes: Connection, answers: Connection) -> None:
    """What the worker does: answer until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the sending process, which ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _let_go({wishes.fileno(), answers.fileno()})
    with suppress(EOFError, OSError):
        while True:
            made: list[_Answer] = []
            until = time.monotonic() + SOON
            for key, asset, channel, facts, at in wishes.recv():
                made.append(_answer(make, Wish(key, asset, channel, Contact(*facts), at)))
                if time.monotonic() > until:
                    answers.send(made)
                    made = []
                    until = time.monotonic() + SOON
            if made:
                answers.send(made)


def _answer(make: Make, wish: Wish) -> _Answer:
    try:
        message = make(wish)
    except Exception:  # the sending process meets it as well, and settles the touch
        return wish.key, wish.at, None
    identity = message.key, message.message_id, message.sender, message.recipient
    return wish.key, wish.at, (*identity, message.data, message.body_hash, message.what, message.at)


def _let_go(needed: set[int]) -> None:
    """Close all that was inherited, so that locks are free and pipes end as soon as the sending process is gone."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    for open_file in list(Path("/dev/fd").iterdir()):
        if int(open_file.name) > 2 and int(open_file.name) not in needed:
            with suppress(OSError):
                os.close(int(open_file.name))
