"""One SMTP connection whose replies are bounded in size and time, and read to the letter."""

from __future__ import annotations

import re
import select
import smtplib  # noqa: TID251  delivery/ is the door
import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

from nurture_cli.delivery.patience import be_patient, connected, send_all
from nurture_cli.delivery.redaction import Redaction
from nurture_cli.delivery.replies import Reply

LONGEST_LINE = 8192  # bytes; RFC 5321 asks for 512
MOST_LINES = 128  # of one reply

_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?", re.DOTALL)


class NoReply(smtplib.SMTPException):
    """The connection ended, time ran out, or what came was too long for a reply."""


class _Lines:
    """Lines from a socket, in place of smtplib's file; smtplib drops them with it when TLS begins."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._pending = b""

    def line(self, patience: float, deadline: float) -> bytes:
        """The next line without its end; `deadline` is `patience` seconds from now. Raises NoReply."""
        while (end := self._pending.find(b"\n")) < 0:
            if len(self._pending) > LONGEST_LINE:
                raise NoReply("the reply was too long")
            if patience <= 0:
                raise NoReply("no complete reply came in time")
            be_patient(self._sock, patience)
            self._more()
            patience = deadline - time.monotonic()
        line, self._pending = self._pending[:end], self._pending[end + 1 :]
        return line.removesuffix(b"\r")

    def spoken(self) -> bool:
        """Whether something has arrived already; raises NoReply when the other side has hung up."""
        if not self._pending:
            if not isinstance(self._sock, ssl.SSLSocket) and not _readable(self._sock):
                return False
            self._sock.settimeout(0)
            try:
                self._more()
            except (BlockingIOError, ssl.SSLWantReadError):
                return False
        return True

    def _more(self) -> None:
        try:
            received = self._sock.recv(LONGEST_LINE)
        except (BlockingIOError, ssl.SSLWantReadError):
            raise
        except TimeoutError:
            raise NoReply("no complete reply came in time") from None
        except OSError as error:
            raise NoReply(f"the connection broke ({error.strerror or type(error).__name__})") from None
        if not received:
            raise NoReply("the other side closed the connection")
        self._pending += received

    def close(self) -> None:
        """Nothing to close; smtplib calls it."""


class Session(smtplib.SMTP):
    """smtplib's EHLO and its record of what the relay offers, over our own sending and our own reading of replies."""

    def __init__(self, host: str, port: int, *, timeout: float, tls: ssl.SSLContext | None) -> None:
        """Connect, without reading the greeting; with `tls`, encrypted from the first byte. Raises OSError."""
        # A name for EHLO that needs no look-up: smtplib's default asks the DNS, and may wait long for it.
        super().__init__(local_hostname=_own_name(), timeout=timeout)
        self._host = host  # what STARTTLS checks the certificate against
        self._redact = Redaction()
        plain = connected(host, port, timeout)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if "." not in self.local_hostname:
                address = plain.getsockname()[0]
                self.local_hostname = f"[IPv6:{address}]" if ":" in address else f"[{address}]"
            self.sock = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        except BaseException:
            plain.close()
            raise

    def send(self, s: Any) -> None:
        """Send bytes, or ASCII text; raises OSError when they did not all leave."""
        send_all(self._connected(), s.encode("ascii") if isinstance(s, str) else s, self.timeout)

    def make_ready(self) -> None:
        """Let the next `send_first` be a single system call: with a time-out, there would be another one before it."""
        self._connected().settimeout(0)

    def send_first(self, first: bytes, then: bytes) -> bool:
        """Send `first` and `then` together; False when not all of `then` left.

        Raises OSError when `first` did not.
        """
        sock, data = self._connected(), first + then
        try:
            sent = sock.send(data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            be_patient(sock, self.timeout)
            sent = sock.send(data)  # all of it again, as TLS demands
        if sent < len(first):
            send_all(sock, data[sent : len(first)], self.timeout)
            sent = len(first)
        try:
            if sent < len(data):
                send_all(sock, data[sent:], self.timeout)
        except OSError:
            return False
        return True

    def getreply(self) -> tuple[int, bytes]:
        """The code and the lines of the next reply; the code is -1 when it is not SMTP. Raises NoReply."""
        return self._read(self.timeout)

    def reply(self, within: float | None = None) -> Reply:
        """The next reply, `within` so many seconds or the timeout; raises NoReply."""
        return Reply(*self._read(self.timeout if within is None else within))

    def keep_secret(self, forms: Iterable[str]) -> None:
        """Make these unreadable in whatever the other side says from now on."""
        self._redact = Redaction(forms)

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Go on in TLS, and forget what was said before it; raises OSError."""
        sock = self._connected()
        be_patient(sock, self.timeout)
        self.sock = context.wrap_socket(sock, server_hostname=self._host)
        self.file = None
        self.esmtp_features = {}

    def spoke_early(self) -> bool:
        """Whether the other side said something before it was its turn; raises NoReply when it has hung up."""
        return self._lines().spoken()

    def _connected(self) -> socket.socket:
        if self.sock is None:
            raise NoReply("there is no connection")
        return self.sock

    def _lines(self) -> _Lines:
        sock = self._connected()
        if self.file is None:  # also after STARTTLS, when smtplib has dropped what was said in the clear
            self.file = _Lines(sock)
        lines: _Lines = self.file
        return lines

    def _read(self, within: float) -> tuple[int, bytes]:
        """A whole reply within its time, with the secrets in it made unreadable."""
        code, said = self._reply(within)
        return code, self._redact(said.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def _reply(self, within: float) -> tuple[int, bytes]:
        lines = self._lines()
        deadline = time.monotonic() + within
        patience = within
        texts: list[bytes] = []
        code = b""
        while len(texts) < MOST_LINES:
            line = lines.line(patience, deadline)
            found = _LINE.fullmatch(line)
            if found is None or (texts and found[1] != code):
                return -1, b"\n".join((*texts, line))
            code = found[1]
            texts.append((found[3] or b"").strip())
            if found[2] != b"-":
                return int(code), b"\n".join(texts)
            patience = deadline - time.monotonic()
        raise NoReply("the reply had no end")


def _readable(sock: socket.socket) -> bool:
    """Whether there is something to read, which may be the end or an error."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _own_name() -> str:
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "localhost"
