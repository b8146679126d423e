"""Filters and tags of comments."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.safestring import SafeString

from releases import policy
from releases.markdown import as_html
from releases.models import Comment
from releases.views.comment_threads import Thread, thread

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    return as_html(text)


@register.filter
def removable_by(comment: Comment, user: Any) -> bool:
    return policy.can_remove_comment(user, comment).allowed


@register.simple_tag(takes_context=True)
def line_thread(
    context: RequestContext, threads: dict[tuple[str, str, int], list[Comment]], path: str,
    side: str, line: int,
) -> Thread:  # fmt: skip
    """What `releases/_line_comments.html` shows for one line, from `line_comments_of`'s answer."""
    return thread(context["release"], context["request"].user, path, side, line, threads)
