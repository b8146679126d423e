"""The embedded PostgreSQL and Redis: real servers, for us alone, gone when we are."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sandbox.directories import temporary_directory
from sandbox.errors import SandboxError
from sandbox.services import services

RUN_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from sandbox.services import services
with services(Path(sys.argv[1]), environ={}) as urls:
    print(*urls.values(), flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    with temporary_directory() as directory:
        yield directory


@pytest.fixture(scope="module")
def urls(directory: Path) -> Iterator[dict[str, str]]:
    with services(directory / "shared", environ={}) as urls:
        yield urls


def eventually(check: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not check() and time.monotonic() < deadline:
        time.sleep(0.02)
    return check()


def processes_in(directory: Path) -> list[psutil.Process]:
    found = psutil.process_iter(["cmdline", "status"])
    return [
        process
        for process in found
        if any(str(directory / "") in part for part in process.info["cmdline"] or [])
        and process.info["status"] != psutil.STATUS_ZOMBIE
        and process.pid != os.getpid()
    ]


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


def test_postgres_is_a_real_postgres_18(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        assert 180000 <= connection.info.server_version < 190000
        row = connection.execute("SELECT current_setting('max_connections')").fetchone()
    assert row == ("200",)


def test_its_owner_creates_databases_and_roles_and_is_no_superuser(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute("CREATE DATABASE another")
        connection.execute("DROP DATABASE another")
        connection.execute("CREATE ROLE another")
        connection.execute("SET ROLE another")
        connection.execute("RESET ROLE")
        connection.execute("DROP ROLE another")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY (SELECT 1) TO PROGRAM 'cat'")


def test_its_application_creates_nothing(urls: dict[str, str]) -> None:
    with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as connection:
        for thing in ("DATABASE another", "ROLE another", "TABLE another (id int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"CREATE {thing}")


@pytest.mark.parametrize("user", ["sluice:", "sluice:wrong", "postgres:"])
def test_postgres_wants_the_password(urls: dict[str, str], user: str) -> None:
    url = f"postgresql://{user}@127.0.0.1:{port_of(urls['DATABASE_URL'])}/sluice"
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url)


def test_redis_is_a_real_server(urls: dict[str, str]) -> None:
    with redis.Redis.from_url(urls["REDIS_URL"]) as client:
        assert client.info("server")["valkey_version"].startswith("9.")


def test_redis_wants_the_password(urls: dict[str, str]) -> None:
    with (
        redis.Redis(port=port_of(urls["REDIS_URL"]), retry=Retry(NoBackoff(), 0)) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_passwords_are_readable_by_us_alone(urls: dict[str, str], directory: Path) -> None:
    secrets = (directory / "shared/database/passwords", directory / "shared/redis/redis.conf")
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}
    passwords = {urlsplit(url).password for url in urls.values()}
    arguments = [part for process in processes_in(directory) for part in process.cmdline()]
    assert not any(password in part for password in passwords for part in arguments if password)


def test_both_listen_on_loopback_only(urls: dict[str, str], directory: Path) -> None:
    listening = {
        (connection.laddr.ip, connection.laddr.port)
        for process in processes_in(directory)
        for connection in process.net_connections("all")
        if connection.status == psutil.CONN_LISTEN or connection.family == socket.AF_UNIX
    }
    assert listening == {("127.0.0.1", port_of(url)) for url in urls.values()}


def test_what_the_environment_names_is_used_as_it_is(tmp_path: Path) -> None:
    brought = {"DATABASE_URL": "postgresql://elsewhere/db", "REDIS_URL": "redis://elsewhere"}
    with services(tmp_path / "unused", environ=brought) as urls:
        assert urls == brought
    assert not (tmp_path / "unused").exists()


def test_data_and_password_survive_a_restart(directory: Path) -> None:
    brought = {"REDIS_URL": "redis://elsewhere"}
    with services(directory / "kept", environ=brought) as urls:
        password = urlsplit(urls["DATABASE_OWNER_URL"]).password
        with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
            connection.execute("CREATE TABLE kept ()")
    with services(directory / "kept", environ=brought) as urls:
        assert urlsplit(urls["DATABASE_OWNER_URL"]).password == password
        with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_they_stop_though_a_client_is_connected(directory: Path) -> None:
    with services(directory / "stopped", environ={}) as urls:
        client = psycopg.connect(urls["DATABASE_URL"])
        client.execute("SELECT 1")
        began = time.monotonic()
    assert time.monotonic() - began < 6
    assert processes_in(directory / "stopped") == []
    client.close()


def test_nothing_is_left_when_the_owner_is_killed(directory: Path) -> None:
    place = directory / "orphaned"
    command = [sys.executable, "-c", RUN_UNTIL_KILLED, str(place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        postgres, _owner, _redis = owner.stdout.readline().split()
        psycopg.connect(postgres).close()
        owner.kill()
    assert eventually(lambda: processes_in(place) == [])
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(postgres)


def test_a_server_left_by_a_killed_keeper_is_replaced(directory: Path) -> None:
    place = directory / "stale"
    with services(place, environ={}):
        for process in processes_in(place):
            if "keeper.py" in " ".join(process.cmdline()):
                process.kill()
    left = processes_in(place)
    assert {process.name() for process in left} == {"postgres", "valkey-server"}
    with services(place, environ={}) as urls:
        psycopg.connect(urls["DATABASE_URL"]).close()
        assert not set(left) & set(processes_in(place))


def test_a_directory_in_use_is_refused(urls: dict[str, str], directory: Path) -> None:
    with (
        pytest.raises(SandboxError, match=r"Another process is using .*database: stop it first"),
        services(directory / "shared", environ={}),
    ):
        pass


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(SandboxError, match=r"^Cannot write to .*: Not a directory\.$"),
        services(tmp_path / "file" / "below", environ={}),
    ):
        pass


def test_the_run_itself_has_both_and_no_aws_account() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        assert client.ping()
    ours = {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED"}
    assert {name for name in os.environ if name.startswith("AWS_")} == ours
