"""The nouns we keep: frozen values, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Contact:
    """A person we may write to. `fields` holds the declared custom fields that have a value."""

    id: int
    email: str
    address_hash: bytes
    stage: str
    stage_at: int
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    role: str | None = None
    phone: str | None = None
    country: str | None = None
    language: str | None = None
    source: str | None = None
    zone: str | None = None
    zone_given: str | None = None
    consent: str = "unknown"
    consent_basis: str | None = None
    consent_source: str | None = None
    consent_at: int | None = None
    consent_until: int | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    created_at: int = 0
    updated_at: int = 0
    furthest_stage: str = ""  # '': never further than now
    suppressed: str | None = None  # why nurture never writes to the address, as of when this was read


# The core fields a condition or a template may name, all text. `stage` and `consent` are never missing.
CORE_TEXT_FIELDS = (
    "email", "first_name", "last_name", "company", "job_title", "role", "phone", "country", "language",
    "source", "stage", "zone", "consent",
)  # fmt: skip

# The kinds of events everybody has; more are declared under `events:` in nurture.yml.
EVENT_KINDS = (
    "downloaded", "requested", "requested_demo", "visited", "clicked", "opened", "replied", "registered", "attended",
    "submitted", "inquired", "purchased", "delivered", "bounced", "complained", "unsubscribed", "referred",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One thing from a contact to us."""

    id: int
    contact_id: int
    kind: str
    asset: str  # '' when about no asset
    at: int
    source: str
    machine: bool = False
    properties: Mapping[str, Value] = field(default_factory=dict)
