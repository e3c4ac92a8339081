"""Messages as JSON, posted to an address of the user's: for SMS gateways, chat, or a system of one's own.

Each POST carries an `Idempotency-Key`, the same at every attempt; the receiver is to do one thing once for one key,
and may answer 409 when it knows the key. With a secret, `Nurture-Signature` lets it check who posted.
"""

from __future__ import annotations

import hmac
import http.client
import io
import ssl
import time
from collections.abc import Callable
from contextlib import closing, suppress
from socket import socket
from typing import Any, cast
from urllib.parse import urlsplit

from nurture_cli import __version__
from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.delivery.messenger import Blame, Outcome, Outgoing, Receipt
from nurture_cli.delivery.replies import cleaned
from nurture_cli.errors import Busy, Misconfigured

LONGEST_ANSWER = 2048  # bytes read of the body of an answer

_LOCAL = ("localhost", "127.0.0.1", "::1")


class WebhookMessenger:
    """Posts to one address; redirections are not followed, so that nothing goes where the user did not say."""

    def __init__(
        self,
        url: str,
        secret: Callable[[], str] | None = None,
        *,
        timeout: float = 30.0,
        crash_point: CrashPoint = go_on,
    ) -> None:
        self._url = url
        self._read_secret = secret
        self._secret = b""
        self._timeout = timeout
        self._crash_point = crash_point

    def open(self) -> None:
        """Read the secret and try the connection; raises Misconfigured or Busy."""
        if self._read_secret is not None:
            self._secret = self._read_secret().encode()
        try:
            self._connected().close()
        except ssl.SSLCertVerificationError as error:
            raise Misconfigured(f"The certificate of {self._url} does not hold: {error.verify_message}.") from None
        except OSError as error:
            raise Busy(f"{self._url} cannot be reached: {_words(error)}.", "Try again later.") from None

    def deliver(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        """Post one message on a connection of its own; connected before the point of no return."""
        try:
            connection = self._connected()
        except OSError as error:
            return Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply=_words(error))
        with closing(connection.sock):
            if not point_of_no_return():
                return Receipt(Outcome.DEFERRED)
            return self._post(connection, message)

    def close(self) -> None:
        """Nothing is held open."""

    def _connected(self) -> http.client.HTTPConnection:
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, parts.port, timeout=self._timeout, context=context)
        elif parts.scheme == "http" and host in _LOCAL:
            connection = http.client.HTTPConnection(host, parts.port, timeout=self._timeout)
        else:
            raise Misconfigured(f"{self._url} would be posted to without encryption.", "Use an https address.")
        connection.auto_open = 0
        connection.connect()
        return connection

    def _post(self, connection: http.client.HTTPConnection, message: Outgoing) -> Receipt:
        parts = urlsplit(self._url)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"nurture/{__version__}",
            "Idempotency-Key": message.message_id,
            "Connection": "close",
        }
        if self._secret:
            headers["Nurture-Signature"] = "sha256=" + hmac.digest(self._secret, message.data, "sha256").hex()
        try:
            connection.request(
                "POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), message.data, headers
            )
            self._crash_point("after_dot")
            connection.sock = cast(Any, _Hurried(connection.sock, self._timeout))
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            # It was sent, or a part of it, which the other side may act upon.
            return Receipt(Outcome.UNKNOWN, Blame.CONNECTION, reply=_words(error))
        words = ""
        with suppress(OSError, http.client.HTTPException):
            words = cleaned(answer.read(LONGEST_ANSWER))
        return judged(answer.status, words or cleaned(answer.reason))


class _Hurried:
    """A socket to read one answer from, within one deadline however slowly its bytes drip in."""

    def __init__(self, sock: socket, seconds: float) -> None:
        self._bytes = _Bytes(sock, time.monotonic() + seconds)

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002  the signature of a socket
        """The bytes of the answer."""
        return io.BufferedReader(self._bytes)

    def close(self) -> None:
        """Left to whoever made the connection, for the answer is still read after this."""


class _Bytes(io.RawIOBase):
    def __init__(self, sock: socket, deadline: float) -> None:
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no complete answer came in time")
        self._sock.settimeout(left)
        return self._sock.recv_into(buffer)


def _words(error: Exception) -> str:
    return cleaned(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def judged(status: int, words: str) -> Receipt:
    """What a status code says about the message."""
    match status:
        case 409:
            return Receipt(Outcome.ACCEPTED, code=status, reply=words or "known already")
        case 408 | 425 | 429:
            return Receipt(Outcome.DEFERRED, Blame.CONNECTION, status, reply=words)
        case 400 | 413 | 414 | 415 | 422 | 431:
            return Receipt(Outcome.REFUSED, Blame.MESSAGE, status, reply=words)
        case _ if 200 <= status < 300:
            return Receipt(Outcome.ACCEPTED, code=status, reply=words)
        case _ if 300 <= status < 400:
            return Receipt(Outcome.REFUSED, Blame.SENDER, status, reply="redirections are not followed")
        case _ if 400 <= status < 500:
            return Receipt(Outcome.REFUSED, Blame.SENDER, status, reply=words)
        case _ if status >= 500:
            return Receipt(Outcome.DEFERRED, Blame.CONNECTION, status, reply=words)
        case _:
            return Receipt(Outcome.UNKNOWN, Blame.CONNECTION, status, reply=words)
