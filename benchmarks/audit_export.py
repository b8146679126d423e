"""Exports of a history of 1,000,000 events: the memory they take, against those of 10,000.

As a person has it: the web server and the worker of production, asked over HTTP for CSV and for
JSON Lines, the file read to its end and every row counted. Memory is what both processes, with
their children, had at most to themselves, looked at every 50 ms: the ratio tells whether anything
is held that grows with the history. Run it with `python -m benchmarks.audit_export`; it brings its
own PostgreSQL and Redis, and takes some minutes.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from benchmarks.audit import _filled
from benchmarks.diff_page import _signed_in
from sandbox.processes import free_port
from sandbox.services import services

FEW, MANY = 10_000, 1_000_000
TARGET = 1.3
ROOT = Path(__file__).parents[1]
MB = 1024 * 1024
MINUTES_MOST = 10


@dataclass
class Watched:
    """A process with its children, and the most memory that they had since `begin`."""

    process: psutil.Process
    before: int = 0
    most: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def begin(self) -> None:
        self.before = self.most = self.size()

    def size(self) -> int:
        family, total = [self.process, *self.process.children(recursive=True)], 0
        for each in family:
            try:
                # What a fork shares with the process it came from is not counted twice.
                total += each.memory_full_info().uss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return total

    def look(self) -> None:
        while not self.over.wait(0.05):
            self.most = max(self.most, self.size())

    @property
    def grew(self) -> float:
        return (self.most - self.before) / MB


def main() -> None:
    """Export FEW and then MANY events in both formats, and print rows, seconds and memory."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.chmod(0o755)
        os.environ |= stack.enter_context(services(environ={})) | {
            "DJANGO_SETTINGS_MODULE": "sandbox.settings",
            "SLUICE_AWS_ENDPOINT": "http://127.0.0.1:9",
            "ARTIFACT_ROOT": str(directory / "artifacts"),
        }
        few, many = measure(stack)
    print(f"ratio: {many / few:.2f} (target <= {TARGET})")


def measure(stack: ExitStack) -> tuple[float, float]:
    """The most memory of web and worker together, in MB, with FEW events and with MANY."""
    import django
    from django.core.management import call_command
    from django.middleware.csrf import _get_new_csrf_string

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    session, token = _signed_in().cookies["sessionid"].value, _get_new_csrf_string()
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
    port = free_port()
    web = stack.enter_context(_running("-m", "config.serve", f"--port={port}", "--no-access-log"))
    worker = stack.enter_context(_running("manage.py", "worker"))
    _wait_until_up(port)
    whole = []
    for count in (FEW, MANY):
        _fill(count)
        most = 0
        for format in ("csv", "jsonl"):
            web.begin()
            worker.begin()
            print(f"{count:>9,} {format:5} " + _exported(port, headers, format), flush=True)
            print(
                f"{'':16} web grew by {web.grew:.0f} MB, worker by {worker.grew:.0f} MB", flush=True
            )
            most = max(most, web.most + worker.most)
        whole.append(most / MB)
    return whole[0], whole[1]


@contextmanager
def _running(*command: str) -> Iterator[Watched]:
    with subprocess.Popen([sys.executable, *command], cwd=ROOT, stderr=subprocess.DEVNULL) as run:
        watched = Watched(psutil.Process(run.pid))
        looking = threading.Thread(target=watched.look)
        looking.start()
        try:
            yield watched
        finally:
            watched.over.set()
            looking.join()
            run.terminate()


def _wait_until_up(port: int) -> None:
    for _ in range(300):
        try:
            _ask(port, "GET", "/healthz/", {}).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The web server did not start.")


def _fill(count: int) -> None:
    """As the owner: make the history `count` events long."""
    from django.db import connection

    from releases.database_roles import as_owner
    from releases.models import AuditEvent

    with as_owner():
        there = AuditEvent.objects.count()
        _filled(connection, count - there, 1)


def _exported(port: int, headers: dict[str, str], format: str) -> str:
    """Ask for an export, wait until it is written, and read the file."""
    from releases.models import AuditExport

    began = time.perf_counter()
    asked = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    answer = _ask(port, "POST", "/audit/exports/", asked, urlencode({"format": format}))
    answer.read()
    page = answer.headers["Location"]
    seen = set[str]()
    while "Download the file" not in (text := _ask(port, "GET", page, headers).read().decode()):
        seen |= set(re.findall(r"<progress[^>]*value=\"(\d+)\"", text))
        if time.perf_counter() - began > MINUTES_MOST * 60:
            raise SystemExit("The export was not written.")
        time.sleep(0.25)
    written = time.perf_counter()
    answer = _ask(port, "POST", f"{page}download/", asked, "")
    rows = size = 0
    while piece := answer.read(MB):
        size += len(piece)
        rows += piece.count(b"\n")
    rows -= format == "csv"
    wanted = AuditExport.objects.latest("created_at").event_count
    assert (rows, answer.status) == (wanted, 200), (rows, wanted, answer.status)
    done = time.perf_counter()
    return (
        f"{rows:,} rows, {size / MB:.0f} MB: written in {written - began:.1f} s"
        f" ({len(seen)} states of progress seen), read in {done - written:.1f} s"
    )


def _ask(port: int, method: str, path: str, headers: dict[str, str], body: str = "") -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body or None, headers)
    return connection.getresponse()


if __name__ == "__main__":
    main()
