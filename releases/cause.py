"""The click that something is done for: whatever it causes carries its request id, also later."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_click: ContextVar[uuid.UUID | None] = ContextVar("click", default=None)


@contextmanager
def caused_by(click: uuid.UUID | None) -> Iterator[None]:
    """What happens inside is done for that click; with None, for nobody's."""
    token = _click.set(click)
    try:
        yield
    finally:
        _click.reset(token)


def present_click() -> uuid.UUID | None:
    """The click that is being worked for; None where Sluice acts by itself."""
    return _click.get()


def present_or_own() -> uuid.UUID:
    return _click.get() or uuid.uuid4()
