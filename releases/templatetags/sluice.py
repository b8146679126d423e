"""Filters and tags of the templates, built in everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.db.models import Choices
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import Role, User
from releases import fingerprint
from releases.models import Release
from releases.packages import spelling
from releases.policy import Decision
from releases.states import ReleaseState
from releases.templatetags.looks import LOOKS, MESSAGES, TIERS, Look, icon_svg, skyline_svg

register = template.Library()
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = ("B", "KB", "MB", "GB")


@register.simple_tag
def icon(name: str, size: int = 16, css: str = "") -> SafeString:
    return icon_svg(name, size, css)


def _look(value: str, of: type[Choices]) -> Look:
    return LOOKS[of][value]


@register.simple_tag
def state_badge(value: str, css: str = "", of: type[Choices] = ReleaseState) -> SafeString:
    """Icon and word, coloured: a state is never told by colour alone."""
    look = _look(value, of)
    return format_html(
        '<span class="badge {}" data-state="{}">{}{}</span>',
        css,
        look.family,
        icon_svg(look.icon, 13, "spin" if look.icon == "loader-circle" else ""),
        of(value).label,
    )


@register.filter
def state_family(value: str) -> str:
    """The `data-state` of a release state."""
    return _look(value, ReleaseState).family


@register.filter
def tier_state(tier: str) -> str:
    return TIERS.get(tier, "neutral")  # type: ignore[call-overload,no-any-return]


@register.filter
def message_state(level: str) -> str:
    return MESSAGES.get(level, MESSAGES["info"]).family


@register.filter
def message_icon(level: str) -> str:
    return MESSAGES.get(level, MESSAGES["info"]).icon


@register.simple_tag
def skyline(value: str, css: str = "") -> SafeString:
    return skyline_svg(value, css)


@register.filter
def short_hash(value: str) -> str:
    return fingerprint.short(value)


@register.filter
def spelled(name: str) -> str:
    """The name of a file as people may trust it: nothing in it is invisible or a look-alike."""
    return spelling.spelled(name)


@register.inclusion_tag("includes/_hash.html")
def hash_code(value: str, label: str = "CodeSha256") -> dict[str, str]:
    return {"value": value, "label": label}


@register.filter
def span(seconds: float | timedelta) -> str:
    """A length of time in words: 8 s, 12 min, 2 h 06 min, 3 days."""
    total = int(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    if total < _MINUTE:
        return f"{max(total, 0)} s"
    if total < _HOUR:
        return f"{total // _MINUTE} min"
    if total < _DAY:
        return f"{total // _HOUR} h {total % _HOUR // _MINUTE:02d} min"
    days = total // _DAY
    return "1 day" if days == 1 else f"{days} days"


@register.filter
def waiting(since: datetime | None) -> str:
    return span(timezone.now() - since) if since else ""


@register.filter
def time_left(until: datetime) -> str:
    return span(until - timezone.now())


def _relative(moment: datetime) -> str:
    now = timezone.now()
    seconds = (now - moment).total_seconds()
    if seconds < 0:
        return f"in {span(-seconds)}"
    if seconds < 3:
        return "just now"
    if seconds < _DAY:
        return f"{span(seconds)} ago"
    here = timezone.localtime(moment)
    return f"{here:%-d %b %H:%M}" if here.year == now.year else f"{here:%-d %b %Y}"


@register.filter
def ago(moment: datetime | None) -> SafeString:
    """Relative up to a day, exact to the second in the title."""
    if moment is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S %Z}",
        _relative(moment),
    )


@register.filter
def exact(moment: datetime | None) -> SafeString:
    """Date and time to the second, for the history."""
    if moment is None:
        return SafeString("")
    return format_html(
        '<time datetime="{}">{}</time>',
        f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}",
        f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S}",
    )


@register.filter
def moment(at: datetime | None) -> SafeString:
    """A time to come, to the minute, with the zone of whoever reads it."""
    if at is None:
        return SafeString("")
    shown = f"{timezone.localtime(at):%Y-%m-%d %H:%M %Z}"
    return format_html('<time datetime="{}">{}</time>', f"{at:%Y-%m-%dT%H:%M:%SZ}", shown)


@register.filter
def size(count: int | None) -> SafeString:
    """Bytes in the units AWS counts its limits in (1 MB is 1,048,576 bytes)."""
    if count is None:
        return SafeString("")
    power = next((power for power in (3, 2, 1) if count >= 1024**power), 0)
    shown = f"{count / 1024**power:.2f} {_UNITS[power]}" if power else f"{count} B"
    return format_html('<span class="nowrap" title="{} bytes">{}</span>', f"{count:,}", shown)


@register.simple_tag
def release_link(release: Release) -> SafeString:
    address = reverse("releases:release", args=[release.pk])
    return format_html('<a class="rid" href="{}">{}</a>', address, release.reference)


_ROLE_FAMILIES = {Role.RELEASE_MANAGER: "running", Role.SECURITY: "conflict"}


@register.simple_tag
def avatar(person: User) -> SafeString:
    family = _ROLE_FAMILIES.get(Role(person.role), "neutral")
    return format_html(
        '<span class="avatar" data-state="{}" aria-hidden="true">{}</span>', family, person.initials
    )


@register.inclusion_tag("includes/_decision_button.html")
def decision_button(decision: Decision, text: str, **attributes: Any) -> dict[str, Any]:
    """A button, or a greyed one that says why not.

    Attributes: id, icon_name, css, and href for a link, or name, value and form for a button.
    """
    return {"decision": decision, "text": text, **attributes}
