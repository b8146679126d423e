"""Rendered differences, kept by their content: a second view costs one query."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.cache import caches
from django.utils.safestring import SafeString

# Part of every key: raise it with any change of a template or of the engine.
FORMAT = 2
# Larger ones are rare and rendered again: they would push out hundreds of others.
LARGEST = 2 * 1024 * 1024


def kept(key: object, render: Callable[[], SafeString]) -> SafeString:
    """What `render` gave for this key, now or earlier."""
    digest = hashlib.sha256(repr((FORMAT, key)).encode()).hexdigest()
    cache = caches["diffs"]
    found = cache.get(digest)
    if isinstance(found, str):
        return SafeString(found)
    text = render()
    if len(text) <= LARGEST:
        cache.set(digest, str(text))
    return text
