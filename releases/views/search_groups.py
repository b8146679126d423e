"""What the search finds, for one person, in groups: as many queries however much there is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Exists, Model, OuterRef, Prefetch, Q, QuerySet, TextField
from django.db.models.fields.json import HasKey
from django.db.models.functions import Cast

from accounts.models import User
from releases.hashes import Hash, hash_in
from releases.models import Artifact, Function, Release, Version, sees_everything
from releases.models.functions import GONE
from releases.numbers import release_number, whole_number

LONGEST = 300
VERSION = re.compile(r"(?P<name>[A-Za-z0-9_-]*?)[\s:]+v?(?P<number>\d{1,9})", re.IGNORECASE)
ARN = re.compile(r"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:(?P<name>[A-Za-z0-9_-]+)"
                 r"(:(?P<qualifier>[\w$-]+))?")  # fmt: skip
COMMIT = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Group:
    """Some of what was found of one kind. `more`: that there is more than is shown."""

    title: str
    kind: str
    rows: Sequence[Model]
    more: bool = False

    @property
    def count(self) -> str:
        return f"{len(self.rows)}{'+' if self.more else ''}"


@dataclass(frozen=True)
class Found:
    text: str
    hash: Hash | None = None
    artifact: Artifact | None = None
    groups: list[Group] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.groups)


def find(text: str, person: User, *, most: int) -> Found:
    """At most eight queries, and one more for somebody who sees a part."""
    text = text.strip()[:LONGEST]
    if not text:
        return Found("")
    if digest := hash_in(text):
        return _by_hash(text, digest, person, most)
    groups = (
        _group("Functions", "function", _functions(text, person), most),
        _group("Releases", "release", _releases(text, person), most),
        _group("Versions", "version", _versions(text, person), most),
        _group("People", "person", _people(text, person), most),
    )
    return Found(text, groups=[each for each in groups if each.rows])


def _group(title: str, kind: str, rows: Iterable[Model] | QuerySet[Model], most: int) -> Group:
    found = list(rows[: most + 1]) if isinstance(rows, QuerySet) else list(rows)
    return Group(title, kind, found[:most], more=len(found) > most)


def _functions(text: str, person: User) -> QuerySet[Function]:
    arn = ARN.fullmatch(text)
    wanted = Q(arn=_unqualified(text)) if arn else Q(name__icontains=text)
    return Function.objects.visible_to(person).with_environment().with_running_code().filter(wanted)


def _unqualified(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _releases(text: str, person: User) -> QuerySet[Release]:
    number = release_number(text)
    wanted = Q(pk=number) if number is not None else Q(pk__in=[])
    if COMMIT.fullmatch(text):
        wanted |= Q(git_commit__startswith=text.lower())
    words = WORD.findall(text)
    rows = Release.objects.visible_to(person).for_list()
    if words and number is None:
        asked = " & ".join(f"{word}:*" for word in words)
        query = SearchQuery(asked, search_type="raw", config="simple")
        # The very expression of the index.
        rows = rows.alias(words=SearchVector("description", config="simple"))
        wanted |= Q(words=query)
    return rows.filter(wanted).order_by("-pk")


def _versions(text: str, person: User) -> QuerySet[Version]:
    """`checkout v42`, `checkout:42` or a version's ARN."""
    arn, named = ARN.fullmatch(text), VERSION.fullmatch(text)
    if arn and whole_number(arn["qualifier"] or ""):
        of_function = Q(function__arn=_unqualified(text), number=int(arn["qualifier"]))
    elif named and named["name"]:
        of_function = Q(function__name__icontains=named["name"], number=int(named["number"]))
    else:
        return Version.objects.none()
    return _visible_versions(person).filter(of_function).order_by("function__name", "pk")


def _visible_versions(person: User) -> QuerySet[Version]:
    rows = Version.objects.select_related("function__environment", "release")
    if sees_everything(person):
        return rows
    return rows.filter(function__in=Function.objects.visible_to(person).order_by())


def _people(text: str, person: User) -> QuerySet[User]:
    """For whoever sees everything: a part of it tells who works on the rest."""
    if not sees_everything(person):
        return User.objects.none()
    name = Q(username__icontains=text) | Q(first_name__icontains=text)
    return User.objects.filter(name | Q(last_name__icontains=text)).order_by("username")


def _is_live(versions: QuerySet[Version]) -> Exists:
    """Whether the live alias leads to one of these, by a weight alone, too."""
    weighted = HasKey(OuterRef("live_weights"), Cast("number", TextField()))
    mine = versions.filter(function=OuterRef("pk"))
    return Exists(mine.filter(Q(number=OuterRef("live_version")) | Q(weighted)))


def _by_hash(text: str, digest: Hash, person: User, most: int) -> Found:
    """Where that content runs, which versions have it, and which releases brought it."""
    codes = digest.code_sha256
    functions = Function.objects.visible_to(person).with_environment().with_running_code()
    functions = functions.exclude(poll_problem=GONE)
    with_it = Version.objects.filter(code_sha256__in=codes)
    by_version = functions.filter(_is_live(with_it)).prefetch_related(
        Prefetch("versions", with_it, to_attr="with_this_content")
    )
    # Without an alias, or with one that points there.
    callers_use_it = Q(live_version=None, running_code__in=codes)
    holding = functions.filter(latest_code_sha256__in=codes)
    by_latest = holding.filter(callers_use_it)
    running = [*by_version[: most + 1], *by_latest[: most + 1]]
    on_latest = holding.exclude(callers_use_it)
    versions = _visible_versions(person).filter(code_sha256__in=codes).order_by("-pk")
    of_artifact = Q(artifact__code_sha256__in=codes) | Q(artifact__sha256=digest.hex)
    releases = Release.objects.visible_to(person).for_list().filter(of_artifact).order_by("-pk")
    groups = (
        _group("Live with this content", "function", running, most),
        _group("On $LATEST", "function", on_latest, most),
        _group("Versions with this content", "version", versions, most),
        _group("Releases of it", "release", releases, most),
    )
    shown = [each for each in groups if each.rows]
    artifact = next((each.artifact for each in groups[3].rows if isinstance(each, Release)), None)
    return Found(text, digest, artifact, shown)
