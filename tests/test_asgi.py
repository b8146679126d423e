"""Promises of the server process: bodies, threads, connections, streams, its end."""

import hashlib
import json
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from redis import Redis

from accounts.models import User
from releases import live
from tests.probe_server import Server, read_until, running_server

pytestmark = pytest.mark.django_db
MB = 1_000_000
UPLOAD = "PUT /intakes/upload/ HTTP/1.1"


@pytest.fixture(scope="module")
def session_key(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A signed-in person, committed, so that another process sees them."""
    with django_db_blocker.unblock():
        person = User.objects.create_user("probe-person", password="secret")
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        yield str(session.session_key)
        session.delete()
        person.delete()
        connection.close()


@pytest.fixture(scope="module")
def server(session_key: str) -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def cookie(session_key: str) -> str:
    return f"Cookie: sessionid={session_key}"


def eventually(check: Callable[[], bool], seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while not check() and time.monotonic() < deadline:
        time.sleep(0.05)
    return check()


def push(client: socket.socket, size: int) -> int:
    """Send up to `size` bytes until the other side wants no more; how many were sent."""
    chunk, sent = bytes(64 * 1024), 0
    client.settimeout(0.5)
    try:
        while sent < size:
            sent += client.send(chunk[: size - sent])
    except (TimeoutError, ConnectionError):
        pass
    client.settimeout(10)
    return sent


def is_closed(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def used(server: Server) -> tuple[int, int]:
    counters = server.figures.io_counters()
    return counters.read_chars, counters.write_chars


def test_head_answers_as_get_does_without_the_body(server: Server) -> None:
    answers = []
    for method in ("GET", "HEAD"):
        with server.connect(f"{method} /echo/?a=1 HTTP/1.1", "Connection: close") as client:
            answers.append(read_until(client, b"nothing more").split(b"\r\n\r\n"))
    (of_get, body), (of_head, none) = answers
    assert b"HTTP/1.1 200 " in of_head and body and not none
    assert b"content-length: %d" % len(body) in of_head
    kept = [line for line in of_get.split(b"\r\n") if not line.startswith(b"date")]
    assert kept == [line for line in of_head.split(b"\r\n") if not line.startswith(b"date")]


def test_an_anonymous_2_gb_upload_is_refused_unread(server: Server) -> None:
    read, written = used(server)
    with server.connect(UPLOAD, "Content-Length: 2147483648") as client:
        push(client, 2_147_483_648)
        answer = read_until(client, b"taken here.\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer
    now_read, now_written = used(server)
    assert now_read - read < 2 * MB
    assert now_written - written < 2 * MB


def test_an_anonymous_upload_of_a_size_that_is_taken_is_refused_unread(server: Server) -> None:
    read, _ = used(server)
    with server.connect(UPLOAD, f"Content-Length: {200 * MB}") as client:
        push(client, 200 * MB)
        answer = read_until(client, b"\r\n\r\n")
        assert is_closed(client)
    assert answer.startswith(b"HTTP/1.1 302 ")
    assert b"connection: close" in answer
    assert used(server)[0] - read < 2 * MB


def test_a_250_mb_upload_is_streamed(server: Server, cookie: str) -> None:
    size, chunk, sent = 262_144_000, bytes(range(256)) * 4096, 0
    before = peak = server.figures.memory_info().rss
    with server.connect(UPLOAD, f"Content-Length: {size}", cookie) as client:
        while sent < size:
            client.sendall(chunk)
            sent += len(chunk)
            peak = max(peak, server.figures.memory_info().rss)
        answer = read_until(client, b"}")
    body = json.loads(answer.partition(b"\r\n\r\n")[2])
    digest = hashlib.sha256()
    for _ in range(size // len(chunk)):
        digest.update(chunk)
    assert body == {"size": size, "sha256": digest.hexdigest()}
    assert peak - before < 64 * MB


def test_an_upload_cut_short_never_looks_complete(server: Server, cookie: str) -> None:
    with server.connect(UPLOAD, "Content-Length: 1000", cookie) as client:
        client.sendall(b"half")
    assert eventually(lambda: "went away" in server.get("/broken/")[1])


def test_uploads_and_forms_that_stall_leave_the_pages_working(server: Server, cookie: str) -> None:
    stalled = [server.connect(UPLOAD, "Content-Length: 9", cookie) for _ in range(20)]
    stalled += [server.connect("POST /form/ HTTP/1.1", "Content-Length: 9") for _ in range(40)]
    started = time.monotonic()
    assert server.get("/me/", dict([cookie.split(": ")])) == (200, "probe-person")
    assert time.monotonic() - started < 5
    for client in stalled:
        client.close()


def test_clients_that_read_nothing_leave_the_pages_working(server: Server) -> None:
    lazy = [server.connect("GET /endless/ HTTP/1.1", receive_buffer=4096) for _ in range(8)]
    assert server.get("/echo/")[0] == 200
    for client in lazy:
        client.close()


@pytest.mark.parametrize(
    ("size", "status"), [(0, 200), (300, 200), (2_621_440, 200), (2_621_441, 413)], ids=str
)
def test_forms_have_a_limit(server: Server, size: int, status: int) -> None:
    assert server.ask("POST", "/form/", b"")[0] == 200
    with server.connect("POST /form/ HTTP/1.1", f"Content-Length: {size}") as client:
        push(client, size)
        assert read_until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 %d " % status)


def test_a_body_without_a_length_is_refused(server: Server) -> None:
    with server.connect("POST /form/ HTTP/1.1", "Transfer-Encoding: chunked") as client:
        assert read_until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 411 ")


def test_a_client_that_waits_to_be_asked_sends_nothing(server: Server) -> None:
    lines = UPLOAD, f"Content-Length: {400 * MB}", "Expect: 100-continue"
    with server.connect(*lines) as client:
        assert read_until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 413 ")


def test_only_the_proxy_says_that_a_request_was_secure(server: Server) -> None:
    status, answer = server.get("/echo/", {"X_Forwarded_Proto": "https"})
    assert status == 200
    assert json.loads(answer)["secure"] is False


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?topics=dashboard", {}, 403),
        ("?topics=dashboard", {"Cookie": "sessionid=unknown"}, 403),
        ("?topics=dashboard", {"Host": "elsewhere.example"}, 400),
        ("?topics=dashboard", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("?topics=dashboard,*", {}, 400),
        ("", {}, 400),
        ("?topics=" + ",".join(f"release-{n}" for n in range(1, 22)), {}, 400),
    ],
)
def test_the_stream_refuses(
    server: Server, query: str, headers: dict[str, str], status: int
) -> None:
    assert server.get(f"/live/{query}", headers)[0] == status


def test_an_event_source_of_nobody_is_told_so_and_ended(server: Server) -> None:
    answer = server.get("/live/?topics=dashboard", {"Accept": "text/event-stream"})
    assert answer == (200, "event: signed-out\ndata: {}\n\n")


def test_nobody_follows_another_person(server: Server, session_key: str) -> None:
    with server.stream("person-999999999", session_key) as client:
        assert read_until(client, b"\r\n\r\n").startswith(b"HTTP/1.1 403 ")


def test_300_streams_leave_pages_working_and_end_with_the_server(session_key: str) -> None:
    topics = "dashboard,release-12"
    caught_up, published = b"event: release-12", b"event: dashboard"
    with running_server() as server:
        streams = [server.stream(topics, session_key) for _ in range(300)]
        heard = hear(streams, caught_up)
        assert all(text.count(b"event: ") == 3 and b"retry: 2000" in text for text in heard)
        assert b"content-type: text/event-stream" in heard[0]
        assert connections_of(server) == 0
        assert server.get("/me/", {"Cookie": f"sessionid={session_key}"}) == (200, "probe-person")

        publish("dashboard", "function-7")
        assert all(b"function-7" not in text for text in hear(streams, published))

        server.process.terminate()
        assert server.process.wait(8) in (0, -15)
        assert "Error" not in server.said()
    for stream in streams:
        stream.close()


def hear(streams: list[socket.socket], words: bytes) -> list[bytes]:
    """What each stream says, until all have said `words`."""
    heard = {stream.fileno(): b"" for stream in streams}
    deadline = time.monotonic() + 60
    with selectors.DefaultSelector() as selector:
        for stream in streams:
            selector.register(stream, selectors.EVENT_READ, stream)
        while selector.get_map() and time.monotonic() < deadline:
            for key, _ in selector.select(0.5):
                heard[key.fd] += key.data.recv(65536)
                if words in heard[key.fd]:
                    selector.unregister(key.fd)
    assert all(words in text for text in heard.values())
    return list(heard.values())


def connections_of(server: Server) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s",
            [f"probe-{server.port}"],
        )
        return int(cursor.fetchone()[0])


def publish(*topics: str) -> None:
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.publish(live.channel(), json.dumps(topics))
