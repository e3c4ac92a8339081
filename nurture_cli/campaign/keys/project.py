"""The keys of nurture.yml, each declared once."""

from __future__ import annotations

from nurture_cli.campaign.channels import CONNECTIONS, FOLDER, TIMEOUT, ChannelType, Tls
from nurture_cli.campaign.keys.blocks import Block, Inside, Key
from nurture_cli.campaign.keys.funnel import FUNNEL_KEYS
from nurture_cli.campaign.keys.kinds import (
    Choice,
    DateText,
    JsonSchema,
    ListOf,
    MapOf,
    Name,
    Raw,
    Text,
    When,
    Whole,
    Written,
)
from nurture_cli.campaign.keys.notations import (
    parse_address,
    parse_folder,
    parse_host,
    parse_language,
    parse_path,
    parse_rate,
    parse_unsubscribe_url,
    parse_variable,
    parse_webhook_url,
    parse_zone,
)
from nurture_cli.language.expression import Type
from nurture_cli.text.nodes import MapNode

ADDRESS = Written("one e-mail address", "bad-address", parse_address)
VARIABLE = Written("the name of an environment variable", "bad-variable", parse_variable)
LANGUAGE = Written("a language code", "bad-language", parse_language)
LIMIT = Whole(1, 10_000_000)

UNSUBSCRIBE = Block(
    "`unsubscribe`",
    "sender.unsubscribe",
    "How contacts unsubscribe; mail needs at least one of the two.",
    (
        Key(
            "url",
            Written("a web address with {token}", "bad-url", parse_unsubscribe_url),
            "The page or script that unsubscribes; `{token}` becomes the contact's own. It takes a POST with "
            "`List-Unsubscribe=One-Click` (RFC 8058) and answers 200, without a redirect or a login; a GET changes "
            "nothing. It hands the token to `nurture unsubscribe`.",
            "url: https://example.com/unsubscribe/{token}",
        ),
        Key(
            "mailto",
            ADDRESS,
            "The mailbox that takes unsubscribe mails. Their subjects hold the token; hand them to "
            "`nurture unsubscribe`.",
            "mailto: unsubscribe@example.com",
        ),
    ),
)
SENDER = Block(
    "`sender`",
    "sender",
    "The sender of your mails.",
    (
        Key("name", Text(most=200), "Name that readers see.", "name: Anna Berg, Example Security", required=True),
        Key("address", ADDRESS, "Address that readers see.", "address: anna@example.com", required=True),
        Key("reply_to", ADDRESS, "Address that replies go to.", "reply_to: hello@example.com", without="the address"),
        Key(
            "postal_address",
            Text(lines=True),
            "The postal address that every mail must show.",
            "postal_address: Example Security, 1 Main Street, Springfield",
            without="none; `check` asks for it",
        ),
        Key(
            "permission_reminder",
            Text(lines=True),
            "The sentence below each mail that tells readers why they get it.",
            "permission_reminder: You receive this email because you signed up on our website.",
            without="a sentence that fits the contact's consent, in the language of the mail",
        ),
        Key(
            "unsubscribe",
            Inside(UNSUBSCRIBE),
            "How contacts unsubscribe.",
            "unsubscribe: {mailto: unsubscribe@example.com}",
        ),
    ),
)
LIMITS = Block(
    "`limits`",
    "limits",
    "Limits over all campaigns.",
    (
        Key(
            "per_contact",
            ListOf(Written("a limit such as `1 per day`", "bad-rate", parse_rate), once=False, least=1),
            "The most messages that one contact gets; a day is 24 hours.",
            "per_contact: [1 per day, 3 per week]",
            default=("1 per day",),
        ),
        Key(
            "guard",
            LIMIT,
            "A run that would send more than this refuses until you confirm the number.",
            "guard: 2000",
            default=1000,
        ),
        Key("stop_after", Whole(1, 1_000), "How many equal failures in a row stop a run.", "stop_after: 5", default=3),
    ),
)

_RATES = (
    Key("hourly", LIMIT, "The most messages an hour.", "hourly: 500", without="no limit"),
    Key("daily", LIMIT, "The most messages a day.", "daily: 2000", without="no limit"),
    Key(
        "ramp",
        ListOf(LIMIT, once=False),
        "Daily limits for the first days of sending; afterwards `daily` applies.",
        "ramp: [50, 100, 200]",
        default=(),
        without="none",
    ),
)
_TIMEOUT = Whole(1, 600)


def _block(kind: ChannelType, sentence: str, *keys: Key) -> Block:
    type_key = Key("type", Choice((kind,)), f"`{kind}`: {sentence}", f"type: {kind}", required=True)
    return Block(f"a channel of type {kind}", f"channel: {kind}", sentence, (type_key, *keys, *_RATES))


