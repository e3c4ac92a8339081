"""A strict SMTP server on this machine that does what a script says, and remembers what it took.

Strict: commands out of order are protocol violations, as with a real relay. It writes down an accepted mail before it
answers, so that what it remembers is what a recipient would have got.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """What to do instead of the proper answer: say something (or nothing), then go on, hang up, or never end."""

    say: bytes = b""
    drop: bool = False
    accept: bool = False  # at the dot: take the mail all the same
    endless: bytes = b""  # say this again and again until the other side has gone
    pause: float = 0.0  # seconds between saying it
    silent: bool = False


@dataclass(frozen=True)
class Accepted:
    """One mail that was taken."""

    sender: str
    recipient: str
    data: bytes
    parameters: str

    @property
    def message_id(self) -> str:
        found = re.search(rb"^Message-ID:\s*<([^>]+)>", self.data, re.MULTILINE | re.IGNORECASE)
        return found[1].decode() if found else ""


@dataclass
class Server:
    """`faults` maps (phase, n-th time it is reached) to a fault; n 0 stands for every time.

    Phases: connect, ehlo, starttls, auth, mail, rcpt, data, body (after its first line), dot, rset, quit.
    """

    faults: Mapping[tuple[str, int], Fault] = field(default_factory=dict)
    decide: Callable[[str, str], Fault | None] | None = None  # (phase, argument): instead of `faults`
    offers: tuple[str, ...] = ("PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
    users: Mapping[str, str] | None = None  # user -> password; None: no login needed
    mechanisms: str = "PLAIN LOGIN"
    starttls: ssl.SSLContext | None = None
    tls: ssl.SSLContext | None = None
    accepted: list[Accepted] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._reached: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Server:
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, args=(self._socket,), daemon=True)
        self._accepting.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            # Closed under a thread that is about to accept, its number would soon be that of another server's socket,
            # whose connections this one would serve.
            self._accepting.join()
            self._socket.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        talk = _Dialogue(self, connection)
        try:
            if self.tls is not None:
                talk.wrap(self.tls)
            talk.run()
        except (OSError, _HungUpError):
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            with contextlib.suppress(OSError):
                talk.socket.close()
            connection.close()

    def fault(self, phase: str, argument: str) -> Fault | None:
        """What the script says for this phase, now that it is reached once more."""
        with self._lock:
            self._reached[phase] += 1
            reached = self._reached[phase]
            self.commands.append(f"{phase} {argument}".strip())
        if self.decide is not None:
            return self.decide(phase, argument)
        return self.faults.get((phase, reached)) or self.faults.get((phase, 0))


class _HungUpError(Exception):
    pass


class _Dialogue:
    def __init__(self, server: Server, connection: socket.socket) -> None:
        self.server = server
        self.socket = connection
        self.file = connection.makefile("rb")
        self.encrypted = server.tls is not None
        self.user: str | None = None
        self.sender: str | None = None
        self.parameters = ""
        self.recipient: str | None = None

    def wrap(self, context: ssl.SSLContext) -> None:
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.file = self.socket.makefile("rb")
        self.encrypted = True

    def run(self) -> None:
        if self.answer("connect", "", b"220 sink.test ESMTP\r\n"):
            while line := self.file.readline():
                self.command(line.rstrip(b"\r\n").decode("utf-8", "replace"))

    def answer(self, phase: str, argument: str, proper: bytes) -> bool:
        """Give the proper answer, or what the script wants; false when that was something else."""
        fault = self.server.fault(phase, argument)
        if fault is None:
            self.socket.sendall(proper)
            return True
        self.misbehave(fault)
        return False

    def misbehave(self, fault: Fault) -> None:
        if fault.say:
            self.socket.sendall(fault.say)
        while fault.endless:
            self.socket.sendall(fault.endless)
            time.sleep(fault.pause)
        if fault.drop:
            raise _HungUpError
        if fault.silent:
            self.file.read()
            raise _HungUpError

    def command(self, line: str) -> None:
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO" | "HELO":
                self.ehlo(rest)
            case "STARTTLS" if self.server.starttls is not None:
                if self.answer("starttls", "", b"220 2.0.0 go on\r\n"):
                    self.wrap(self.server.starttls)
            case "AUTH":
                self.auth(rest)
            case "MAIL" if self.sender is not None:
                self.socket.sendall(b"503 5.5.1 nested MAIL\r\n")
            case "MAIL" if self.server.users is not None and self.user is None:
                self.socket.sendall(b"530 5.7.0 log in first\r\n")
            case "MAIL":
                address, _, self.parameters = rest.removeprefix("FROM:").partition(" ")
                if self.answer("mail", rest, b"250 2.1.0 ok\r\n"):
                    self.sender = address.strip("<>")
                else:
                    self.sender = "(refused)"  # as with many relays, only RSET ends the attempt
            case "RCPT" if self.sender in (None, "(refused)"):
                self.socket.sendall(b"503 5.5.1 MAIL first\r\n")
            case "RCPT":
                if self.answer("rcpt", rest, b"250 2.1.5 ok\r\n"):
                    self.recipient = rest.removeprefix("TO:").strip("<>")
            case "DATA" if self.recipient is None:
                self.socket.sendall(b"554 5.5.1 no valid recipients\r\n")
            case "DATA":
                if self.answer("data", "", b"354 go on\r\n"):
                    self.body()
            case "RSET":
                self.reset()
                self.answer("rset", "", b"250 2.0.0 ok\r\n")
            case "QUIT":
                self.answer("quit", "", b"221 2.0.0 bye\r\n")
                raise _HungUpError
            case _:
                self.socket.sendall(b"500 5.5.2 what?\r\n")

    def ehlo(self, name: str) -> None:
        self.reset()
        offers = list(self.server.offers)
        if self.server.starttls is not None and not self.encrypted:
            offers.append("STARTTLS")
        if self.server.users is not None:
            offers.append(f"AUTH {self.server.mechanisms}")
        lines = [f"sink.test greets {name}", *offers]
        text = "".join(f"250{'-' if line is not lines[-1] else ' '}{line}\r\n" for line in lines)
        self.answer("ehlo", name, text.encode())

    def auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if mechanism == "PLAIN":
            _, user, password = b64decode(initial).decode().split("\0")
        else:
            user = b64decode(initial).decode()
            self.socket.sendall(b"334 UGFzc3dvcmQ6\r\n")
            password = b64decode(self.file.readline()).decode()
        users = self.server.users or {}
        good = users.get(user) == password
        if self.answer("auth", user, b"235 2.7.0 welcome\r\n" if good else b"535 5.7.8 wrong\r\n") and good:
            self.user = user

    def body(self) -> None:
        lines: list[bytes] = []
        while (line := self.file.readline()) != b".\r\n":
            if not line.endswith(b"\r\n"):
                raise _HungUpError  # ended in the middle: nothing is taken
            if not lines and (fault := self.server.fault("body", "")) is not None:
                self.misbehave(fault)
            lines.append(line[1:] if line.startswith(b".") else line)
        fault = self.server.fault("dot", "")
        if fault is None or fault.accept:
            mail = Accepted(self.sender or "", self.recipient or "", b"".join(lines), self.parameters)
            self.server.accepted.append(mail)
        self.reset()
        if fault is None:
            self.socket.sendall(b"250 2.0.0 taken\r\n")
        else:
            self.misbehave(fault)

    def reset(self) -> None:
        self.sender = self.recipient = None


def certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """A new self-signed certificate for `names` (of the form DNS:… or IP:…) and its key."""
    import subprocess

    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(cert), "-days", "36500", "-subj", "/CN=sink.test"]
    command += ["-addext", "subjectAltName=" + ",".join(names)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def server_context(folder: Path, *names: str) -> ssl.SSLContext:
    """A context for a server with such a certificate, which clients trust when SSL_CERT_FILE names cert.pem."""
    cert, key = certificate(folder, *names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context
