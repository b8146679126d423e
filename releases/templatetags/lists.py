"""Filters of the dashboard and the lists, loaded where they are used."""

from __future__ import annotations

import json
from typing import Any

from django import template

from accounts.models import Role
from releases.models import Release, Version
from releases.templatetags.sluice import span
from releases.traffic import ALL, share_of
from releases.views.waiting_kept import Approvals

register = template.Library()


@register.filter
def seats(approvals: Approvals) -> list[str]:
    """One `on` an approval that counts, then one `off` for each that is still missing."""
    missing = max(approvals.needed - approvals.given, 0)
    return ["on"] * approvals.given + ["off"] * missing


@register.filter
def approvers(release: Release) -> list[str]:
    """Who approved the round that was released; from the prefetched rounds and decisions."""
    return [
        decision.person.name
        for each in release.rounds.all()
        if each.number == release.round_number
        for decision in each.decisions.all()
    ]


@register.filter
def lead_time(release: Release) -> str:
    return span(release.finished_at - release.created_at) if release.finished_at else ""


@register.filter
def at(rows: dict[int, Any], key: int) -> Any:
    """What a dictionary holds for a row of a list, if anything."""
    return rows.get(key) if rows else None


@register.filter
def percent(share: float) -> str:
    return f"{round(share * 100)} %"


@register.filter
def live_words(version: Version) -> str:
    """Empty where the live alias does not lead to it."""
    function = version.function
    share = share_of(version.number, function.live_version, function.live_weights)
    if share is None or function.is_gone:
        return ""
    return "live" if share == ALL else f"live for {share * 100:g} % of calls"


@register.filter
def role_label(role: str) -> str:
    return Role(role).label if role in Role.values else role


@register.filter
def data_text(value: Any) -> str:
    """A value of an event's data as it was kept: words as they are, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
