"""One open stream, as the hub sees it: what it follows and what it has yet to say."""

import asyncio


class Listener:
    """One open stream and what it has yet to say: a set, so a slow reader makes nothing grow."""

    def __init__(self, topics: frozenset[str], session_key: str) -> None:
        self.topics = topics
        self.session_key = session_key
        self.is_over = False
        self._is_paused = False
        self._news = ""
        self._changed = set(topics)
        self.wake = asyncio.Event()
        self.wake.set()

    def tell(self, topics: set[str]) -> None:
        if mine := self.topics & topics:
            self._changed |= mine
            self.wake.set()

    def pause(self) -> None:
        self._say("paused")
        self._is_paused = True

    def resume(self) -> None:
        """Whatever was published before this moment was missed, so every topic is news."""
        self._changed |= self.topics
        self._say("resumed" if self._is_paused else "")
        self._is_paused = False

    def say_live(self) -> None:
        self._say("resumed")
        self._is_paused = False

    def end(self, news: str = "") -> None:
        self.is_over = True
        self._say(news)

    def _say(self, news: str) -> None:
        self._news = news or self._news
        self.wake.set()

    def take(self) -> list[str]:
        """The names of the events to send now."""
        events = [self._news] * bool(self._news) + sorted(self._changed)
        self._news, self._changed = "", set()
        self.wake.clear()
        return events
