"""What tests begin from, done once for real and put back from then on.

A release on its way to approval takes a third of a second of the ORM's time, and hundreds of tests
begin with one. A function marked with `@kept` is a way from the fresh world that the fixture
`world` gives to such a beginning. The first test to take it takes it for real; what the database,
Lambda and the artifact store hold at its end is put back for those that come within two minutes,
so that no time stamp is much older than the test. Where anything is not as usual (patched code,
frozen time, faults, calls made before, people of the test's own), the way is taken for real.
"""

from __future__ import annotations

import inspect
import io
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import pytest
import time_machine
from django.conf import settings

from sandbox.aws import Timing
from tests import roles
from tests.world import FIRST, World

P = ParamSpec("P")
T = TypeVar("T")
SECONDS = 120
# Of each test its own, and no part of what a way does.
OWN_SETTINGS = {"SLUICE_AWS_ENDPOINT", "ARTIFACT_ROOT", "STORAGES"}
# There before the way begins; what it adds to them is none of its business.
GIVEN = (
    "accounts_user",
    "auth_permission",
    "cache",
    "cache_diffs",
    "django_content_type",
    "django_session",
    "releases_environment",
)


@dataclass(frozen=True)
class Kept:
    made_at: float
    rows: str
    aws: bytes
    artifacts: dict[Path, bytes]
    value: bytes


_kept: dict[str, Kept] = {}
# The patches of the test that runs: a way through patched code leads elsewhere.
patches: list[pytest.MonkeyPatch] = []


def kept(way: Callable[P, T]) -> Callable[P, T]:
    """Put back where `way` led before, if it begins at the same place with the same arguments.

    Its first argument is the world.
    """

    signature = inspect.signature(way)

    @wraps(way)
    def walked(*args: P.args, **kwargs: P.kwargs) -> T:
        world = cast(World, args[0])
        surroundings = _surroundings(world)
        if surroundings is None:
            return way(*args, **kwargs)
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given_with = list(bound.arguments.items())[1:]
        key = f"{way.__module__}.{way.__qualname__}{given_with}{surroundings}"
        found = _kept.get(key)
        if found and time.monotonic() - found.made_at < SECONDS:
            return cast(T, _put_back(found, world))
        given = _given()
        value = way(*args, **kwargs)
        assert _given() == given, f"{way.__name__} changes people or environments"
        _kept[key] = _keep(world, value)
        return value

    return walked


def _surroundings(world: World) -> str | None:
    """Whatever else a way may depend on; None if it has to be walked."""
    aws = world.aws
    patched = _patched()
    if patched is None or time_machine.escape_hatch.is_travelling() or aws.calls.find():
        return None
    if aws.faults.describe() or aws.timing != Timing(in_progress=0.0) or not world.is_usual:
        return None
    beginning = roles.owner().execute(_beginning(), prepare=True).fetchone()
    if not beginning or not beginning[0]:
        return None
    return repr((patched, _changed_settings(), world.alias, world.name, world.seeds, beginning))


@cache
def _beginning() -> bytes:
    """Whether nothing is there yet, and what tests may have changed of the World's own rows."""
    rows = " OR ".join(f"EXISTS (SELECT FROM {table})" for table in _added_to())
    return f"""
        SELECT NOT ({rows}),
            (SELECT json_agg(to_jsonb(u) - '{{password,last_login,date_joined}}'::text[]
                             ORDER BY id)::text
             FROM accounts_user u WHERE id >= {FIRST}),
            (SELECT json_agg(to_jsonb(e) - '{{external_id,created_at}}'::text[] ORDER BY id)::text
             FROM releases_environment e)
    """.encode()


def _added_to() -> list[str]:
    return [table for table in roles.tables() if table not in GIVEN]


def _patched() -> list[str] | None:
    """The patches by their values; None if one is of code, which no text tells from another."""
    found = []
    for each in patches:
        if each._setitem:
            return None
        for target, name, _ in each._setattr:
            text = repr(getattr(target, name))
            if "<" in text:
                return None
            found.append(f"{target!r}.{name}={text}")
    return found


def _changed_settings() -> list[tuple[str, object]]:
    changed: dict[str, object] = {}
    layer: Any = settings._wrapped  # type: ignore[misc]
    while hasattr(layer, "default_settings"):
        changed = {k: v for k, v in vars(layer).items() if k.isupper()} | changed
        layer = layer.default_settings
    return sorted((k, v) for k, v in changed.items() if k not in OWN_SETTINGS)


# --- keeping ------------------------------------------------------------------
def _given() -> list[object]:
    tables = ", ".join(f"(SELECT json_agg(row)::text FROM {table} AS row)" for table in GIVEN)
    return list(roles.owner().execute(f"SELECT {tables}").fetchone() or ())


def _rows() -> list[str]:
    """SQL that adds the rows there are but for those given."""
    tables = _added_to()
    each = ", ".join(f"(SELECT quote_literal(json_agg(row)::text) FROM {t} AS row)" for t in tables)
    found = roles.owner().execute(f"SELECT {each}").fetchone() or ()
    return [
        f"INSERT INTO {table} ({roles.columns(table)}) SELECT {roles.columns(table)}"
        f" FROM json_populate_recordset(NULL::{table}, {rows})"
        for table, rows in zip(tables, found, strict=True)
        if rows
    ]


def _keep(world: World, value: object) -> Kept:
    root = Path(settings.ARTIFACT_ROOT)
    buffer = io.BytesIO()
    _Pickler(buffer).dump((value, world.moved_on))
    return Kept(
        made_at=time.monotonic(),
        rows="; ".join(_rows()),
        aws=world.aws.saved(),
        artifacts={p.relative_to(root): p.read_bytes() for p in root.rglob("*") if p.is_file()},
        value=buffer.getvalue(),
    )


def _put_back(found: Kept, world: World) -> object:
    with roles.past_triggers() as owner:
        owner.execute(found.rows.encode())
    world.aws.restore(found.aws)
    for path, content in found.artifacts.items():
        target = Path(settings.ARTIFACT_ROOT) / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    unpickler = _Unpickler(io.BytesIO(found.value))
    unpickler.world = world
    value, moved_on = unpickler.load()
    vars(world).update(moved_on)
    return value


class _Pickler(pickle.Pickler):
    def persistent_id(self, found: object) -> str | None:
        return "world" if isinstance(found, World) else None


class _Unpickler(pickle.Unpickler):
    """The test's own world takes the place of the one that was kept."""

    world: World

    def persistent_load(self, _: object) -> World:
        return self.world
