"""The kinds of channels: their settings, and what else differs between them, declared once for all rooms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")
TIMEOUT = 60  # seconds to wait for an answer, by default
CONNECTIONS = 1  # to one server at once, unless the file says more
FOLDER = "outbox"  # of an outbox, by default
TASKS = "task"  # the name of the channel that is always there


class ChannelType(StrEnum):
    """What `type:` may be."""

    OUTBOX = "outbox"
    SMTP = "smtp"
    WEBHOOK = "webhook"
    TASK = "task"


class Tls(StrEnum):
    """How the connection to a mail server is encrypted, each way with its usual port; OFF only to this machine."""

    STARTTLS = "starttls", 587
    TLS = "tls", 465
    OFF = "off", 25

    port: int

    def __new__(cls, name: str, port: int) -> Tls:
        """A word of nurture.yml with its port."""
        self = str.__new__(cls, name)
        self._value_ = name
        self.port = port
        return self


# Each kind says whether it carries mail (`is_mail`); whether consent, suppression, caps and windows apply
# (`reaches_contact`); whether what it carries may reach somebody else (`leaves_machine`); whether a message whose
# delivery is in doubt may be delivered again (`redelivers_safely`), and whether the other side then knows it by its
# key, so that it must be the same to the letter (`keeps_keys`); how many may be at work at once (`connections`); and
# the environment variable from which it reads its secret (`secret_env`).


@dataclass(frozen=True, slots=True)
class Outbox:
    """Mails become files in a folder of the project."""

    type: ClassVar = ChannelType.OUTBOX
    is_mail: ClassVar = True
    reaches_contact: ClassVar = True
    leaves_machine: ClassVar = False
    redelivers_safely: ClassVar = False
    keeps_keys: ClassVar = False
    connections: ClassVar = 1
    secret_env: ClassVar[str | None] = None

    folder: str = FOLDER


@dataclass(frozen=True, slots=True)
class Smtp:
    """Mails are handed to a mail server; even one on this machine passes them on to the world."""

    type: ClassVar = ChannelType.SMTP
    is_mail: ClassVar = True
    reaches_contact: ClassVar = True
    leaves_machine: ClassVar = True
    redelivers_safely: ClassVar = False
    keeps_keys: ClassVar = False

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    user: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    connections: int = CONNECTIONS
    timeout: int = TIMEOUT

    @property
    def secret_env(self) -> str | None:
        """The variable that holds the password."""
        return self.password_env


@dataclass(frozen=True, slots=True)
class Webhook:
    """Messages are posted as JSON."""

    type: ClassVar = ChannelType.WEBHOOK
    is_mail: ClassVar = False
    reaches_contact: ClassVar = True
    redelivers_safely: ClassVar = True
    keeps_keys: ClassVar = True
    connections: ClassVar = 1

    url: str
    secret_env: str | None = None
    timeout: int = TIMEOUT

    @property
    def leaves_machine(self) -> bool:
        """Whether another machine serves it."""
        return not is_on_this_machine(self.url)


@dataclass(frozen=True, slots=True)
class Task:
    """Messages become to-dos of the marketer."""

    type: ClassVar = ChannelType.TASK
    is_mail: ClassVar = False
    reaches_contact: ClassVar = False
    leaves_machine: ClassVar = False
    redelivers_safely: ClassVar = True
    keeps_keys: ClassVar = False
    connections: ClassVar = 1
    secret_env: ClassVar[str | None] = None


Settings = Outbox | Smtp | Webhook | Task


def is_on_this_machine(url: str) -> bool:
    """Whether this machine serves a web address."""
    return re.sub(r":[0-9]+\Z", "", url.partition("://")[2].partition("/")[0]) in LOOPBACK
