"""Filters and tags of the release pages."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from releases import configuration
from releases.models import AwsCall, CallStatus, IntakeState, Release
from releases.states import ReleaseState
from releases.templatetags.looks import LOOKS, hash_bytes, icon_svg
from releases.templatetags.sluice import state_badge

register = template.Library()

FRESH = timedelta(minutes=1)
STANDING = {ReleaseState.CONFLICT: "is in conflict", ReleaseState.FAILED: "has failed"}
STEP_ICONS = {
    "released": "check",
    "running": "loader-circle",
    "waiting": "clock",
    "failed": "x",
    "conflict": "git-merge",
}


@register.simple_tag
def step_icon(state: str) -> SafeString:
    name = STEP_ICONS.get(state)
    if not name:
        return SafeString("")
    return icon_svg(name, 14, "spin" if state == "running" else "")


@register.simple_tag
def intake_badge(state: str) -> SafeString:
    return state_badge(state, of=IntakeState)


@register.filter
def clock(lasted: timedelta | None) -> str:
    """How long a step took: 0:06, 12:40, 1:02:03."""
    if lasted is None:
        return ""
    seconds = max(int(lasted.total_seconds()), 0)
    hours, rest = divmod(seconds, 3600)
    if hours:
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{rest // 60}:{rest % 60:02d}"


@register.filter
def is_fresh(moment: datetime) -> bool:
    """Read so short a time ago that it may be taken for the present."""
    return timezone.now() - moment < FRESH


@register.filter
def as_hex(value: str) -> str:
    """The same bytes as a package tool prints them; empty if it is no hash."""
    return hash_bytes(value).hex()


@register.filter
def as_base64(value: str) -> str:
    """The same bytes as AWS prints them; an image's digest stays hexadecimal there."""
    try:
        return base64.b64encode(bytes.fromhex(value)).decode()
    except (ValueError, binascii.Error):
        return value


@register.filter
def call_family(call: AwsCall) -> str:
    return LOOKS[CallStatus][call.status].family


@register.filter
def standing(release: Release) -> str:
    """Its state as the end of a sentence that begins with its name: R-7 has failed."""
    state = ReleaseState(release.state)
    return STANDING.get(state, f"is {state.label.lower()}")


@register.filter
def in_words(text: str) -> str:
    """What moved in AWS, each setting by the word that the tables have for it."""
    return configuration.in_words(text)


@register.filter
def with_code(text: str) -> str:
    """What stands in backticks as code: names of files in sentences about a package."""
    pieces = text.split("`")
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<code>{}</code>", each) if at % 2 else each,)
            for at, each in enumerate(pieces)
        ),
    )


@register.filter
def message_of(warning: Any) -> str:
    return str(warning.get("message", "")) if isinstance(warning, dict) else str(warning)


@register.filter
def paths_of(warning: Any) -> list[str]:
    return list(warning.get("paths", ())) if isinstance(warning, dict) else []


@register.filter
def names(people: list[Any]) -> str:
    """Ada, Ben or Cleo; after six, how many more."""
    shown = [person.name for person in people]
    if len(shown) > 6:
        return f"{', '.join(shown[:5])} or {len(shown) - 5} others"
    return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
