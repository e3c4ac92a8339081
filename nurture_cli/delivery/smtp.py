"""Mail by SMTP, with the phase of the dialogue always known.

`smtplib.sendmail` raises the same exception before and after the other side took a message. Here MAIL, RCPT, DATA and
the body are sent one by one. So any failure before the final dot means "not sent", a 4xx or 5xx after it means "not
taken", and only in the remaining cases nobody can know.

A relay that offers PIPELINING (RFC 2920) gets the commands of the next mail together with the final dot of this one.
They only announce that mail: its body leaves when it is delivered, after its own answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.delivery.messenger import Ahead, Blame, Outcome, Outgoing, Receipt
from nurture_cli.delivery.relay import Relay, connect
from nurture_cli.delivery.replies import Phase, Reply, refusal
from nurture_cli.delivery.session import NoReply, Session
from nurture_cli.errors import Busy, Misconfigured

FINAL_PATIENCE = 600.0  # seconds to wait for the answer to the final dot (RFC 5321, 4.5.3.2.6)
FAREWELL_PATIENCE = 2.0

_ADDRESS = re.compile(r"[^\x00-\x20<>\x7f-\x9f\ud800-\udfff]+@[^\x00-\x20<>\x7f-\x9f\ud800-\udfff]+")
_BARE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class SmtpMessenger:
    """One connection to a relay, opened again when it breaks."""

    def __init__(
        self,
        relay: Relay,
        password: Callable[[], str] | None = None,
        *,
        final_patience: float = FINAL_PATIENCE,
        crash_point: CrashPoint = go_on,
    ) -> None:
        self._relay = relay
        self._password = password
        self._final_patience = final_patience
        self._crash_point = crash_point
        self._session: Session | None = None
        self._unclean = False  # whether a refused transaction must be reset before the next one
        self._ahead: Ahead | None = None
        self._announced: Outgoing | None = None  # the mail whose MAIL, RCPT and DATA left with the last dot
        self._looked: tuple[Session, Outgoing, dict[Phase, bytes] | Receipt] | None = None  # the last envelope

    def anticipate(self, ahead: Ahead | None) -> None:
        """Ask `ahead` for the mail to announce together with the final dot of the one before."""
        self._ahead = ahead

    def open(self) -> None:
        """Connect, encrypt and log in; raises Busy when the relay is down, Misconfigured when it will not have us."""
        self.close()
        self._session = connect(self._relay, self._password)
        self._unclean = False

    def close(self) -> None:
        """Say goodbye, and ignore whatever goes wrong with that."""
        if self._session is not None:
            if self._announced is not None:
                self._drop()  # the relay waits for a mail: a QUIT would be its first line
                return
            with suppress(OSError):
                self._session.send(b"QUIT\r\n")
                self._session.reply(within=FAREWELL_PATIENCE)
            self._drop()

    def deliver(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        """Deliver one mail; opens the connection again, once, if the relay has closed it since the last mail."""
        try:
            receipt = self._attempt(message, point_of_no_return)
        except BaseException:
            self._drop()  # perhaps in the middle of a mail, which the next command must not end
            raise
        if message.recipient.lower() in receipt.reply.lower():
            # The reply is kept, and must not keep the address of a contact who is erased later.
            words = re.sub(re.escape(message.recipient), "<recipient>", receipt.reply, flags=re.IGNORECASE)
            return replace(receipt, reply=words)
        return receipt

    def _attempt(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        reused = self._session is not None
        try:
            refused = self._announce(message)
            stale = refused is not None and refused.blame is Blame.CONNECTION and self._session is None
            if reused and stale:
                refused = self._announce(message)
        except Busy as error:
            return Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply=error.sentence)
        except Misconfigured as error:
            return Receipt(Outcome.DEFERRED, Blame.SENDER, reply=error.sentence)
        return refused or self._send_body(message, point_of_no_return)

    def _announce(self, message: Outgoing) -> Receipt | None:
        """Send MAIL, RCPT and DATA; None when the relay waits for the body. Drops a session that is of no more use."""
        announced = self._announced is message
        if self._announced is not None and not announced:
            self._drop()  # the relay waits for another mail, and only this undoes it
        self._announced = None
        session = self._ready()
        commands = self._envelope(message, session)
        if isinstance(commands, Receipt):
            return commands
        together = session.has_extn("pipelining")
        refused = None
        try:
            if together and not announced:
                session.send(b"".join(commands.values()))
            for phase, command in commands.items():
                if not together:
                    session.send(command)
                reply = session.reply()
                if refused is None and not _agrees(reply, phase):
                    refused = refusal(reply, phase)
                    if not together:
                        break
        except OSError as error:
            self._drop()
            return refused or _broken(error)
        if refused is None:
            return None
        self._unclean = True
        # 421 announces the end, 354 after a refusal waits for a body that must not come, and no code is no SMTP.
        if refused.code in (None, 421) or (together and reply.code == 354):
            self._drop()
        return refused

    def _ready(self) -> Session:
        """The session, in a state for a new mail; raises Busy or Misconfigured."""
        if self._session is not None and self._unclean:
            try:
                self._session.send(b"RSET\r\n")
                if self._session.reply().code != 250:
                    self._drop()
            except OSError:
                self._drop()
        if self._session is None:
            self._session = connect(self._relay, self._password)
        self._unclean = False
        return self._session

    def _send_body(self, message: Outgoing, point_of_no_return: Callable[[], bool]) -> Receipt:
        """Send the body, pass the point of no return, and send the final dot."""
        session = self._session
        if session is None:
            raise AssertionError("DATA was answered on a session that is gone")
        try:
            session.send(stuffed(message.data))
            if session.spoke_early():
                reply = session.reply()
                self._drop()
                return refusal(reply, Phase.END)
        except OSError as error:
            self._drop()
            return _broken(error)
        # Everything is at hand before the mark: what dies between the mark and the dot leaves a doubt for nothing.
        following, commands = self._following(session)
        session.make_ready()
        if not point_of_no_return():
            self._drop()  # without the dot the relay throws the body away
            return Receipt(Outcome.DEFERRED)
        try:
            whole = session.send_first(b".\r\n", commands)
        except OSError as error:  # the dot did not leave, or not all of it
            self._drop()
            return _broken(error)
        self._crash_point("after_dot")
        receipt = self._final_answer(session)
        if self._session is not None:
            self._announced = following
            if not whole:
                self._drop()
        return receipt

    def _following(self, session: Session) -> tuple[Outgoing | None, bytes]:
        """The mail to announce together with the final dot, and the commands that do it; None when there is none."""
        following = self._ahead.following() if self._ahead is not None and session.has_extn("pipelining") else None
        commands = None if following is None else self._envelope(following, session)
        return (following, b"".join(commands.values())) if isinstance(commands, dict) else (None, b"")

    def _envelope(self, message: Outgoing, session: Session) -> dict[Phase, bytes] | Receipt:
        """As `_envelope`, which is asked when a mail is announced and again when it is delivered."""
        if self._looked is None or self._looked[0] is not session or self._looked[1] is not message:
            self._looked = session, message, _envelope(message, session)
        return self._looked[2]

    def _final_answer(self, session: Session) -> Receipt:
        """What the relay says to the whole mail; drops a session that is of no more use."""
        if self._ahead is not None:
            self._ahead.meanwhile()
        try:
            reply = session.reply(within=self._final_patience)
        except OSError as error:
            self._drop()
            return Receipt(Outcome.UNKNOWN, Blame.CONNECTION, reply=str(error))
        match reply.code // 100:
            case 2:
                return Receipt(Outcome.ACCEPTED, code=reply.code, enhanced=reply.enhanced, reply=reply.text)
            case 4 | 5:
                if reply.code == 421:
                    self._drop()
                return refusal(reply, Phase.END)
            case _:
                self._drop()
                words = f"the answer to the whole mail was no answer: {reply.text}"
                return Receipt(Outcome.UNKNOWN, Blame.CONNECTION, reply=words)

    def _drop(self) -> None:
        session, self._session = self._session, None
        self._announced = None
        if session is not None:
            with suppress(OSError):
                session.close()


def stuffed(data: bytes) -> bytes:
    """The body as it goes over the wire, up to the final dot: CRLF everywhere, leading dots doubled."""
    if not data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n"):
        # A relay could take a bare line end for the end of the mail.
        data = _BARE_LINE_END.sub(b"\r\n", data)
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    if data.startswith(b"."):
        data = b"." + data
    return data.replace(b"\r\n.", b"\r\n..")


def _envelope(message: Outgoing, session: Session) -> dict[Phase, bytes] | Receipt:
    """The three commands, or why this relay cannot take this mail."""
    for address, blame in ((message.sender, Blame.SENDER), (message.recipient, Blame.MAILBOX)):
        if not _ADDRESS.fullmatch(address):
            return Receipt(Outcome.REFUSED, blame, reply="not an address that can be told to a mail relay")
    options = ""
    limit = session.esmtp_features.get("size", "").strip()
    if session.has_extn("size"):
        options += f" SIZE={len(message.data)}"
        if limit.isascii() and limit.isdigit() and 0 < int(limit) < len(message.data):
            words = f"the mail has {len(message.data)} bytes, the relay takes {limit}"
            return Receipt(Outcome.REFUSED, Blame.MESSAGE, reply=words)
    if not message.data.isascii():
        if not session.has_extn("8bitmime"):
            return Receipt(Outcome.REFUSED, Blame.MESSAGE, reply="the relay takes only 7-bit mail, and this is 8-bit")
        options += " BODY=8BITMIME"
    if not (message.sender + message.recipient).isascii():
        if not session.has_extn("smtputf8"):
            words = "the address needs SMTPUTF8, which the relay does not offer"
            return Receipt(Outcome.REFUSED, Blame.MAILBOX, reply=words)
        options += " SMTPUTF8"
    return {
        Phase.MAIL: f"MAIL FROM:<{message.sender}>{options}\r\n".encode(),
        Phase.RCPT: f"RCPT TO:<{message.recipient}>\r\n".encode(),
        Phase.DATA: b"DATA\r\n",
    }


def _agrees(reply: Reply, phase: Phase) -> bool:
    return reply.code == 354 if phase is Phase.DATA else reply.code // 100 == 2


def _broken(error: OSError) -> Receipt:
    words = str(error) if isinstance(error, NoReply) else f"the connection broke ({error.strerror})"
    return Receipt(Outcome.DEFERRED, Blame.CONNECTION, reply=words)
