"""Promises of live pages: what is published when, and what an open stream says."""

import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from redis import Redis
from redis.client import PubSub

from config import live_people
from config.asgi_types import Message
from config.live_hub import Hub
from config.live_listener import Listener
from config.live_stream import LiveStream
from releases import broker, live

Scenario = Callable[["Browser"], Awaitable[None]]


@pytest.fixture(autouse=True)
def redis_was_not_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_down_until", 0.0)


@pytest.fixture
def subscriber(settings: Any) -> Iterator[PubSub]:
    with Redis.from_url(settings.REDIS_URL) as redis, redis.pubsub() as pubsub:
        pubsub.subscribe(live.channel())
        assert pubsub.get_message(timeout=2)
        yield pubsub


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Who is signed in, by session key."""
    signed_in = {"alices-session": 1}
    monkeypatch.setattr(
        live_people, "signed_in", lambda keys: {k: signed_in[k] for k in keys if k in signed_in}
    )
    return signed_in


def closed_port() -> int:
    with socket.socket() as chooser:
        chooser.bind(("127.0.0.1", 0))
        return int(chooser.getsockname()[1])


class Browser:
    """One EventSource without a network: what the stream said to it, and when it left."""

    def __init__(self, app: LiveStream, topics: str) -> None:
        self._app = app
        self._scope = {
            "type": "http",
            "method": "GET",
            "query_string": f"topics={topics}".encode(),
            "headers": [(b"host", b"127.0.0.1"), (b"cookie", b"sessionid=alices-session")],
        }
        self.heard = ""
        self.is_ended = False
        self.leaves = asyncio.Event()

    async def run(self) -> None:
        await self._app(self._scope, self._receive, self._send)

    async def _receive(self) -> Message:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.heard += message.get("body", b"").decode()
        self.is_ended = message.get("more_body") is False

    async def hears(self, words: str) -> None:
        async with asyncio.timeout(5):
            while words not in self.heard:
                await asyncio.sleep(0.01)

    def forget(self) -> None:
        self.heard = ""


def with_stream(scenario: Scenario, topics: str = "dashboard,release-12", **hub: float) -> Browser:
    """Run `scenario` on an open stream, then end the stream and the hub."""

    async def run() -> Browser:
        own_hub = Hub(recheck_every=hub.get("recheck_every", 60))
        app = LiveStream(own_hub, heartbeat_every=hub.get("heartbeat_every", 60))
        browser = Browser(app, topics)
        stream = asyncio.create_task(browser.run())
        try:
            await scenario(browser)
        finally:
            await own_hub.stop()
            async with asyncio.timeout(2):
                await stream
        assert not own_hub.listeners
        return browser

    return asyncio.run(run())


def publish(url: str, *topics: str) -> None:
    with Redis.from_url(url) as redis:
        redis.publish(live.channel(), json.dumps(topics))


# --- changed()


@pytest.mark.django_db
def test_topics_are_published_after_the_commit(
    subscriber: PubSub, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        live.changed("release-12", "dashboard", "release-12")
        assert subscriber.get_message(timeout=0.1) is None
    message = subscriber.get_message(timeout=2)
    assert json.loads(message["data"]) == ["dashboard", "release-12"]


@pytest.mark.django_db
def test_what_is_rolled_back_is_not_published(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        live.changed("dashboard")
        transaction.set_rollback(True)
    assert callbacks == []


@pytest.mark.django_db
def test_a_redis_that_is_down_is_asked_once_and_raises_nothing(
    settings: Any, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"
    with django_capture_on_commit_callbacks(execute=True):
        live.changed("dashboard")
        live.changed("audit")
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_redis_that_says_nothing_holds_nobody_up(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        started = time.monotonic()
        assert broker.tell("a question", lambda redis: redis.ping()) is False
        assert broker.tell("a question", lambda redis: redis.ping()) is False
        assert time.monotonic() - started < 4


@pytest.mark.parametrize(
    ("topic", "is_one"),
    [
        ("dashboard", True),
        ("intake-8b1c3c6e-0000-4000-8000-0123456789ab", True),
        ("function-7", True),
        ("release-0", False),
        ("release-12\nevent", False),
        ("DASHBOARD", False),
        ("", False),
    ],
)
def test_only_topics_are_topics(topic: str, is_one: bool) -> None:
    assert bool(live.TOPIC.fullmatch(topic)) is is_one


# --- an open stream


def test_a_stream_catches_up_then_says_what_changed(settings: Any, people: dict[str, int]) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.hears("event: release-12\ndata: {}\n\n")
        # Whatever the page was told when it was made: updates are live now.
        first = "retry: 2000\n\nevent: resumed\ndata: {}\n\nevent: dashboard\ndata: {}\n\n"
        assert browser.heard.startswith(first)
        browser.forget()
        publish(settings.REDIS_URL, "function-7", "release-12")
        publish(settings.REDIS_URL, "release-12")
        await browser.hears("event: release-12\n")
        await asyncio.sleep(0.1)
        assert browser.heard.count("event:") == 1

    with_stream(scenario)


def test_a_stream_without_news_beats(people: dict[str, int]) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.hears(": still here\n\n")

    with_stream(scenario, heartbeat_every=0.1)


def test_a_stream_ends_when_its_person_signs_out(people: dict[str, int]) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.hears("event: release-12")
        people.clear()
        await browser.hears("event: signed-out\ndata: {}\n\n")
        assert browser.is_ended

    with_stream(scenario, recheck_every=0.1)


def test_a_stream_says_when_redis_goes_and_comes(settings: Any, people: dict[str, int]) -> None:
    real = settings.REDIS_URL
    settings.REDIS_URL = f"redis://127.0.0.1:{closed_port()}/0"

    async def scenario(browser: Browser) -> None:
        await browser.hears("event: paused")
        await browser.hears("event: release-12")
        browser.forget()
        settings.REDIS_URL = real
        await browser.hears("event: resumed\ndata: {}\n\nevent: dashboard")
        await browser.hears("event: release-12")

    with_stream(scenario)


def test_a_stream_survives_a_broken_redis_connection(settings: Any, people: dict[str, int]) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.hears("event: release-12")
        browser.forget()
        with Redis.from_url(settings.REDIS_URL) as redis:
            for client in redis.client_list(_type="pubsub"):
                if client["name"] == live.channel():
                    redis.client_kill_filter(_id=client["id"])
        await browser.hears("event: resumed\ndata: {}\n\nevent: dashboard")

    with_stream(scenario)


def test_a_stream_ends_with_the_server(people: dict[str, int]) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.hears("event: release-12")

    assert with_stream(scenario).is_ended


def test_a_stream_ends_with_its_browser(people: dict[str, int]) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.hears("event: release-12")
        browser.leaves.set()
        async with asyncio.timeout(2):
            while not browser.is_ended:
                await asyncio.sleep(0.01)

    with_stream(scenario)


def test_a_slow_reader_is_told_everything_once() -> None:
    listener = Listener(frozenset({"dashboard", "audit"}), "key")
    for _ in range(1000):
        listener.tell({"audit", "release-1"})
        listener.pause()
        listener.resume()
    assert listener.take() == ["resumed", "audit", "dashboard"]
    assert listener.take() == []


def test_a_stream_ends_at_once_when_its_person_is_signed_out(
    settings: Any, people: dict[str, int]
) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.hears("release-12")
        people.clear()
        publish(settings.REDIS_URL, live.PEOPLE_CHANGED)
        await browser.hears("signed-out")

    # Nobody looks by itself for a minute.
    assert with_stream(scenario, recheck_every=60).is_ended


def test_a_stream_of_somebody_else_goes_on(settings: Any, people: dict[str, int]) -> None:
    async def scenario(browser: Browser) -> None:
        await browser.hears("release-12")
        browser.forget()
        publish(settings.REDIS_URL, live.PEOPLE_CHANGED)
        publish(settings.REDIS_URL, "release-12")
        await browser.hears("release-12")

    assert "signed-out" not in with_stream(scenario, recheck_every=60).heard


def test_nobody_follows_who_is_signed_out() -> None:
    assert not live.TOPIC.fullmatch(live.PEOPLE_CHANGED)
