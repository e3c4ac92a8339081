"""The keys of an asset's front matter, each declared once."""

from __future__ import annotations

from nurture_cli.campaign.keys.blocks import Block, Key
from nurture_cli.campaign.keys.kinds import ListOf, Reference, Text, Written
from nurture_cli.campaign.keys.notations import parse_link
from nurture_cli.campaign.keys.project import LANGUAGE
from nurture_cli.campaign.keys.step import ASSET_NAME, STAGE_NAME
from nurture_cli.language.names import NameKind

ASSET = Block(
    "an asset",
    "front matter of an asset",
    "One piece of content: templates/<name>.md, .html or .txt, with these keys between two lines of `---`.",
    (
        Key("title", Text(), "Title of the asset, for people.", "title: Why zero trust", required=True),
        Key(
            "kind",
            Text(most=64),
            "Kind of content, such as article, e-book, white paper, webinar or case study.",
            "kind: article",
            default="article",
        ),
        Key(
            "stages",
            ListOf(STAGE_NAME, single=True),
            "Buyer stages that it is for.",
            "stages: [awareness]",
            default=(),
            without="all",
        ),
        Key(
            "topics",
            ListOf(Text(most=64), single=True),
            "Topics that it is about.",
            "topics: [zero-trust]",
            default=(),
            without="none",
        ),
        Key(
            "roles",
            ListOf(Text(most=64), single=True),
            "Roles that it is for.",
            "roles: [decision-maker]",
            default=(),
            without="all",
        ),
        Key("channel", Reference(NameKind.CHANNEL), "Channel that sends it.", "channel: mail", default="mail"),
        Key(
            "subject",
            Text(most=998, blank=True),
            "The subject; it may contain `{{ … }}`.",
            "subject: Three questions, {{ contact.first_name }}",
            default="",
            without="none; `check` asks for it where one is needed",
        ),
        Key(
            "preheader",
            Text(blank=True),
            "The line that mail programs show after the subject.",
            "preheader: Five minutes to read",
            default="",
            without="none",
        ),
        Key(
            "link",
            Written("a web address", "bad-url", parse_link),
            "Address of the page that it is about.",
            "link: https://example.com/why",
            without="none",
        ),
        Key(
            "language",
            LANGUAGE,
            "The language of its text, whatever language the contact speaks.",
            "language: de",
            without="as `languages` in nurture.yml says",
        ),
        Key(
            "expires",
            Text(most=40),
            "The last day or moment at which nurture sends it, in the project's zone.",
            "expires: 2026-12-31",
            without="never",
        ),
        Key(
            "variant_of",
            ASSET_NAME,
            "The asset that this is a version of; a contact who received one has received both.",
            "variant_of: case-study",
        ),
    ),
)
