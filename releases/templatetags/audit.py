"""Tags of the history, loaded where events are shown."""

from __future__ import annotations

from django import template

from releases.models import AuditEvent
from releases.views.audit_rows import Change
from releases.views.audit_rows import changes as changes_between

register = template.Library()


@register.simple_tag
def changes(event: AuditEvent) -> list[Change]:
    """What the event changed, by name."""
    return changes_between(event.before, event.after)


@register.filter
def words(name: str) -> str:
    """The name of a setting as people write it: `live_alias` is Live alias."""
    return name.replace("_", " ").capitalize()
