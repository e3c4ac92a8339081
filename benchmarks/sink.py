"""A mail server that takes everything and keeps nothing: `python -m benchmarks.sink`.

It prints its port, serves until its standard input is closed, then prints what it saw: mails, how many of them it saw
before (by Message-ID), connections, and the seconds between the first and the last mail.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from types import TracebackType

from benchmarks.measure import REPOSITORY

_GREETING = b"220 sink.example ESMTP\r\n"
_ABILITIES = b"250-sink.example\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^>]*)>", re.IGNORECASE | re.MULTILINE)


class Ledger:
    """What was seen over all connections."""

    def __init__(self, reply: float = 0.0) -> None:
        self.reply = reply  # seconds until a whole mail is answered
        self._one_at_a_time = threading.Lock()
        self.mails = 0
        self.again = 0
        self.octets = 0
        self.connections = 0
        self.seen: set[bytes] = set()
        self.first: float | None = None
        self.last = 0.0

    def take(self, mail: bytes) -> None:
        """Note one mail."""
        found = _MESSAGE_ID.search(mail, 0, 4096)
        name = found[1] if found else b""
        with self._one_at_a_time:
            self.last = time.perf_counter()
            if self.first is None:
                self.first = self.last
            self.mails += 1
            self.octets += len(mail)
            self.again += name in self.seen
            self.seen.add(name)

    def told(self) -> dict[str, float]:
        """The sums."""
        seconds = self.last - self.first if self.first is not None else 0.0
        return {
            "mails": self.mails, "again": self.again, "octets": self.octets, "connections": self.connections,
            "seconds": seconds,
        }  # fmt: skip


def converse(line: socket.socket, ledger: Ledger) -> None:
    """Serve one connection to its end; commands may come several at a time."""
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.sendall(_GREETING)
    buffer = b""
    in_data = False
    with line:
        while data := line.recv(1 << 16):
            buffer += data
            answers = b""
            while (end := buffer.find(b"\r\n.\r\n" if in_data else b"\r\n")) >= 0:
                if in_data:
                    ledger.take(buffer[:end])
                    buffer, in_data = buffer[end + 5 :], False
                    if ledger.reply:
                        time.sleep(ledger.reply)
                    answers += b"250 2.0.0 taken\r\n"
                    continue
                verb, buffer = buffer[:4].upper(), buffer[end + 2 :]
                match verb:
                    case b"EHLO":
                        answers += _ABILITIES
                    case b"DATA":
                        in_data = True
                        answers += b"354 go on\r\n"
                    case b"QUIT":
                        line.sendall(answers + b"221 2.0.0 bye\r\n")
                        return
                    case _:
                        answers += b"250 2.0.0 fine\r\n"
            if answers:
                line.sendall(answers)


def serve() -> None:
    """Serve until standard input ends, each connection on a thread."""
    ledger = Ledger()
    listening = socket.create_server(("127.0.0.1", 0), backlog=16)
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()

    def accept() -> None:
        while True:
            line, _ = listening.accept()
            ledger.connections += 1
            threading.Thread(target=converse, args=(line, ledger), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()
    sys.stdout.write(json.dumps(ledger.told()) + "\n")


class Sink:
    """A sink in a process of its own: `with Sink() as sink`, then `sink.port`; afterwards `sink.told`."""

    def __init__(self) -> None:
        self.port = 0
        self.told: dict[str, float] = {}

    def __enter__(self) -> Sink:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "benchmarks.sink"),
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        told, _ = self._process.communicate(timeout=30)
        if kind is None:
            self.told = json.loads(told)


if __name__ == "__main__":
    serve()
