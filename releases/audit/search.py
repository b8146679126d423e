"""The filter of the history, as it stands in an address: what it asks for, and the events it finds.

Events are read in the order of their times, which is that of every index here: a filter with a
range of time is one piece of one index. Ids follow the times only nearly.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import BadRequest
from django.db.models import BooleanField, Count, F, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.models import User
from releases.models import AuditEvent, Environment
from releases.numbers import release_number

FILTERS = ("q", "who", "action", "function", "release", "env", "from", "to", "request")
COLUMNS = {"who": "actor_name", "action": "action", "function": "function_name"}
RECENT, ENOUGH = 2_000, 50
COUNTABLE = 10_000
NEWEST_FIRST = ("-at", "-pk")
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Found:
    """The events that match, newest first, and how many of them can be counted in no time."""

    events: QuerySet[AuditEvent]
    countable: int = COUNTABLE


@dataclass(frozen=True)
class Search:
    """What an address asks of the history: each of FILTERS that is there, stripped; and for whom,
    who finds only what they can see."""

    asked: Mapping[str, str]
    person: User

    @classmethod
    def of(cls, given: Mapping[str, str], person: User) -> Search:
        found = {name: given.get(name, "").strip() for name in FILTERS}
        return cls({name: text for name, text in found.items() if text}, person)

    @classmethod
    def of_query(cls, query: str, person: User) -> Search:
        """Of what `query` gave. Raises BadRequest for a NUL, which no text of a database has."""
        given = dict(parse_qsl(query))
        if any("\x00" in text for text in given.values()):
            raise BadRequest("The filter holds a NUL character, which no text has.")
        return cls.of(given, person)

    def __bool__(self) -> bool:
        return bool(self.asked)

    @property
    def query(self) -> str:
        return urlencode(self.asked)

    @property
    def words(self) -> str:
        """The filter in words, for sentences: `who Ines, action release.approved`."""
        return ", ".join(f"{name} {text}" for name, text in self.asked.items()) or "nothing"

    @property
    def begins(self) -> datetime | None:
        return moment(self.asked.get("from", ""))

    @property
    def ends(self) -> datetime | None:
        """The first moment after it: a day or a minute that is named is included."""
        return moment(self.asked.get("to", ""), after=True)

    @property
    def problems(self) -> list[str]:
        """What nothing can match, each in a sentence that says what to write."""
        asked, found = self.asked, []
        if "q" in asked and not WORD.search(asked["q"]):
            found.append(f"“{asked['q']}” holds no word: write letters or digits.")
        if "release" in asked and not release_number(asked["release"]):
            found.append(f"“{asked['release']}” is not a release: write R-1042 or 1042.")
        for name, read in (("from", self.begins), ("to", self.ends)):
            if name in asked and read is None:
                text = "is not a day or a minute: write 2026-11-21 or 2026-11-21T14:05."
                found.append(f"“{asked[name]}” {text}")
        if "request" in asked and request_id(asked["request"]) is None:
            found.append(f"“{asked['request']}” is not the id of a request.")
        if "env" in asked and not self._environment:
            found.append(f"There is no environment “{asked['env']}”.")
        return found

    def events(self) -> QuerySet[AuditEvent]:
        """What matches, newest first; nothing if there are problems."""
        return self.found().events

    def found(self) -> Found:
        events = AuditEvent.objects.visible_to(self.person).order_by(*NEWEST_FIRST)
        if self.problems:
            return Found(events.none())
        events = events.filter(self._equal(), self._between())
        return _with_words(events, self.asked["q"]) if "q" in self.asked else Found(events)

    def _equal(self) -> Q:
        asked, wanted = self.asked, Q()
        for name, column in COLUMNS.items():
            if name in asked:
                wanted &= Q(**{column: asked[name]})
        if "release" in asked:
            wanted &= Q(release_id=release_number(asked["release"]))
        if "request" in asked:
            wanted &= Q(request_id=request_id(asked["request"]))
        if "env" in asked:
            wanted &= Q(environment_id=self._environment)
        return wanted

    @cached_property
    def _environment(self) -> int | None:
        visible = Environment.objects.visible_to(self.person)
        named = visible.filter(name=self.asked["env"])
        return named.values_list("pk", flat=True).first()

    def _between(self) -> Q:
        wanted = Q()
        if self.begins:
            wanted &= Q(at__gte=self.begins)
        if self.ends:
            wanted &= Q(at__lt=self.ends)
        return wanted


def _with_words(events: QuerySet[AuditEvent], text: str) -> Found:
    """Those of `events` that have the words of `text`. One query that reads RECENT rows.

    Common words are met soon enough by reading back in time; rare ones are looked up. PostgreSQL
    cannot tell which of both it is for words together, and the wrong way reads a whole history.
    """
    worded = RawSQL("words @@ audit_looked_for(%s)", [text], BooleanField())
    newest = events.annotate(worded=worded).values("worded")[:RECENT]
    met = newest.aggregate(met=Count("worded", filter=Q(worded=True)))["met"]
    found = events.filter(worded)
    if met >= ENOUGH:
        return Found(found, countable=met * 5)
    return Found(found.order_by((F("at") + timedelta()).desc(), "-pk"))


def moment(text: str, *, after: bool = False) -> datetime | None:
    """A day or a minute in UTC, as a date or datetime-local input writes it; or None.

    `after`: the first moment after that day or minute.
    """
    try:
        if len(text) == len("2026-11-21"):
            found, length = datetime.combine(date.fromisoformat(text), time()), timedelta(days=1)
        else:
            found, length = datetime.strptime(text, "%Y-%m-%dT%H:%M"), timedelta(minutes=1)
        return (found + length if after else found).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def request_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
