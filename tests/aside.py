"""What goes on in a thread of its own while a test does something else."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

from django.db import connection

from releases.models import Release
from releases.pipeline import engine


def in_a_thread(release: Release) -> Thread:
    return aside(lambda: engine.advance(release.pk))


def aside(what: Callable[[], object]) -> Thread:
    def work() -> None:
        try:
            what()
        finally:
            connection.close()

    thread = Thread(target=work)
    thread.start()
    return thread
