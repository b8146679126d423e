"""Anchors: where the chain stood, kept outside the database, so that its end cannot be cut off.

An anchor is a name: the number of a seal and its link. One file each, in a directory or in an S3
bucket whose Object Lock keeps them, written once and never again.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.utils import timezone

from releases.aws import locked_objects
from releases.errors import SluiceError
from releases.models import AuditAnchor, AuditSeal

NAME = re.compile(r"(?P<number>\d{12})-(?P<link>[0-9a-f]{64})\.json")


class AnchorProblem(SluiceError):
    """Anchors cannot be kept or read where SLUICE_AUDIT_ANCHOR says."""


class AnchorsGone(AnchorProblem):
    """Some that were kept there are not any more."""


@dataclass(frozen=True)
class Anchor:
    number: int
    link: bytes
    place: str

    @property
    def name(self) -> str:
        return f"{self.number:012d}-{self.link.hex()}.json"


class Place(Protocol):
    """Where anchors are kept. `names` and `keep` raise AnchorProblem."""

    @property
    def days(self) -> int:
        """For how long each is kept at least; 0 for ever."""

    def names(self) -> list[str]: ...

    def keep(self, name: str, text: str) -> None:
        """Keep it; harmless if it is there already."""


@dataclass(frozen=True)
class Directory:
    path: Path
    days: int = 0

    def __str__(self) -> str:
        return str(self.path)

    def names(self) -> list[str]:
        try:
            return sorted(each.name for each in self.path.iterdir())
        except OSError as error:
            raise AnchorProblem(f"Anchors cannot be read from {self.path}: {error}") from error

    def keep(self, name: str, text: str) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError), (self.path / name).open("x") as file:
                file.write(text)
        except OSError as error:
            raise AnchorProblem(f"The anchor cannot be kept in {self.path}: {error}") from error


@dataclass(frozen=True)
class Bucket:
    bucket: str
    prefix: str
    region: str
    days: int

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def names(self) -> list[str]:
        try:
            keys = locked_objects.names(self.region, self.bucket, self.prefix)
        except locked_objects.BucketProblem as error:
            raise AnchorProblem(f"Anchors cannot be read from {self}: {error}") from error
        return [key.removeprefix(self.prefix) for key in keys]

    def keep(self, name: str, text: str) -> None:
        until = timezone.now() + timedelta(days=self.days) if self.days else None
        try:
            locked_objects.put(
                self.region, self.bucket, self.prefix + name, text.encode(), locked_until=until
            )
        except locked_objects.BucketProblem as error:
            raise AnchorProblem(f"The anchor cannot be kept in {self}: {error}") from error


def anchor_place(address: str | None = None) -> Place | None:
    """Where `address`, or else SLUICE_AUDIT_ANCHOR, points; None if anchors are kept nowhere.

    A directory, or `s3://bucket/prefix?region=eu-west-1&days=3650` (days: locked for so long, else
    as the bucket's own Object Lock says). Raises AnchorProblem.
    """
    address = settings.SLUICE_AUDIT_ANCHOR if address is None else address
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme != "s3":
        return Directory(Path(parts.path if parts.scheme == "file" else address))
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    days = asked.get("days", "0")
    if not parts.netloc or not asked.get("region") or not days.isdecimal():
        raise AnchorProblem(
            f"{address} is no place for anchors: write a directory, or"
            " s3://BUCKET/PREFIX?region=REGION, with &days=DAYS to lock each for so long."
        )
    prefix = parts.path.strip("/")
    return Bucket(parts.netloc, f"{prefix}/" if prefix else "", asked["region"], int(days))


def is_new(place: Place) -> bool:
    """A directory that the first anchor makes; one that anchors were kept in has to be there."""
    if not isinstance(place, Directory) or place.path.exists():
        return False
    return not AuditAnchor.objects.filter(place=str(place)).exists()


def kept(place: Place) -> list[Anchor]:
    """All that are kept there; files of others are left alone. Raises AnchorProblem.

    AnchorsGone where the database knows of one that is not there: it proves nothing, but whoever
    removes anchors has to remove that as well.
    """
    # Known first: others keep more meanwhile.
    known = AuditAnchor.objects.filter(place=str(place))
    if place.days:
        known = known.filter(at__gt=timezone.now() - timedelta(days=place.days))
    numbers = set(known.values_list("number", flat=True))
    found = (NAME.fullmatch(name) for name in place.names())
    anchors = [
        Anchor(int(each["number"]), bytes.fromhex(each["link"]), str(place))
        for each in found
        if each
    ]
    if gone := numbers - {anchor.number for anchor in anchors}:
        raise AnchorsGone(
            f"{place} does not hold the anchor of seal {max(gone)} any more, which was kept there:"
            " somebody removed it, or the place is another one. Find out who, and put it back."
        )
    return anchors


def anchor_head(place: Place, *, unless: Anchor | None = None) -> Anchor | None:
    """Keep where the chain stands now, unless it is this one. Raises AnchorProblem."""
    head = AuditSeal.objects.order_by("-number").first()
    anchor = Anchor(head.number, bytes(head.link), str(place)) if head else None
    if not head or not anchor or anchor == unless:
        return None
    text = {"number": head.number, "link": anchor.link.hex(), "sealed_at": head.at.isoformat()}
    place.keep(anchor.name, json.dumps(text | {"seal": bytes(head.seal).hex()}) + "\n")
    AuditAnchor.objects.create(number=head.number, place=str(place))
    return anchor
