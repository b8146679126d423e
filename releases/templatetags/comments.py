"""Filters of comments."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from releases import policy
from releases.markdown import as_html
from releases.models import Comment

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    return as_html(text)


@register.filter
def removable_by(comment: Comment, user: Any) -> bool:
    return policy.can_remove_comment(user, comment).allowed
