"""The head of the chain is kept outside: in a directory, or in a bucket that locks it."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import boto3
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from releases.audit import record
from releases.audit.anchors import (
    Anchor,
    AnchorProblem,
    AnchorsGone,
    anchor_head,
    anchor_place,
    kept,
)
from releases.audit.verify import verify
from releases.audit.watch import Outside, check, tick
from releases.models import AuditAnchor, AuditCheck, AuditEvent, AuditSeal
from sandbox.aws import AwsSandbox
from tests.audit.conftest import Tamper
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
    assert place
    first = anchor_head(place)
    assert first and anchor_head(place, unless=first) is None
    assert anchor_head(place) == first
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


def test_it_is_kept_at_the_start_and_once_an_hour(
    events: list[AuditEvent], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("releases.audit.watch.time.monotonic", lambda: now)
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path)
    outside = Outside()
    seal_all()
    assert outside.keep()
    record("person.signed_in", by=None)
    seal_all()
    assert outside.keep() is None
    now += 3601
    assert outside.keep() and outside.keep() is None
    assert len(list(tmp_path.iterdir())) == 2


def test_cron_seals_and_checks_in_turns(events: list[AuditEvent]) -> None:
    tick(Outside())
    assert AuditCheck.objects.get().is_sound
    seal_all()
    assert AuditSeal.objects.count() == 6
    record("person.signed_in", by=None)
    tick(Outside())
    assert AuditCheck.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        tick(Outside())
    assert AuditCheck.objects.count() == 2


def test_the_chain_is_checked_though_the_anchors_cannot_be_read_and_the_check_says_so(
    events: list[AuditEvent], settings: Any, tmp_path: Path
) -> None:
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path / "file")
    (tmp_path / "file").touch()
    seal_all()
    tick(Outside())
    found = AuditCheck.objects.get()
    assert (found.event_count, found.anchor_count) == (6, 0)
    assert "cannot be read" in found.anchor_problem


def test_a_directory_that_the_first_anchor_makes_is_no_trouble(
    events: list[AuditEvent], settings: Any, tmp_path: Path
) -> None:
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path / "new" / "anchors")
    seal_all()
    tick(outside := Outside())
    found = AuditCheck.objects.get()
    assert (outside.problem, found.anchor_problem, found.anchor_count) == ("", "", 1)


def test_a_check_says_how_many_anchors_it_was_held_against(
    events: list[AuditEvent], settings: Any, tmp_path: Path
) -> None:
    seal_all()
    assert check(Outside()).anchor_count is None
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path)
    AuditCheck.objects.all().delete()
    tick(Outside())
    found = AuditCheck.objects.get()
    assert (found.anchor_count, found.anchor_problem) == (1, "")


def test_cron_names_an_anchor_that_was_removed(
    events: list[AuditEvent], settings: Any, tmp_path: Path
) -> None:
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path)
    AuditAnchor.objects.create(number=4, place=str(tmp_path))
    seal_all()
    tick(Outside())
    found = AuditCheck.objects.get()
    assert not found.is_sound and "does not hold the anchor of seal 4" in found.fault


def cut_off(tamper: Tamper) -> None:
    """The last two events, seals and all."""
    tamper(
        "DELETE FROM releases_auditseal WHERE number > 4;"
        "DELETE FROM releases_auditevent WHERE id NOT IN (SELECT event_id FROM releases_auditseal)"
    )


def test_every_check_is_held_against_the_anchors_not_the_first_alone(
    events: list[AuditEvent], settings: Any, tmp_path: Path, tamper: Tamper
) -> None:
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path)
    outside = Outside()
    seal_all()
    tick(outside)
    cut_off(tamper)
    for minutes in (2, 4, 6):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
            tick(outside)
    found = list(AuditCheck.objects.order_by("pk").values_list("is_sound", flat=True))
    assert found == [True, False, False, False]


def test_a_place_that_does_not_answer_is_asked_less_and_less_often(
    events: list[AuditEvent], monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_all()
    outside, now, asked = Outside(), 1000.0, list[float]()
    monkeypatch.setattr("releases.audit.watch.time.monotonic", lambda: now)

    def refuse(self: Outside) -> None:
        asked.append(now)
        raise AnchorProblem("nobody answers")

    monkeypatch.setattr(Outside, "keep", refuse)
    for _ in range(120):
        tick(outside)
        now += 1
    assert [moment - 1000 for moment in asked] == [0, 15, 45, 105]


@pytest.mark.parametrize("days", [0, 9999])
def test_rows_of_the_database_keep_no_anchor_from_being_kept(
    events: list[AuditEvent], settings: Any, tmp_path: Path, days: int
) -> None:
    settings.SLUICE_AUDIT_ANCHOR = str(tmp_path)
    seal_all()
    AuditAnchor.objects.create(number=6, place=str(tmp_path))
    AuditAnchor.objects.update(at=timezone.now() + timedelta(days=days))
    assert Outside().keep()
    assert len(list(tmp_path.iterdir())) == 1


def test_of_two_anchors_with_one_number_neither_is_passed_over(events: list[AuditEvent]) -> None:
    """As when the chain was cut off, grew again to the same length, and was kept once more."""
    seal_all()
    genuine = Anchor(6, bytes(AuditSeal.objects.get(number=6).link), "there")
    for other in (bytes(32), b"\xff" * 32):
        for kept_there in permutations([genuine, Anchor(6, other, "there")]):
            assert "The history was replaced: seal 6" in verify(kept_there).fault


def test_a_delete_marker_does_not_hide_what_the_lock_keeps(
    events: list[AuditEvent], bucket: Any, tamper: Tamper
) -> None:
    address = f"s3://{BUCKET}/sluice?region=eu-west-1&days=30"
    seal_all()
    place = anchor_place(address)
    assert place and anchor_head(place)
    (anchor,) = kept(place)
    bucket.delete_object(Bucket=BUCKET, Key=f"sluice/{anchor.name}")
    assert kept(place) == [anchor]
    cut_off(tamper)
    with pytest.raises(CommandError, match="cut off: it ends with seal 4"):
        call_command("verify_audit", anchors=address)


def test_an_anchor_that_was_removed_is_missed(events: list[AuditEvent], tmp_path: Path) -> None:
    seal_all()
    place = anchor_place(str(tmp_path))
    assert place and anchor_head(place)
    (tmp_path / kept(place)[0].name).unlink()
    with pytest.raises(CommandError, match="does not hold the anchor of seal 6 any more"):
        call_command("verify_audit", anchors=str(tmp_path))


def test_an_anchor_is_not_missed_after_the_days_for_which_it_was_locked(
    events: list[AuditEvent], bucket: Any
) -> None:
    place = anchor_place(f"s3://{BUCKET}/sluice?region=eu-west-1&days=30")
    AuditAnchor.objects.create(number=1, place=str(place))
    assert place
    with pytest.raises(AnchorsGone):
        kept(place)
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert kept(place) == []
