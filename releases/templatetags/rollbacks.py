"""Tags of the pages about rollbacks and holds."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import User
from releases import rollback_policy
from releases.hazards import Level
from releases.models import Freeze, Function, RollbackState
from releases.policy import Decision
from releases.templatetags.looks import HAZARDS, icon_svg
from releases.templatetags.sluice import state_badge

register = template.Library()

WORDS = {Level.BLOCKS: "Blocks", Level.WARNING: "Warning", Level.FINE: "Fine"}


@register.simple_tag
def rollback_badge(state: str) -> SafeString:
    return state_badge(state, of=RollbackState)


@register.simple_tag
def hazard_badge(level: str) -> SafeString:
    look = HAZARDS[Level(level)]
    return format_html(
        '<span class="badge badge-plain" data-state="{}">{}{}</span>',
        look.family,
        icon_svg(look.icon, 13, ""),
        WORDS[Level(level)],
    )


@register.filter
def may_roll_back(person: User, function: Function) -> Decision:
    return rollback_policy.can_roll_back_somehow(person, function)


@register.filter
def may_resume(person: User, function: Function) -> Decision:
    return rollback_policy.can_resume_held(person, function)


@register.filter
def may_lift(person: User, freeze: Freeze) -> Decision:
    return rollback_policy.can_end_freeze(person, freeze)


@register.inclusion_tag("includes/_sheet_button.html")
def sheet_button(
    decision: Decision, text: str, view: str, function: Function, **more: Any
) -> dict[str, Any]:
    """A link to a sheet, which opens in a dialog where scripts run; greyed with its reason.

    `to` is the version that a rollback offers; `css`, `icon_name`, `id` and `about` (words for
    those who only hear the button) as elsewhere.
    """
    address = reverse(f"releases:{view}", args=[function.pk])
    to = more.pop("to", None)
    href = f"{address}?to={to}" if to else address
    return {"decision": decision, "text": text, "href": href, "asks": view == "roll_back", **more}
