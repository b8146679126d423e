"""One open stream, as the hub sees it: what it follows and what it has yet to say."""

import asyncio

from config.live_scopes import Sight


class Listener:
    """One open stream and what it has yet to say: a set, so a slow reader makes nothing grow."""

    def __init__(self, topics: frozenset[str], session_key: str, person: int = 0) -> None:
        self.asked = self.topics = topics
        self.session_key = session_key
        self.person = person
        # Of what there is for somebody who does not see everything; None for all.
        self._functions: frozenset[str] | None = None
        self.is_over = False
        self._is_paused = False
        self._news = ""
        self._changed = set(topics)
        self.wake = asyncio.Event()
        self.wake.set()

    def see(self, sight: Sight | None) -> None:
        """From now on only what `sight` holds; None for everything."""
        self._functions = sight.functions if sight else None
        self.topics = self.asked & sight.topics if sight else self.asked
        self._changed &= self.topics

    def tell(self, topics: set[str]) -> None:
        """What happened to a function that they cannot see did not happen, on no page."""
        if self._functions is not None:
            named = {topic for topic in topics if topic.startswith("function-")}
            if named and not named & self._functions:
                return
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