OUTBOX = _block(
    ChannelType.OUTBOX,
    "Write each mail as a file into a folder, named by time, asset and recipient; nothing leaves the machine. "
    "Another program may move or delete the `.eml` files at any time; docs/channels.md says how.",
    Key(
        "folder",
        Written("a folder inside the project", "bad-path", parse_folder),
        "The folder.",
        "folder: outbox",
        default=FOLDER,
    ),
)
SMTP = _block(
    ChannelType.SMTP,
    "Hand each mail to an SMTP server.",
    Key("host", Written("a host", "bad-host", parse_host), "The server.", "host: smtp.example.com", required=True),
    Key(
        "port",
        Whole(1, 65_535),
        "The port.",
        "port: 587",
        without=f"{Tls.STARTTLS.port} with starttls, {Tls.TLS.port} with tls, {Tls.OFF.port} without",
    ),
    Key(
        "tls",
        Choice(tuple(Tls)),
        "How the connection is encrypted; `off` only on this machine.",
        "tls: starttls",
        default=Tls.STARTTLS,
    ),
    Key("user", Text(most=320), "The name to log in with.", "user: anna@example.com", without="no login"),
    Key(
        "password_env",
        VARIABLE,
        "The environment variable that holds the password.",
        "password_env: SMTP_PASSWORD",
    ),
    Key(
        "password_file",
        Written("a path", "bad-path", parse_path),
        "A file, readable by you alone, that holds the password.",
        "password_file: /run/secrets/smtp",
    ),
    Key("connections", Whole(1, 8), "How many connections at once.", "connections: 2", default=CONNECTIONS),
    Key("timeout", _TIMEOUT, "How many seconds to wait for an answer.", "timeout: 60", default=TIMEOUT),
)
WEBHOOK = _block(
    ChannelType.WEBHOOK,
    "POST each message as JSON.",
    Key(
        "url",
        Written("a web address", "bad-url", parse_webhook_url),
        "Address to post to.",
        "url: https://example.com/hook",
        required=True,
    ),
    Key(
        "secret_env",
        VARIABLE,
        "The environment variable that holds the secret that signs each POST by the rules of Standard Webhooks; "
        "docs/channels.md shows how to verify it.",
        "secret_env: HOOK_SECRET",
    ),
    Key("timeout", _TIMEOUT, "How many seconds to wait for an answer.", "timeout: 60", default=TIMEOUT),
)
TASK = _block(ChannelType.TASK, "Make each message a to-do for you.")


def _channel(kind: ChannelType) -> Block:
    """The keys of one type of channel."""
    match kind:
        case ChannelType.OUTBOX:
            return OUTBOX
        case ChannelType.SMTP:
            return SMTP
        case ChannelType.WEBHOOK:
            return WEBHOOK
        case ChannelType.TASK:
            return TASK


CHANNELS = {kind: _channel(kind) for kind in ChannelType}


def _channels() -> JsonSchema:
    kinds: list[JsonSchema] = [
        {
            **block.json(),
            "properties": {**block.json()["properties"], "type": {"const": kind, "description": block.sentence}},
        }
        for kind, block in CHANNELS.items()
    ]
    return {"type": "object", "additionalProperties": {"anyOf": kinds}}


FIELD_TYPE = Choice(tuple(Type))
PROJECT = Block(
    "`nurture.yml`",
    "nurture.yml",
    "The project: who writes, the buyer stages, the fields of contacts, limits and channels.",
    (
        Key(
            "project",
            Text(most=100),
            "The name of your newsletter or company; the built-in layout shows it on top of every mail.",
            "project: Example Security",
            required=True,
        ),
        Key(
            "zone",
            Written("an IANA time zone", "bad-zone", parse_zone),
            "The time zone of the project, and of contacts whose own is not known.",
            "zone: Europe/Berlin",
            required=True,
        ),
        Key(
            "languages",
            ListOf(LANGUAGE, single=True),
            "The languages your texts are written in, the usual one first: a mail counts as written in the contact's "
            "language if it is one of these, else in the first.",
            "languages: [en, de]",
            default=(),
            without="the contact's own language, else English",
        ),
        Key(
            "sender",
            Inside(SENDER),
            "The sender of your mails.",
            "sender: {name: Anna Berg, address: anna@example.com}",
            required=True,
        ),
        *FUNNEL_KEYS,
        Key(
            "events",
            ListOf(Name()),
            "Kinds of events besides the built-in ones.",
            "events: [trial_started]",
            default=(),
            without="none",
        ),
        Key(
            "fields",
            MapOf(Text(most=64), FIELD_TYPE, "a field"),
            "Contact fields besides the built-in ones: `text`, `number`, `boolean` or `date`.",
            "fields: {employees: number, renewal_date: date}",
            default=(),
            without="none",
        ),
        Key(
            "segments",
            MapOf(Name(), Raw("a condition", object, When().json), "a segment"),
            'Conditions with a name, for use as `in_segment("…")`.',
            'segments: {buyers: \'role in ["buyer", "decision-maker"]\'}',
            default=(),
            without="none",
        ),
        Key(
            "limits",
            Inside(LIMITS),
            "Limits over all campaigns.",
            "limits: {per_contact: [1 per day], guard: 2000}",
        ),
        Key(
            "channels",
            Raw("a mapping from channel names to their settings", MapNode, _channels),
            "The channels, by name; assets use `mail` unless they say otherwise, and `task` always exists.",
            "channels: {mail: {type: outbox}}",
            without="`mail` of type outbox",
        ),
        Key(
            "closed",
            ListOf(DateText()),
            "Dates on which nothing is sent and that are not business days.",
            "closed: [2026-12-25]",
            default=(),
            without="none",
        ),
    ),
)
