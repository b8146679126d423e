"""One Redis subscription per process, and who in it is waiting for which topics."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from config import live_people, live_scopes
from config.live_listener import Listener
from releases import live

logger = logging.getLogger(__name__)

SILENCE_SECONDS = 5.0
FIRST_ANSWER_SECONDS = 1.0
BACKOFF_SECONDS = (0.25, 5.0)


class Hub:
    """The open streams of this process. Lives on the event loop; starts with the first stream."""

    def __init__(self, *, recheck_every: float = 15.0) -> None:
        self.listeners: set[Listener] = set()
        self._recheck_every = recheck_every
        self._tasks: list[asyncio.Task[None]] = []
        self._answered = asyncio.Event()
        self._people_changed = asyncio.Event()
        self._is_up = False
        self._is_closing = False
        # Few threads, so that a thousand reconnecting browsers are never many connections.
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="live")

    async def signed_in(self, session_keys: set[str]) -> dict[str, int]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, live_people.signed_in, session_keys)

    async def look(self, listeners: Collection[Listener]) -> None:
        """Let each listen to what its person may see now. One query where all see everything."""
        follow: dict[int, list[frozenset[str]]] = {}
        for each in listeners:
            follow.setdefault(each.person, []).append(each.asked)
        loop = asyncio.get_running_loop()
        sights = await loop.run_in_executor(self._threads, live_scopes.sights_of, follow)
        for each in listeners:
            each.see(sights.get(each.person))

    async def join(self, listener: Listener) -> None:
        """Let `listener` hear of everything from now on."""
        self.listeners.add(listener)
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._watch())]
        try:
            async with asyncio.timeout(FIRST_ANSWER_SECONDS):
                await self._answered.wait()
        except TimeoutError:
            logger.warning("Redis has not answered yet; pages are live when it does")
        if self._is_up:
            # Its page may have been made a moment before Redis was back.
            listener.say_live()
        else:
            listener.pause()
        if self._is_closing:
            listener.end()

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)

    def close(self) -> None:
        """End every stream: the server waits for open connections before it stops."""
        self._is_closing = True
        for listener in self.listeners:
            listener.end()

    async def stop(self) -> None:
        self.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._threads.shutdown(wait=False)

    # --- Redis

    async def _follow(self) -> None:
        shortest, longest = BACKOFF_SECONDS
        pause = shortest
        while True:
            try:
                client = Redis.from_url(
                    settings.REDIS_URL,
                    client_name=live.channel(),
                    socket_connect_timeout=2,
                    retry=Retry(NoBackoff(), 0),
                    health_check_interval=0,
                )
                async with client, client.pubsub() as subscription:
                    await subscription.subscribe(live.channel())
                    await self._relay(subscription)
            except (RedisError, OSError, ValueError) as error:
                pause = shortest if self._is_up else min(pause * 2, longest)
                self._went_down(error)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311

    async def _relay(self, subscription: PubSub) -> None:
        """Pass on what comes, until the connection breaks or is silent twice in a row."""
        silences = 0
        while silences < 2:
            message = await subscription.get_message(timeout=SILENCE_SECONDS)
            if message is None:
                silences += 1
                await subscription.ping()
                continue
            silences = 0
            if message["type"] == "subscribe":
                self._came_up()
            elif message["type"] == "message":
                self._tell(json.loads(message["data"]))
        raise ConnectionError("no answer to a ping")

    def _came_up(self) -> None:
        self._is_up = True
        self._answered.set()
        for listener in self.listeners:
            listener.resume()

    def _went_down(self, error: Exception) -> None:
        if self._is_up or not self._answered.is_set():
            logger.warning("Pages are not live while Redis is away: %s", error)
            for listener in self.listeners:
                listener.pause()
        self._is_up = False
        self._answered.set()

    def _tell(self, topics: list[str]) -> None:
        if live.PEOPLE_CHANGED in topics:
            self._people_changed.set()
        for listener in self.listeners:
            listener.tell(set(topics))

    # --- people

    async def _watch(self) -> None:
        """Sign streams out whose person is no longer signed in, and limit the others to what theirs
        may see. One thread asks for all.

        From time to time, and at once when somebody was signed out or sees something else.
        """
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._recheck_every):
                    await self._people_changed.wait()
            # Before it asks: what changes meanwhile is asked for in the next round.
            self._people_changed.clear()
            keys = {listener.session_key for listener in self.listeners}
            try:
                people = await self.signed_in(keys)
                await self.look(list(self.listeners))
            except DatabaseError as error:
                # The streams carry names of topics only; the pages behind them need the database.
                logger.warning("Could not tell who is still signed in: %s", error)
                continue
            for listener in self.listeners:
                if listener.session_key in keys - people.keys():
                    listener.end("signed-out")
