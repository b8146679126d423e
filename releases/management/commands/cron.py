"""`manage.py cron`: what must happen every few seconds, with or without Redis."""

import signal
import threading
import time
from datetime import timedelta
from typing import Any

import structlog
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections

from releases.actions.resume import end_expired
from releases.audit.watch import watch
from releases.checks import refuse_demo_data
from releases.packages.store import artifacts
from releases.pipeline.export import remove_old
from releases.pipeline.polls import ask_for_polls
from releases.pipeline.recover import recover
from releases.pipeline.trace import ask_for_traces

log = structlog.get_logger()

EVERY_SECONDS = 5
DAY_SECONDS = 86_400
BROKEN_OFF = timedelta(hours=6)


class Command(BaseCommand):
    help = "Take up releases that nobody moves. One or more may run."
    is_broken_off = False
    _tidied: float | None = None

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_demo_data()
        stopping = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopping.set())
        history = threading.Thread(target=self.watch, args=[stopping], name="history")
        history.start()
        try:
            while not stopping.is_set():
                self.tick()
                self.daily()
                stopping.wait(EVERY_SECONDS)
        finally:
            stopping.set()
            history.join()
        if self.is_broken_off:
            raise CommandError(
                "Sealing and checking the history ended by itself, as the log says above. Start"
                " cron anew; events wait to be sealed until it runs."
            )

    def tick(self) -> None:
        close_old_connections()
        try:
            end_expired()
            recovered = recover()
            ask_for_polls(EVERY_SECONDS)
            ask_for_traces(EVERY_SECONDS)
        except DatabaseError as error:
            # PostgreSQL restarts; the next tick finds it again.
            log.warning("cron.database", problem=str(error))
            return
        if recovered:
            log.info("cron.recovered", count=recovered)
        try:
            artifacts().discard_incoming(BROKEN_OFF)
            remove_old()
        except OSError as error:
            # A disk that is full or away is no reason to leave releases where they are.
            log.warning("cron.store", problem=str(error))

    def daily(self) -> None:
        """Forget sessions that have expired, once a day from the start on."""
        if self._tidied is not None and time.monotonic() - self._tidied < DAY_SECONDS:
            return
        try:
            call_command("clearsessions")
        except DatabaseError as error:
            log.warning("cron.database", problem=str(error))
            return
        self._tidied = time.monotonic()

    def watch(self, stopping: threading.Event) -> None:
        """If it ends for a reason that nobody thought of, so does cron, and is started anew."""
        try:
            watch(stopping)
        finally:
            self.is_broken_off = not stopping.is_set()
            stopping.set()
