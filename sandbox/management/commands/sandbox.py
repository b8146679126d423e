"""`manage.py sandbox`: the AWS endpoint, the demo, and any command on embedded services."""

import signal
import subprocess
import sys
import threading
from argparse import REMAINDER
from contextlib import suppress
from os import environ
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from releases.database_roles import as_owner
from sandbox import demo, marker
from sandbox.errors import SandboxError
from sandbox.processes import require_free_port
from sandbox.services import services


class Command(BaseCommand):
    help = "Runs what Sluice needs on a machine that has nothing."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="subcommand", required=True)
        aws = commands.add_parser("aws", help="serve the AWS endpoint alone")
        aws.add_argument("--port", type=int, default=4566)
        aws.add_argument(
            "--in-progress",
            type=float,
            default=0.3,
            metavar="SECONDS",
            help="how long a change of a function stays in progress",
        )
        commands.add_parser("demo", help="run everything on seeded data, as `make demo` does")
        commands.add_parser("prepare", help="make an empty database the demo's: tables and data")
        commands.add_parser("seed", help="write the demo's data")
        run = commands.add_parser("run", help="run a command with a PostgreSQL and a Redis")
        run.add_argument("command", nargs=REMAINDER, metavar="-- COMMAND")

    def handle(self, *, subcommand: str, **options: Any) -> None:
        for stop in (signal.SIGINT, signal.SIGTERM):
            signal.signal(stop, signal.default_int_handler)
        try:
            getattr(self, f"_{subcommand}")(**options)
        except SandboxError as error:
            raise CommandError(str(error)) from error

    def _aws(self, *, port: int, in_progress: float, **_: object) -> None:
        # The simulator takes a second to import, and no other command needs it.
        from sandbox.aws import AwsSandbox, Timing

        require_free_port(port, "the AWS endpoint", "--port")
        with (
            suppress(KeyboardInterrupt),
            AwsSandbox(port, Timing(in_progress=in_progress)) as aws,
        ):
            self.stdout.write(f"AWS endpoint: {aws.url}")
            self.stdout.flush()
            threading.Event().wait()

    def _demo(self, **_: object) -> None:
        sys.exit(demo.main())

    def _prepare(self, **options: Any) -> None:
        with as_owner():
            marker.mark(connection)
        call_command("migrate", interactive=False, verbosity=0)
        self._seed(**options)

    def _seed(self, **_: object) -> None:
        from sandbox.seed import seed

        seed()

    def _run(self, *, command: list[str], **_: object) -> None:
        command = command[1:] if command[:1] == ["--"] else command
        if not command:
            raise CommandError("Say what to run: manage.py sandbox run -- COMMAND")
        with services() as urls:
            sys.exit(_run_to_end(command, {**environ, **urls}))


def _run_to_end(command: list[str], env: dict[str, str]) -> int:
    """Run `command` in the foreground and return its exit code, as a shell would."""
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if child is None:
            early.append(number)
        else:
            child.send_signal(number)

    # Before the command starts: it may run, and be stopped, before Popen has come back to us.
    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, lambda *_: None)  # the terminal has sent it to the command too
    try:
        child = subprocess.Popen(command, env=env)
    except OSError as error:
        raise CommandError(f"{command[0]}: {error.strerror}") from error
    for number in early:
        child.send_signal(number)
    code = child.wait()
    return code if code >= 0 else 128 - code
