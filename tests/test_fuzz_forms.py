"""Forms filled with rubbish: every address answers, and whatever happened is in the history."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from tests.attempt_scene import Address, Attempt, Scene
from tests.attempts import ADDRESSES
from tests.crawl import body_of
from tests.fuzzing import tried
from tests.test_attempts import IN_AWS, PLAIN, events, rows
from tests.world import World

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
MB = 1 << 20
# The whole run; what one request may leave behind would add up to more.
MEMORY = 200 * MB
RUBBISH = (
    "", " ", "\0", "\n\r\t", "0", "-1", "1e9", "NaN", "\u0663", "\xb2", "9" * 30, str(2**63),
    str(2**31), "true", "None", "null", "[]", "{}", "%s%n", "' OR 1=1 --", "\"; DROP TABLE x;",
    "<script>", "{{ 7|add:7 }}", "../../etc/passwd", "\\\\host\\x", "\u202e\u200b",
    "\U0001f600" * 40, "x" * 5000, "9999-12-31T23:59", "0001-01-01T00:00Z", "2024-02-30", "24:00",
    "javascript:alert(1)", "http://169.254.169.254/", "arn:aws:s3:::x", "::ffff:127.0.0.1",
    "a\u0300" * 200, "\ufeff", "\x7f",
)  # fmt: skip
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"HX-Request": "true"},
    {"HX-Request": "true", "HX-Target": "sheet-place"},
    {"HX-Request": "\xff", "HX-Target": "x" * 4000},
    {"Referer": "http://["},
    {"Referer": "https://evil.example/\r"},
    {"User-Agent": "\xe9" * 3000},
    {"Accept-Language": ",;q=" * 50},
)
TYPES = (
    "application/json",
    "text/xml",
    "text/plain",
    MULTIPART_CONTENT,
    "multipart/form-data",
    "x",
)
QUERIES = ("name=%00", "name=%ff", "function=-1", "function=x")
BODIES = (
    b"",
    b"{",
    b'{"a": 1}',
    b"a=%00&b=%ff",
    b"--" + BOUNDARY.encode(),
    b"\xff" * 300,
    b"&=&" * 500,
)
texts = st.sampled_from(RUBBISH) | st.text(max_size=40)


@st.composite
def rubbish(draw: st.DrawFn) -> Callable[[Attempt], dict[str, Any]]:
    """What becomes of a valid request: some fields replaced, left out, doubled, or added."""
    steps = draw(
        st.lists(st.tuples(st.integers(0, 30), st.sampled_from("rrrlda"), texts), max_size=4)
    )

    def fill(attempt: Attempt) -> dict[str, Any]:
        data = dict(attempt.data)
        for at, step, text in steps:
            names = sorted(data) or ["x"]
            name = names[at % len(names)]
            if step == "l":
                data.pop(name, None)
            elif step == "a":
                data[text[:50] or "x"] = text
            else:
                data[name] = [text, text[::-1]] if step == "d" else text
        return data

    return fill


def sent(client: Client, name: str, attempt: Attempt, how: dict[str, Any]) -> int:
    address: Address = ADDRESSES[name]
    path, headers = reverse(name, args=attempt.args) + attempt.query, how["headers"]
    if how["raw"]:
        kind, body = how["raw"]
        answer = client.generic(how["method"], path, body, kind, headers=headers)
    elif attempt.body is not None:
        query = f"{path}&{'&'.join(how['query'])}" if how["query"] else path
        answer = client.generic(address.method, query, how["body"], "x/y", headers=headers)
    else:
        answer = client.post(path, how["fill"](attempt), headers=headers)
    body_of(answer)
    return int(answer.status_code)


requests = st.fixed_dictionaries(
    {
        "fill": rubbish(),
        "headers": st.sampled_from(HEADERS),
        "method": st.sampled_from(["POST", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
        "raw": st.none() | st.none() | st.tuples(st.sampled_from(TYPES), st.sampled_from(BODIES)),
        "body": st.sampled_from(BODIES),
        "query": st.lists(st.sampled_from(QUERIES), max_size=2),
    }
)  # fmt: skip


def kept() -> list[Any]:
    """All rows but those of comparisons, which looking at a sheet begins, too."""
    return [each for each in rows() if each[0] != "releases_codecomparison"]


def holds(client: Client, name: str, attempt: Attempt, how: dict[str, Any]) -> None:
    before, told = kept(), len(events())
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = sent(client, name, attempt, how)
    fresh = len(events()) - told
    assert status < 500, (name, status)
    # Whatever moved is told, and so is whoever was not let.
    assert fresh or kept() == before, f"{name} changed something and told nobody"
    assert fresh or status != 403 or how["raw"], f"{name} refused somebody and told nobody"
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) * 1024 < MEMORY


@tried(40)
@given(name=st.sampled_from(PLAIN), by=st.sampled_from(["viewer", "", "", ""]), how=requests)
def test_every_form_takes_rubbish(
    client_for: ClientFor, name: str, by: str, how: dict[str, Any]
) -> None:
    with transaction.atomic():
        scene, address = Scene(), ADDRESSES[name]
        who = by or address.by
        client = client_for(scene.people[who]) if who in scene.people else Client()
        holds(client, name, address.make(scene), how)
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", IN_AWS)
def test_every_form_behind_which_aws_answers_takes_rubbish(
    client_for: ClientFor, world: World, name: str
) -> None:
    scene, address = Scene(world), ADDRESSES[name]
    attempt, client = address.make(scene), client_for(scene.people[address.by])

    @tried(3, share=80)
    @given(how=requests)
    def many(how: dict[str, Any]) -> None:
        holds(client, name, attempt, how)

    many()
