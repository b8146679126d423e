"""Every attempt leaves its row: whoever may, and whoever may not; looking leaves none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from releases.models import AuditEvent
from tests.attempt_scene import Address, Attempt, Scene
from tests.attempts import ADDRESSES
from tests.undrawn import undrawn
from tests.world import World

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
ARGUMENT = re.compile(r"<(\w+):\w+>")
SOME = {"int": "0", "uuid": "00000000-0000-4000-8000-000000000000", "str": "x", "path": "0"}
# What a request may write besides the history, whatever comes of it.
ASIDE = {"releases_auditevent", "django_session", "cache", "cache_diffs"}
PLAIN = sorted(name for name, address in ADDRESSES.items() if not address.in_aws)
IN_AWS = sorted(ADDRESSES.keys() - set(PLAIN))


def routes(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Every address of the site: by its name, or its route where it has none."""
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each, route, f"{each.app_name}:" if each.app_name else space)
        elif isinstance(each, URLPattern):
            yield (f"{space}{each.name}" if each.name else route), route


def send(client: Client, name: str, address: Address, attempt: Attempt) -> HttpResponseBase:
    path = reverse(name, args=attempt.args) + attempt.query
    if attempt.body is not None:
        answer = client.generic(address.method, path, attempt.body, "application/octet-stream")
    else:
        answer = client.post(path, attempt.data)
    if isinstance(answer, StreamingHttpResponse):
        assert list(answer)
    assert isinstance(answer, HttpResponseBase)
    return answer


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def rows() -> list[Any]:
    """How many rows every table has, and a number that changes with each of them."""
    tables = sorted(set(connection.introspection.table_names()) - ASIDE)
    each = "SELECT '{0}', count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM {0} t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each.format(table) for table in tables))
        return list(cursor.fetchall())


def test_every_address_that_takes_more_than_a_look_is_attempted_here(
    client_for: ClientFor, admin: User
) -> None:
    taken = set()
    # Signing out last: whoever is signed out is refused at every address.
    for name, route in sorted(routes(get_resolver()), key=lambda each: each[0] == "account_logout"):
        path = "/" + ARGUMENT.sub(lambda found: SOME[found[1]], route)
        client = client_for(admin)
        with undrawn():
            if any(client.generic(method, path).status_code != 405 for method in UNSAFE):
                taken.add(name)
    assert taken == ADDRESSES.keys()


@pytest.mark.parametrize("name", PLAIN)
def test_whoever_may_leaves_a_row(client_for: ClientFor, name: str) -> None:
    attempted(client_for, name, Scene())


@pytest.mark.parametrize("name", IN_AWS)
def test_whoever_may_leaves_a_row_of_what_aws_did(
    client_for: ClientFor, world: World, name: str
) -> None:
    attempted(client_for, name, Scene(world))
    assert AuditEvent.objects.exclude(aws_request_ids=[]).exists()


def attempted(client_for: ClientFor, name: str, scene: Scene) -> None:
    address = ADDRESSES[name]
    attempt = address.make(scene)
    client = client_for(scene.people[address.by]) if address.by in scene.people else Client()
    if attempt.first:
        client.post(reverse(attempt.first[0]), attempt.first[1])
    if attempt.session:
        session = client.session
        session.update(attempt.session)
        session.save()
        client.cookies["sessionid"] = str(session.session_key)
    before = AuditEvent.objects.count()
    answer = send(client, name, address, attempt)
    fresh = AuditEvent.objects.order_by("pk")[before:]
    assert answer.status_code in (200, 201, 302), (name, answer.status_code)
    assert fresh, "the action left no row"
    assert not [each.action for each in fresh if "refused" in each.action]
    # Whatever the click caused at once is one story.
    assert len({each.request_id for each in fresh}) == 1


def test_whoever_may_not_leaves_a_row_and_nothing_else(client_for: ClientFor) -> None:
    scene = Scene()
    viewer, nobody = client_for(scene.people["viewer"]), Client()
    # Some are for everybody, and some for whoever is not signed in.
    others = {name for name, each in ADDRESSES.items() if each.open_to_all or each.by == "nobody"}
    for name in sorted(ADDRESSES.keys() - others - {"account_logout"}):
        address = ADDRESSES[name]
        attempt = address.make(scene)
        before, told = rows(), events()
        with undrawn():
            send(nobody, name, address, attempt)
        viewer.get(reverse(name, args=attempt.args))
        assert events() == told, f"{name}: looking, or a stranger, left a row"
        with undrawn():
            answer = send(viewer, name, address, attempt)
        # 404: what somebody else keeps for themselves.
        assert answer.status_code in (403, 404, 409), (name, answer.status_code)
        (refused,) = events()[len(told) :]
        assert refused.endswith(("refused", "not_taken")), name
        assert AuditEvent.objects.latest("pk").actor_name == "viewer"
        assert rows() == before, name
