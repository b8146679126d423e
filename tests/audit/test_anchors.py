"""The head of the chain is kept outside: in a directory, or in a bucket that locks it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine
from django.utils import timezone

from releases.audit import record
from releases.audit.anchors import AnchorProblem, anchor_head, anchor_place, kept
from releases.audit.watch import anchor_if_due, tick
from releases.models import AuditAnchor, AuditCheck, AuditEvent, AuditSeal
from sandbox.aws import AwsSandbox
from tests.sealing import seal_all

BUCKET = "anchors"


@pytest.fixture
def bucket(aws: AwsSandbox) -> Any:
    """S3 with Object Lock, as an operator makes it."""
    s3 = boto3.client(
        "s3", endpoint_url=aws.url, region_name="eu-west-1",
        aws_access_key_id="test", aws_secret_access_key="test",
    )  # fmt: skip
    s3.create_bucket(
        Bucket=BUCKET,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
        ObjectLockEnabledForBucket=True,
    )
    yield s3
    s3.close()


def test_it_is_a_file_with_the_number_and_the_link(
    events: list[AuditEvent], tmp_path: Path
) -> None:
    seal_all()
    place = anchor_place(f"file://{tmp_path}")
    assert place and anchor_head(place)
    (anchor,) = kept(place)
    head = AuditSeal.objects.get(number=6)
    assert (anchor.number, anchor.link) == (6, bytes(head.link))
    assert bytes(head.seal).hex() in (tmp_path / anchor.name).read_text()


def test_what_is_kept_already_is_not_kept_twice(events: list[AuditEvent], tmp_path: Path) -> None:
    seal_all()
    place = anchor_place(str(tmp_path))
    assert place and anchor_head(place)
    assert anchor_head(place) is None
    AuditAnchor.objects.all().delete()
    assert anchor_head(place)
    assert len(kept(place)) == 1


def test_a_bucket_locks_it_for_as_many_days_as_asked(events: list[AuditEvent], bucket: Any) -> None:
    seal_all()
    place = anchor_place(f"s3://{BUCKET}/sluice?region=eu-west-1&days=30")
    assert place and anchor_head(place)
    (anchor,) = kept(place)
    found = bucket.get_object(Bucket=BUCKET, Key=f"sluice/{anchor.name}")
    assert found["ObjectLockMode"] == "COMPLIANCE"
    left = found["ObjectLockRetainUntilDate"] - timezone.now()
    assert timedelta(days=29) < left <= timedelta(days=30)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("s3://anchors/sluice", "region=REGION"),
        ("s3://anchors?region=eu-west-1&days=many", "days=DAYS"),
    ],
)
def test_an_address_that_is_none_is_explained(address: str, problem: str) -> None:
    with pytest.raises(AnchorProblem, match=problem):
        anchor_place(address)


def test_a_place_that_refuses_is_said(
    events: list[AuditEvent], aws: AwsSandbox, tmp_path: Path
) -> None:
    seal_all()
    file = tmp_path / "file"
    file.touch()
    for address in (str(file), "s3://nowhere?region=eu-west-1"):
        place = anchor_place(address)
        assert place
        with pytest.raises(AnchorProblem, match="cannot be kept in"):
            anchor_head(place)
        with pytest.raises(AnchorProblem, match="cannot be read from"):
            kept(place)
    assert not AuditAnchor.objects.exists()


def test_it_is_kept_once_an_hour(events: list[AuditEvent], settings: Any, tmp_path: Path) -> None:
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path)
    seal_all()
    assert anchor_if_due()
    record("person.signed_in", by=None)
    seal_all()
    assert anchor_if_due() is None
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert anchor_if_due()
    assert len(list(tmp_path.iterdir())) == 2


def test_cron_seals_and_checks_in_turns(events: list[AuditEvent]) -> None:
    tick()
    assert AuditCheck.objects.get().is_sound
    seal_all()
    assert AuditSeal.objects.count() == 6
    record("person.signed_in", by=None)
    tick()
    assert AuditCheck.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        tick()
    assert AuditCheck.objects.count() == 2


def test_the_chain_is_checked_though_the_anchors_cannot_be_read(
    events: list[AuditEvent], settings: Any, tmp_path: Path
) -> None:
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path / "file")
    (tmp_path / "file").touch()
    seal_all()
    with pytest.raises(AnchorProblem, match="cannot be kept in"):
        tick()
    assert AuditCheck.objects.get().event_count == 6
