"""The history page says how it stands with the seals, and never what it cannot know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from releases.audit.watch import Outside, check
from releases.models import AuditAnchor, AuditCheck
from tests.sealing import seal_all
from tests.signing_in import signs_in


@pytest.fixture
def shown(transactional_db: None, auditor: User) -> Callable[[], str]:
    """What the one who looks sees, whose sign-in is the first event."""
    client = signs_in(auditor)

    def page(name: str = "releases:audit") -> str:
        return " ".join(client.get(reverse(name)).content.decode().split())

    return page


def test_it_is_not_said_to_be_verified_before_it_was(shown: Callable[..., str]) -> None:
    assert "Not verified yet" in shown()
    assert "1 not sealed yet" in shown("releases:audit_seals")


def test_it_says_when_it_was_verified_and_how_much(shown: Callable[..., str]) -> None:
    seal_all()
    check(Outside())
    assert "no anchors are kept outside" in shown("releases:audit_seals")
    AuditCheck.objects.update(anchor_count=2)
    AuditAnchor.objects.create(number=1, place="/anchors")
    page = shown("releases:audit_seals")
    assert "Sealed and verified" in page and "1 event" in page and "head kept outside" in page
    assert "held against 2 anchors outside" in page and "is not kept outside" not in page
    assert "not sealed yet" not in page and "could change the history" not in page


def test_anchors_that_do_not_answer_are_said_with_the_reason(shown: Callable[..., str]) -> None:
    AuditCheck.objects.create(
        is_sound=True, event_count=9, duration_ms=3, anchor_count=0, anchor_problem="No such bucket"
    )
    page = shown()
    assert "Sealed and verified" in page
    assert "The anchors outside do not answer" in page and "No such bucket" in page


def test_a_head_that_was_not_kept_outside_for_hours_is_said(shown: Callable[..., str]) -> None:
    seal_all()
    AuditCheck.objects.create(is_sound=True, event_count=1, duration_ms=3, anchor_count=1)
    assert "is not kept outside" not in shown("releases:audit_seals")
    with time_machine.travel(timezone.now() + timedelta(minutes=121)):
        assert "is not kept outside" in shown("releases:audit_seals")
        AuditAnchor.objects.create(number=1, place="/anchors")
        assert "is not kept outside" not in shown("releases:audit_seals")


def test_a_fault_stands_above_everything(shown: Callable[..., str]) -> None:
    AuditCheck.objects.create(
        is_sound=False, fault="Event 7 is missing.", event_count=9, duration_ms=3
    )
    page = shown()
    assert "The history is not what was sealed" in page and "Event 7 is missing." in page
    assert "Sealed and verified" not in page


def test_sealing_that_is_behind_is_said_with_what_to_do(shown: Callable[..., str]) -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=90)):
        page = shown("releases:audit_seals")
    # Unless another test's transaction holds it up at this moment, which is said just as well.
    assert "are not sealed" in page
    assert "see whether cron runs" in page or "pg_terminate_backend" in page


def test_who_may_not_read_the_history_does_not_read_of_its_seals(client: Any) -> None:
    assert client.get(reverse("releases:audit_seals")).status_code == 302
