"""Streams tell nobody of what does not exist for them."""

from __future__ import annotations

import asyncio
import json

import pytest
from django.conf import settings
from redis import Redis

from accounts.models import Role, User
from config import live_people, live_scopes
from config.live_hub import Hub
from config.live_listener import Listener
from config.live_scopes import Sight, sights_of
from releases import live
from tests.factories import FunctionFactory, ReleaseFactory, UserFactory
from tests.scopes import within

pytestmark = pytest.mark.django_db(transaction=True)


def heard(listener: Listener, *messages: set[str]) -> list[str]:
    listener.take()
    for topics in messages:
        listener.tell(topics)
    return listener.take()


def test_a_page_hears_of_the_functions_in_scope_and_of_no_other() -> None:
    mine, other = FunctionFactory.create(), FunctionFactory.create()
    my, theirs = (ReleaseFactory.create(function=function) for function in (mine, other))
    person = within(mine, Role.DEVELOPER)
    asked = frozenset(
        {"dashboard", f"release-{my.pk}", f"release-{theirs.pk}", f"function-{other.pk}"}
    )
    sight = sights_of({person.pk: [asked]})[person.pk]
    assert sight.topics == {"dashboard", f"release-{my.pk}"}
    listener = Listener(asked, "key", person.pk)
    listener.see(sight)
    of_other = {"audit", "dashboard", f"function-{other.pk}", f"release-{theirs.pk}"}
    assert heard(listener, of_other) == []
    of_mine = {"audit", "dashboard", f"function-{mine.pk}", f"release-{my.pk}"}
    assert heard(listener, of_mine) == ["dashboard", f"release-{my.pk}"]
    assert heard(listener, {"dashboard"}) == ["dashboard"]


def test_what_is_taken_is_not_heard_any_more_and_what_is_given_is() -> None:
    listener = Listener(frozenset({"function-1"}), "key", 1)
    listener.see(Sight(frozenset(), frozenset()))
    assert heard(listener, {"function-1"}) == []
    listener.see(Sight(frozenset({"function-1"}), frozenset({"function-1"})))
    assert heard(listener, {"function-1"}) == ["function-1"]


def test_whoever_sees_everything_is_not_asked_about() -> None:
    person: User = UserFactory.create(role=Role.VIEWER)
    assert sights_of({person.pk: [frozenset({"function-1"})]}) == {}


def test_an_open_stream_is_limited_at_once_when_roles_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live_people, "signed_in", lambda keys: {"key": 1})
    limited = {1: Sight(frozenset(), frozenset({"dashboard"}))}
    monkeypatch.setattr(live_scopes, "sights_of", lambda follow: limited)

    async def scenario() -> list[str]:
        # Nobody looks by itself for a minute.
        hub = Hub(recheck_every=60)
        listener = Listener(frozenset({"dashboard", "release-12"}), "key", 1)
        await hub.join(listener)
        listener.take()
        with Redis.from_url(settings.REDIS_URL) as redis:
            redis.publish(live.channel(), json.dumps([live.PEOPLE_CHANGED]))
        async with asyncio.timeout(5):
            while listener.topics != {"dashboard"}:
                await asyncio.sleep(0.01)
        listener.tell({"release-12"})
        listener.tell({"dashboard"})
        await hub.stop()
        return listener.take()

    assert asyncio.run(scenario()) == ["dashboard"]
