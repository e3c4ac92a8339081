"""Connecting to a mail relay: greeted, encrypted and logged in, or a sentence that says why not."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from nurture_cli.campaign.channels import TIMEOUT, Tls
from nurture_cli.delivery.redaction import encoded, written
from nurture_cli.delivery.replies import Reply, cleaned
from nurture_cli.delivery.session import NoReply, Session
from nurture_cli.errors import Busy, Misconfigured


@dataclass(frozen=True, slots=True)
class Relay:
    """Where to deliver mail, and as which user."""

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    user: str | None = None
    timeout: float = TIMEOUT

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def local(self) -> bool:
        """Whether the relay is this machine, so that nobody can listen on the way."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host.lower() == "localhost"


def connect(relay: Relay, password: Callable[[], str] | None) -> Session:
    """A session that is ready for mail.

    Raises Busy when the relay is down or says later, Misconfigured when it is not what was expected or will not have
    us. The password is asked for only when it is needed, and is never sent in the clear to another machine.
    """
    if relay.tls is Tls.OFF and not relay.local:
        raise Misconfigured(
            f"Mail to the server {relay} would travel without encryption.",
            "Use `tls: starttls` or `tls: tls`; `tls: off` is for a relay on this machine.",
        )
    session = None
    try:
        session = _connected(relay)
        if relay.user is not None:
            _log_in(session, relay, relay.user, password)
    except OSError as error:
        _hang_up(session)
        ours = _our_error(error, relay)
        if isinstance(ours, Busy) and relay.user is not None:
            _insist_on_password(relay, relay.user, password)()  # first, because it stays wrong when the relay is back
        raise ours from None
    except UnicodeError:
        raise Misconfigured(f"{relay.host!r} is not the name of a mail server.", "Check `host:`.") from None
    except BaseException:
        _hang_up(session)
        raise
    return session


def _connected(relay: Relay) -> Session:
    context = None if relay.tls is Tls.OFF else ssl.create_default_context()
    at_once = context if relay.tls is Tls.TLS else None
    session = Session(relay.host, relay.port, timeout=relay.timeout, tls=at_once)
    try:
        _expect(session.reply(), (220,), f"The mail server {relay} greeted us with")
        _introduce(session, relay)
        if context is not None and at_once is None:
            if not session.has_extn("starttls"):
                raise Misconfigured(
                    f"The mail server {relay} does not offer encryption (STARTTLS).",
                    "Nothing was sent and no login was tried. "
                    + ("It is this machine: use `tls: off`." if relay.local else "For port 465 use `tls: tls`."),
                )
            _expect(_command(session, "STARTTLS"), (220,), f"The mail server {relay} answered STARTTLS with")
            session.encrypt(context)
            _introduce(session, relay)
    except BaseException:
        _hang_up(session)
        raise
    return session


def _introduce(session: Session, relay: Relay) -> None:
    code, text = session.ehlo()
    if code // 100 == 5:  # it knows only the SMTP of 1982
        code, text = session.helo()
    _expect(Reply(code, text), (250,), f"The mail server {relay} answered our greeting with")


def _insist_on_password(relay: Relay, user: str, password: Callable[[], str] | None) -> Callable[[], str]:
    if password is None:
        raise Misconfigured(
            f"There is no password for {user} at the mail server {relay}.",
            "Name one with `password_env:` or `password_file:`, or `password_command` in your own configuration.",
        )
    return password


def _log_in(session: Session, relay: Relay, user: str, wanted: Callable[[], str] | None) -> None:
    password = _insist_on_password(relay, user, wanted)
    offered = session.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        secret = password()
        both = encoded(f"\0{user}\0{secret}")
        session.keep_secret((*written(secret), both))
        reply = _command(session, f"AUTH PLAIN {both}")
    elif "LOGIN" in offered:
        reply = _command(session, "AUTH LOGIN " + encoded(user))
        if reply.code == 334:
            secret = password()
            session.keep_secret(written(secret))
            reply = _command(session, encoded(secret))
    else:
        raise Misconfigured(
            f"The mail server {relay} offers no login that nurture knows (PLAIN or LOGIN).",
            "Leave `user:` out if it takes mail without a login.",
        )
    _expect(
        reply, (235, 503), f"The mail server {relay} rejected the login of {user}:",
        "Check `user:`, and the password that `password_env:` or `password_file:` leads to.",
    )  # fmt: skip


def _command(session: Session, line: str) -> Reply:
    session.send(line + "\r\n")
    return session.reply()


def _expect(reply: Reply, codes: tuple[int, ...], deed: str, hint: str | None = None) -> None:
    """Raise Busy for a 4xx, Misconfigured for anything else that is not one of `codes`."""
    if reply.code in codes:
        return
    if reply.code == -1:
        raise Misconfigured(f"{deed} something that is not an answer of a mail server.", "Check `host:` and `port:`.")
    sentence = f"{deed} {reply.code} {reply.text}".rstrip(". ") + "."
    if reply.code // 100 == 4:
        raise Busy(sentence, "Try again later.")
    raise Misconfigured(sentence, hint)


def _our_error(error: OSError, relay: Relay) -> Busy | Misconfigured:
    """What an exception while connecting means; its own words carry no secret."""
    match error:
        case ssl.SSLCertVerificationError():
            return Misconfigured(
                f"The certificate of the mail server {relay} is not valid: {cleaned(error.verify_message)}.",
                "No login was tried. `host:` must be the name in the certificate.",
            )
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            words = "it hung up while encryption was set up"
        case ssl.SSLError():
            return Misconfigured(
                f"The mail server {relay} does not encrypt as expected ({cleaned(error.reason or 'TLS failed')}).",
                "Port 587 usually goes with `tls: starttls`, port 465 with `tls: tls`.",
            )
        case socket.gaierror():
            return Busy(
                f"There is no mail server called {relay.host}: {cleaned(error.strerror or 'name not known')}.",
                "Check `host:` in nurture.yml, and this computer's network.",
            )
        case NoReply():
            words = str(error)
        case TimeoutError():
            words = "no answer in time"
        case _:
            words = cleaned(error.strerror or type(error).__name__)
    hint = "Try again later. If this is port 465, use `tls: tls`." if relay.tls is Tls.STARTTLS else "Try again later."
    return Busy(f"The mail server {relay} cannot be reached: {words}.", hint)


def _hang_up(session: Session | None) -> None:
    if session is not None:
        with suppress(OSError):
            session.close()
