"""The brief for Sales for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nurture_cli.report.brief import Brief, StageMove
from nurture_cli.report.brief_text import name_of
from nurture_cli.store.sales import LeadHandoff


def as_record(brief: Brief) -> dict[str, Any]:
    """The brief for programs; instants are ISO 8601 with their offset."""

    def time(instant: int | None, zone: str = brief.zone) -> str | None:
        return None if instant is None else datetime.fromtimestamp(instant, ZoneInfo(zone)).isoformat()

    def move(one: StageMove) -> dict[str, Any]:
        return {
            "at": time(one.at), "from": one.before, "to": one.stage, "cause": one.cause, "reason": one.reason or None,
            "agreement": one.version or None, "facts": dict(one.facts),
        }  # fmt: skip

    def period(one: LeadHandoff) -> dict[str, Any]:
        return {
            "at": time(one.at), "until": time(one.closed_at), "cause": one.cause, "stage": one.stage,
            "agreement": one.version or None, "sort": one.sort, "state": one.state,
            "answered_at": time(one.answered_at), "reason": one.reason, "value": one.value,
        }  # fmt: skip

    contact, ready = brief.contact, brief.readiness
    return {
        "mail_allowed": not brief.no_mail,
        "no_mail_because": brief.no_mail or None,
        "contact": {
            "email": contact.email, "name": name_of(brief) or None, "first_name": contact.first_name,
            "last_name": contact.last_name, "company": contact.company, "role": contact.role,
            "job_title": contact.job_title, "phone": contact.phone, "country": contact.country,
            "language": contact.language, "source": contact.source, "zone": brief.local_zone,
            "zone_known": contact.zone is not None, "local_time": time(brief.at, brief.local_zone),
            "stage": contact.stage, "fields": dict(contact.fields), "tags": sorted(contact.tags),
            "referred_by": brief.referred_by or None,
        },
        "handoff": period(brief.handoff)
        | {"due_by": time(brief.due_by), "overdue": brief.overdue, "move": brief.move and move(brief.move)},
        "grade": ready.grade,
        "fit": ready.fit,
        "fit_why": [{"points": part.points, "for": part.condition} for part in ready.fit_why],
        "interest": ready.interest,
        "interest_why": [
            {"at": time(one.at), "kind": one.kind, "asset": one.asset or None, "points": one.points, "left": one.left}
            for one in ready.responses
        ],
        "open_questions": [
            {
                "at": time(one.at), "kind": one.kind, "asset": one.asset or None, "title": one.title or None,
                "properties": dict(one.words), "why": one.why_open,
            }
            for one in brief.questions
        ],
        "opening": brief.opening or None,
        "colleagues": [
            {
                "email": one.email, "name": one.name or None, "role": one.role or None, "stage": one.stage,
                "interest": one.interest,
            }
            for one in brief.colleagues
        ],
        "more_colleagues": brief.more_colleagues,
        "content": [
            {
                "asset": one.asset, "title": one.title, "received_at": time(one.received_at),
                "responses": list(one.responses),
            }
            for one in brief.content
        ],
        "stages": [move(one) for one in brief.moves],
        "story": [
            {
                "at": time(one.at), "from": "us" if one.ours else "contact", "what": one.what,
                "asset": one.asset or None, "title": one.title or None, "by": one.by, "properties": dict(one.words),
            }
            for one in brief.story
        ],
        "lead_before": [period(one) for one in brief.before],
        "consent": {
            "consent": contact.consent, "basis": contact.consent_basis, "source": contact.consent_source,
            "at": time(contact.consent_at), "until": time(contact.consent_until),
        },
        "suppression": brief.suppression
        and {
            "reason": brief.suppression.reason, "source": brief.suppression.source, "at": time(brief.suppression.at),
        },
    }  # fmt: skip
