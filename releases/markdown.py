"""Plain Markdown as safe HTML: rendered without raw HTML, then cut down to an allow-list."""

from __future__ import annotations

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {"p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a"}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
# Headings would break the page's own outline; pictures would tell a stranger who reads.
LEFT_OUT = ["heading", "lheading", "image"]

_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(LEFT_OUT)


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """nh3 by itself lets `title` and `lang` through on every tag; `rel` is its own."""
    return value if attribute in {"rel", *ATTRIBUTES.get(tag, ())} else None


@lru_cache(maxsize=1024)
def as_html(text: str) -> SafeString:
    """Equal texts are rendered once a process: a page with many comments opens as fast as one."""
    return mark_safe(  # noqa: S308 - nh3 lets through nothing but the allow-list
        nh3.clean(
            _markdown.render(text),
            tags=TAGS,
            attributes=ATTRIBUTES,
            attribute_filter=_allowed,
            url_schemes=SCHEMES,
            link_rel="noopener nofollow",
        )
    )
