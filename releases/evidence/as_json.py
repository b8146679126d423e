"""A pack as JSON. What has an `event` repeats that event's columns by name, which is checked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from releases.audit.chain import COLUMNS, FORMAT
from releases.evidence.approvals import Person
from releases.evidence.facts import Facts
from releases.evidence.pack import Pack, Verification
from releases.evidence.scope import OfRelease
from releases.evidence.went_live import WentLive
from releases.models import AuditEvent

STRUCTURED = ("objects_named", "data", "before", "after")
REPEATED = ("at", "action", "sentence", "actor_name", "actor_role")
OBJECT = ("function_name", "environment_name", "release_id", "aws_request_ids")


def evidence(pack: Pack, *, by: str, notes: list[str]) -> dict[str, Any]:
    """All of evidence.json."""
    return {
        "format": "sluice evidence 1",
        "covers": pack.scope.words,
        "release_id": pack.scope.release.pk if isinstance(pack.scope, OfRelease) else None,
        "made_at": _moment(pack.made_at),
        "made_by": by,
        "notes": notes,
        "went_live": [live_line(each) for each in pack.live],
        "releases": [_release(each) for each in pack.releases],
        "around_the_gate": [
            {"how": each.words} | _reference(each.event, *OBJECT) for each in pack.around
        ],
        "since": [_reference(each, *OBJECT) for each in pack.since],
        "verification": _verification(pack.verification),
        "events": events(pack),
    }


def events(pack: Pack) -> list[dict[str, Any]]:
    """Every column of every event, and its number in the chain."""
    numbers = pack.numbers
    return [
        {"number": numbers.get(each.pk)} | {name: _column(each, name) for name in COLUMNS[FORMAT]}
        for each in pack.events
    ]


def live_line(line: WentLive) -> dict[str, Any]:
    return {
        "kind": line.kind.label,
        **_reference(line.event, *OBJECT),
        "approved_by": [_person(each) for each in line.people],
        "why_nobody": line.nobody,
    }


def live_row(line: WentLive) -> dict[str, Any]:
    """For the sheet: whoever approved in one cell."""
    people = [f"{each.name} ({each.event.actor_role})" for each in line.people]
    return live_line(line) | {"approved": people}


def _release(facts: Facts) -> dict[str, Any]:
    release, review = facts.release, facts.review
    return {
        "release_id": release.pk,
        "reference": release.reference,
        "function": release.function.name,
        "environment": release.function.environment.name,
        "description": release.description,
        "change_url": release.change_url,
        "git_commit": release.git_commit,
        "requested_by": facts.requested_by,
        "state": facts.state,
        "finished_at": _moment(release.finished_at),
        "summary": review.summary if review else "",
        "fingerprint": review.fingerprint if review else "",
        "code_sha256": review.code_sha256 if review else "",
        "live_before": review.live_before if review else "",
        "policy_in_force": review.policy if review else "",
        "policy_version": review.policy_version if review else None,
        "version_arn": facts.version_arn,
        "approvals": [
            _person(each)
            | {"standing": each.standing, "fingerprint": each.fingerprint, "note": each.note}
            for each in facts.approvals
        ],
        "aws_calls": [
            {
                "sent_at": _moment(each.at),
                "operation": each.operation,
                "status": each.status,
                "request_id": each.request_id,
            }
            for each in facts.calls
        ],
        "live_since": [
            {"version": each.version, "since": _moment(each.since), "until": _moment(each.until)}
            for each in facts.lived
        ],
    }


def _verification(found: Verification) -> dict[str, Any]:
    check = found.check
    return {
        "sealed": found.sealed,
        "waiting": len(found.waiting),
        "fault": found.fault,
        "checked_with_the_key": found.by_key,
        "whole_history_checked_at": _moment(check.at) if check else None,
        "whole_history_events": check.event_count if check else None,
        "whole_history_fault": found.whole_fault,
        "first_anchor": found.anchor.number if found.anchor else None,
    }


def _person(person: Person) -> dict[str, Any]:
    return _reference(person.event)


def _reference(event: AuditEvent, *more: str) -> dict[str, Any]:
    return {"event": event.pk} | {name: _column(event, name) for name in (*REPEATED, *more)}


def _column(event: AuditEvent, name: str) -> Any:
    value = getattr(event, name)
    if isinstance(value, datetime):
        return _moment(value)
    return str(value) if name == "request_id" else value


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="microseconds") if at else None
