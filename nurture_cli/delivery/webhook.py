"""Messages as JSON, posted to the user's address: for SMS gateways, chat, or their own system.

Each POST carries a `webhook-id`, also as `Idempotency-Key`, that is the same at every attempt. The receiver acts once
for each key, and may answer 409 to a key that it knows. With a secret, the POST is signed as Standard Webhooks
(standardwebhooks.com) defines it, so that the receiver can check who posted, what, and when.
"""

from __future__ import annotations

import binascii
import hmac
import http.client
import io
import ssl
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import closing, suppress
from socket import socket
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from nurture_cli import __version__
from nurture_cli.campaign.channels import TIMEOUT
from nurture_cli.clock import Clock
from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.delivery.messenger import Blame, Outcome, Outgoing, Receipt
from nurture_cli.delivery.patience import connected, send_all
from nurture_cli.delivery.redaction import Redaction, written
from nurture_cli.delivery.replies import cleaned
from nurture_cli.errors import Busy, Misconfigured

LONGEST_ANSWER = 2048  # bytes read of the body of an answer
LIKE_A_SECRET = 8  # characters, with a digit among them, of a part of a web address
BASE64 = "whsec_"

_LOCAL = ("localhost", "127.0.0.1", "::1")


class WebhookMessenger:
    """Posts to one address; follows no redirections, so that nothing goes to an address that the user did not name."""

    def __init__(
        self,
        url: str,
        secret: Callable[[], str] | None = None,
        *,
        timeout: float = TIMEOUT,
        crash_point: CrashPoint = go_on,
        clock: Clock,
    ) -> None:
        self._url = urlsplit(url)
        self._read_secret = secret
        self._secret = ""
        self._timeout = timeout
        self._crash_point = crash_point
        self._clock = clock

    def open(self) -> None:
        """Read the secret and try the connection; raises Misconfigured or Busy."""
        if self._read_secret is not None:
            self._secret = self._read_secret()
            _key(self._secret)
        try:
            self._connected().close()
        except ssl.SSLCertVerificationError as error:
            raise Misconfigured(f"The certificate of {self._host} is not valid: {error.verify_message}.") from None
        except OSError as error:
            raise Busy(f"{self._host} cannot be reached: {cleaned(_words(error))}.", "Try again later.") from None

    def deliver(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        """Post one message on a new connection, which is made before the point of no return."""
        try:
            sock = self._connected()
        except OSError as error:
            return Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply=cleaned(_words(error)))
        with closing(sock):
            if not point_of_no_return():
                return Receipt(Outcome.DEFERRED)
            return self._post(sock, message)

    def close(self) -> None:
        """Nothing is held open."""

    @property
    def _host(self) -> str:
        """Where the messages go, for people; the rest of the address may be a secret."""
        return f"{self._url.scheme}://{self._url.netloc}"

    def _connected(self) -> socket:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "https":
            plain = connected(host, port or 443, self._timeout)
            try:
                return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
            except BaseException:
                plain.close()
                raise
        if self._url.scheme != "http" or host not in _LOCAL:
            raise Misconfigured(f"Messages to {self._host} would travel without encryption.", "Use an https address.")
        return connected(host, port or 80, self._timeout)

    def _post(self, sock: socket, message: Outgoing) -> Receipt:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"nurture/{__version__}",
            "Idempotency-Key": message.message_id,
            "Connection": "close",
            "webhook-id": message.message_id,
            "webhook-timestamp": str(self._clock.now()),
        }
        if self._secret:
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + message.data
            digest = hmac.digest(_key(self._secret), signed, "sha256")
            headers["webhook-signature"] = f"v1,{b64encode(digest).decode()}"
        redact = self._redaction(headers.get("webhook-signature", ""))
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port)
        connection.auto_open = 0
        connection.sock = cast(Any, _Hurried(sock, self._timeout))
        target = (self._url.path or "/") + (f"?{self._url.query}" if self._url.query else "")
        try:
            connection.request("POST", target, message.data, headers)
            self._crash_point("after_dot")
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            # All or a part of it was sent, and the other side may act on that.
            return Receipt(Outcome.UNKNOWN, Blame.CONNECTION, reply=cleaned(redact(_words(error))))
        body = b""
        with suppress(OSError, http.client.HTTPException):
            body = answer.read(LONGEST_ANSWER)
        words = (cleaned(redact(text)) for text in (body.decode("utf-8", "replace"), answer.reason))
        return judged(answer.status, next(filter(None, words), ""))

    def _redaction(self, signature: str) -> Redaction:
        """Removes from the answer the secret, the signature, and the parts of the address that look like secrets."""
        parts = [*self._url.path.split("/"), *(value for _, value in parse_qsl(self._url.query))]
        guarded = (part for part in parts if len(part) >= LIKE_A_SECRET and any(map(str.isdigit, part)))
        return Redaction(form for text in (self._secret, signature, *guarded) for form in written(text))


def _key(secret: str) -> bytes:
    """The key for signing: after `whsec_` comes base64; any other secret is the key itself."""
    if not secret.startswith(BASE64):
        return secret.encode()
    try:
        return b64decode(secret.removeprefix(BASE64), validate=True)
    except binascii.Error:
        raise Misconfigured(f"The webhook's secret begins with {BASE64}, but no base64 follows.") from None


class _Hurried:
    """A socket for one request and its answer, with one deadline for all their bytes."""

    def __init__(self, sock: socket, seconds: float) -> None:
        self._sock = sock
        self._deadline = time.monotonic() + seconds

    def sendall(self, data: bytes) -> None:
        """Send a part of the request."""
        send_all(self._sock, data, max(0.001, self._deadline - time.monotonic()))

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002  the signature of a socket
        """The bytes of the answer."""
        return io.BufferedReader(_Bytes(self._sock, self._deadline))

    def close(self) -> None:
        """Do nothing: the answer is read after this, and the caller closes the connection."""


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
    return str(getattr(error, "strerror", None) or str(error) or type(error).__name__)


def judged(status: int, words: str) -> Receipt:
    """The receipt for a status code."""
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
            return Receipt(Outcome.REFUSED, Blame.SENDER, status, reply="nurture follows no redirections")
        case _ if 400 <= status < 500:
            return Receipt(Outcome.REFUSED, Blame.SENDER, status, reply=words)
        case _ if status >= 500:
            return Receipt(Outcome.DEFERRED, Blame.CONNECTION, status, reply=words)
        case _:
            return Receipt(Outcome.UNKNOWN, Blame.CONNECTION, status, reply=words)
