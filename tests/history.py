"""A history with a past: only the tables' owner can say that something happened long ago."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import time_machine

from releases.database_roles import as_owner


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """What is recorded happened then. Not in a transaction: the connection is another one."""
    with as_owner(), time_machine.travel(moment, tick=False):
        yield
