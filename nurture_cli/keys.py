"""The project's secret, and everything that is derived from it: address hashes, Message-IDs, tokens (R6).

One 32-byte secret per project, in a 0600 file beside the database. Each use has its own purpose string, so that a
token of one kind can never pass for another.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
import struct
from collections.abc import Callable
from pathlib import Path

from nurture_cli.errors import Misconfigured
from nurture_cli.ownership import give_back

KEY_FILE = "nurture.key"
TAG_BYTES = 16
NOBODY = bytes(TAG_BYTES)  # the hash of no address: the token of a test mail is made for it
_SALT_BYTES, _PROOF_BYTES = 8, 12


class Keys:
    """Derives identities from one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def _tag(self, purpose: bytes, data: bytes) -> bytes:
        return hmac.digest(self._secret, purpose + b"\0" + data, "sha256")[:TAG_BYTES]

    @property
    def fingerprint(self) -> bytes:
        """16 bytes by which a database recognises the key file that it was made with."""
        return self._tag(b"fingerprint", b"")

    def address_hash(self, normalised: str) -> bytes:
        """The 16-byte keyed hash of a normalised address: what suppressions and look-ups use."""
        return self._tag(b"address", normalised.encode())

    def address_hasher(self) -> Callable[[str], bytes]:
        """`address_hash`, made ready for a million addresses: the same answers in less than half the time."""
        block = self._secret.ljust(64, b"\0")
        inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + b"address\0")
        outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

        def address_hash(normalised: str) -> bytes:
            first, second = inner.copy(), outer.copy()
            first.update(normalised.encode())
            second.update(first.digest())
            return second.digest()[:TAG_BYTES]

        return address_hash

    def message_id(self, touch_key: str, domain: str) -> str:
        """The Message-ID of a touch, without angle brackets: the same at every attempt."""
        return f"{_text(self._tag(b'message-id', touch_key.encode()))}@{domain}"

    def unsubscribe_token(self, address_hash: bytes, touch_key: str) -> str:
        """An opaque text of 48 characters that proves one mail's link to unsubscribe one address; never expires.

        It says nothing to others, not even that two mails went to the same address. `NOBODY` makes that of a test mail.
        """
        salt = self._tag(b"unsubscribe-salt", touch_key.encode())[:_SALT_BYTES]
        salt = bytes([salt[0] & 0x7F]) + salt[1:]  # so that it begins with a letter, and not like an option: `-`
        body = salt + self._masked(salt, address_hash)
        return _text(body + self._proof(body))

    def unsubscribed_address(self, token: str) -> bytes | None:
        """The address hash a token stands for, or None if it was not made here."""
        raw = _raw(token)
        body, proof = raw[:-_PROOF_BYTES], raw[-_PROOF_BYTES:]
        made_here = hmac.compare_digest(proof, self._proof(body))
        if len(raw) != _SALT_BYTES + TAG_BYTES + _PROOF_BYTES or not made_here:
            return None
        return self._masked(body[:_SALT_BYTES], body[_SALT_BYTES:])

    def unsubscribed_contact(self, token: str) -> int | None:
        """The contact id that a token of an older mail stands for, of 32 characters; None if it was not made here."""
        raw = _raw(token)
        if len(raw) != 8 + TAG_BYTES or not hmac.compare_digest(raw[8:], self._tag(b"unsubscribe", raw[:8])):
            return None
        number: int = struct.unpack(">Q", raw[:8])[0]
        return number

    def _proof(self, body: bytes) -> bytes:
        proof = self._tag(b"unsubscribe-proof", body)[:_PROOF_BYTES]
        return proof[:-1] + bytes([proof[-1] & 0xDF])  # so that it ends with a letter, which no mail program cuts off

    def _masked(self, salt: bytes, address_hash: bytes) -> bytes:
        mask = self._tag(b"unsubscribe-mask", salt)
        return bytes(one ^ other for one, other in zip(address_hash, mask, strict=True))


def _raw(token: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (ValueError, UnicodeError):
        return b""


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def create_key_file(root: Path) -> None:
    """Write a new secret; an existing key file is left alone."""
    path = root / KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_keys(root: Path) -> Keys:
    """The keys of the project at `root`; raises Misconfigured when the file is missing, open to others, or no key."""
    path = root / KEY_FILE
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        raise Misconfigured(
            f"The project's key file {KEY_FILE} is missing.",
            "Restore it from a backup; unsubscribe links and suppressions depend on it. If it is lost for good, make a "
            "new project and import what `nurture contacts export` writes here.",
        ) from None
    except (OSError, UnicodeError) as error:
        raise Misconfigured(
            f"The project's key file {KEY_FILE} cannot be read: {getattr(error, 'strerror', None) or error}.",
            give_back(path),
        ) from None
    if stat.S_IMODE(mode) & 0o077:
        raise Misconfigured(f"{KEY_FILE} can be read by others.", f"Run: chmod 600 {KEY_FILE}")
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise Misconfigured(f"{KEY_FILE} is not a key (64 hexadecimal digits).", "Restore it from a backup.")
    return Keys(secret)
