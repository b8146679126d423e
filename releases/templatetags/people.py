"""Tags of the pages about people."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.models import User
from releases import policy

register = template.Library()


@register.inclusion_tag("people/_roles.html", takes_context=True)
def roles_card(context: dict[str, Any], person: User) -> dict[str, Any]:
    """What roles somebody has, for themselves and those who give them."""
    reader = context["user"]
    may_see = policy.can_see_roles(reader, person).allowed
    return {
        "person": person,
        "may_give": policy.can_give_roles(reader).allowed,
        "grants": person.grants.select_related("environment") if may_see else None,
    }
