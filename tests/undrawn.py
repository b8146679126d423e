"""Answers without the pages in them, for tests that ask who is answered and not what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.template.backends.django import Template


@contextmanager
def undrawn() -> Iterator[None]:
    """Every view does all that it does, up to the template, which gives an empty page.

    Who is let in, and what an action writes, is settled by then, and drawing the page is most of
    what a request costs. Whether a page can be drawn is for other tests to find out.
    """
    with mock.patch.object(Template, "render", lambda *_, **__: ""):
        yield
