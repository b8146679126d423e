"""Everything that `make demo` runs: its own PostgreSQL, Redis and AWS, and a seeded Sluice."""

import http.client
import os
import shutil
import socket
import sys
from contextlib import ExitStack, closing, suppress
from functools import partial
from math import inf
from pathlib import Path

from sandbox.directories import CHECKOUT, exclusive, named_directory
from sandbox.errors import SandboxError
from sandbox.processes import end_stale, require_free_port
from sandbox.services import services
from sandbox.supervisor import Supervisor, interrupt_on_stop

ACCOUNTS = (
    "developer",
    "second-developer",
    "manager",
    "second-manager",
    "security",
    "auditor",
    "admin",
)
PASSWORD = "sluice-demo"  # noqa: S105
# Nothing else of the caller's environment gets in: no database, no AWS account, no proxy.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
COLLECT_STATIC = ("collectstatic", "--noinput", "--verbosity=0")

say = partial(print, flush=True)


def main() -> int:
    """Run the demo until it is stopped, and return the exit code."""
    interrupt_on_stop()
    try:
        run(port=_port("PORT", 8000), aws_port=_port("AWS_PORT", 4566))
    except SandboxError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
    return 0


def run(*, port: int, aws_port: int) -> None:
    """Run it on a directory of its own, emptied each time; only a failure leaves its logs."""
    require_free_port(port, "the web server", "PORT")
    require_free_port(aws_port, "the AWS endpoint", "AWS_PORT")
    directory = named_directory(f"demo-{port}")
    with exclusive(directory):
        _empty(directory)
        try:
            _run_in(directory, port, aws_port)
        except KeyboardInterrupt:
            # While it is ours: who is waiting for the lock begins the moment we let go of it.
            _empty(directory)
            raise


def _run_in(directory: Path, port: int, aws_port: int) -> None:
    # The worker and cron come back when they die: so a crash can be watched.
    supervisor = Supervisor(
        directory,
        _environment(directory, aws_port),
        steps=["collectstatic", "prepare"],
        restarted=["worker", "cron"],
    )
    with ExitStack() as stack:
        stack.callback(supervisor.stop, "aws", "collectstatic")
        say("Starting PostgreSQL, Redis and the AWS endpoint ...")
        aws = ("manage.py", "sandbox", "aws", f"--port={aws_port}", "--in-progress=1.2")
        supervisor.start("aws", *aws)
        if stale := not _static_is_current():
            collecting = supervisor.start("collectstatic", "manage.py", *COLLECT_STATIC)
        supervisor.env |= stack.enter_context(services(directory, environ={}))
        stack.callback(supervisor.stop, "web", "worker", "cron", "prepare")  # before its servers
        supervisor.wait_until(partial(_listens, aws_port))

        say("Preparing the demo's data ...")
        supervisor.finish(supervisor.start("prepare", "manage.py", "sandbox", "prepare"))
        del supervisor.env["DATABASE_OWNER_URL"]  # no process that serves people may have it
        if stale:
            supervisor.finish(collecting)

        say("Starting the web server, the worker and cron ...")
        serve = ("-m", "config.serve")
        supervisor.start("web", *serve, f"--port={port}", "--timeout-graceful-shutdown=1")
        supervisor.start("worker", "manage.py", "worker")
        supervisor.start("cron", "manage.py", "cron")
        supervisor.wait_until(partial(_is_healthy, port))

        say(f"Sluice is ready: http://127.0.0.1:{port}")
        say(f"AWS endpoint: http://127.0.0.1:{aws_port}")
        say(f"Sign in with the password {PASSWORD} as {', '.join(ACCOUNTS)}.")
        say(f"Logs are in {directory}; Ctrl-C stops everything.")
        supervisor.wait_until(lambda: False, seconds=inf)


def _environment(directory: Path, aws_port: int) -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "DJANGO_SETTINGS_MODULE": "sandbox.settings",
        "SLUICE_AWS_ENDPOINT": f"http://127.0.0.1:{aws_port}",
        "ARTIFACT_ROOT": str(directory / "artifacts"),
        "SLUICE_AUDIT_ANCHOR": str(directory / "anchors"),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SandboxError(f"{variable}={text} is not a port: use a number from 1 to 65535.")
    return int(text)


def _empty(directory: Path) -> None:
    """Begin from nothing, after ending what a killed run may have left."""
    end_stale("postgres", directory / "database")
    end_stale("redis", directory / "redis")
    for path in directory.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


def _static_is_current() -> bool:
    """Whether collectstatic ran since a static file or an installed package last changed."""
    static, manifest = CHECKOUT / "static", CHECKOUT / "staticfiles" / "staticfiles.json"
    sources = (static, *static.rglob("*"), CHECKOUT / "requirements.lock")
    newest = max(path.stat().st_mtime for path in sources)
    return manifest.exists() and manifest.stat().st_mtime > newest


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _is_healthy(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", "/healthz/")
            return connection.getresponse().status == 200
        except OSError:
            return False


if __name__ == "__main__":
    sys.exit(main())
