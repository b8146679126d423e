"""Markdown of comments: what it becomes, and what it never becomes."""

import pytest

from releases.markdown import as_html

DANGEROUS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "<javascript:alert(1)>",
    "![x](https://example.com/pixel.png)",
    "![x](javascript:alert(1))",
    '[x](https://example.com "onmouseover=alert(1)")',
    "<a href='javascript:alert(1)' onclick='alert(1)'>x</a>",
    "<style>body{display:none}</style>",
    "# Heading\n\nother\n===",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_could_harm_is_text(text: str) -> None:
    html = as_html(text)
    for tag in ("<script", "<img", "<style", "<h1", "<h2", "<iframe"):
        assert tag not in html
    assert 'href="javascript' not in html.lower() and 'href="data' not in html.lower()
    assert "title=" not in html and "<a href='" not in html


def test_plain_markdown_is_rendered() -> None:
    html = as_html("**Why** `429`?\n\n- one\n- two\n\n> said\n\n```py\nx = 1\n```")
    for part in ("<strong>Why</strong>", "<code>429</code>", "<li>one</li>", "<blockquote>"):
        assert part in html
    assert "<pre><code>x = 1\n</code></pre>" in html


def test_links_tell_nobody_where_from() -> None:
    expected = '<a href="https://example.com/a" rel="noopener nofollow">'
    assert expected in as_html("<https://example.com/a>")
    assert expected in as_html("[here](https://example.com/a)")


def test_a_line_break_is_one() -> None:
    assert "<br>" in as_html("one\ntwo")


def test_very_deep_nesting_ends() -> None:
    assert as_html(">" * 5000 + "[" * 5000)
