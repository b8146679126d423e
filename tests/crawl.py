"""Every page that one person can reach, and everything that is stored."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from redis import Redis

LINK = re.compile(r'(?:href|hx-get)="([^"#]*)')
# Signing out would end the walk.
LEFT_OUT = re.compile(r"/accounts/logout/|/static/|/live/")


def pages(client: Client, *, start: str = "/", each: int = 12) -> dict[str, str]:
    """What each address answers, from `start` on, over links and parts that fetch themselves.

    Of addresses that differ in the values of their query alone, one: every filter of every list
    leads to every other. Of one kind of page `each` are enough.
    """
    found: dict[str, str] = {}
    counts: Counter[str] = Counter()
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [start]
    while waiting:
        address = waiting.pop()
        parts = urlsplit(address)
        kind = parts.path, frozenset(list(parse_qs(parts.query))[-1:])
        if kind in seen or LEFT_OUT.match(address):
            continue
        seen.add(kind)
        try:
            view = resolve(parts.path).route
        except Resolver404:
            view = ""
        counts[view] += 1
        if counts[view] > each:
            continue
        answer = client.get(address)
        found[address] = body_of(answer).decode(errors="replace")
        if "html" in answer.headers.get("Content-Type", ""):
            linked = (urljoin(address, unescape(each)) for each in LINK.findall(found[address]))
            waiting += [each for each in linked if not urlsplit(each).netloc]
        if "Location" in answer.headers:
            waiting.append(answer.headers["Location"])
    return found


def body_of(answer: Any) -> bytes:
    if isinstance(answer, StreamingHttpResponse):
        return b"".join(answer)
    return bytes(answer.content)


def tables() -> Iterator[tuple[str, str]]:
    """Every table, all of its rows as text; what is packed in a cell is unpacked beside it."""
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{name}" t')
            yield name, "\n".join(row[0] for row in cursor.fetchall())
    for session in Session.objects.all():
        yield "session data", repr(session.get_decoded())
    for name in ("cache", "cache_diffs"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT value FROM {name}")
            yield from ((name, _unpacked(row[0])) for row in cursor.fetchall())


def _unpacked(text: str) -> str:
    try:
        return base64.b64decode(text).decode("latin-1")
    except binascii.Error:
        return text


def redis() -> Iterator[tuple[str, str]]:
    """Every key of this test run, with all that it holds, unpacked where RQ packed it."""
    with Redis.from_url(settings.REDIS_URL) as store:
        for key in store.scan_iter("*"):
            yield key.decode(), repr(_held(store, key))


def _held(store: Any, key: bytes) -> list[Any]:
    kind = store.type(key).decode()
    if kind == "hash":
        return [_inflated(each) for pair in store.hgetall(key).items() for each in pair]
    reads: dict[str, Callable[[], Any]] = {
        "string": lambda: [store.get(key)],
        "list": lambda: store.lrange(key, 0, -1),
        "set": lambda: list(store.smembers(key)),
        "zset": lambda: store.zrange(key, 0, -1),
        "stream": lambda: store.xrange(key),
    }
    return list(reads[kind]())


def _inflated(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value
