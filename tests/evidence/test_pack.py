"""What a pack says: who approved in which role, under which policy, and what went around it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from releases.actions.make_evidence import make_evidence
from releases.audit import record
from releases.errors import NotAllowed
from releases.evidence import OfDays, OfRelease, gather, scope
from releases.evidence.sealed import Stretch, plan
from releases.models import AuditEvent, Release, Round
from releases.states import ReleaseState
from tests.audit.conftest import Tamper, tamper
from tests.evidence.conftest import CODE, POLICY, downloaded
from tests.factories import FunctionFactory
from tests.sealing import seal_all
from tests.views.scenes import a_release
from tests.world import HERE

ClientFor = Callable[[User], Client]
__all__ = ["tamper"]


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def story(pack: bytes) -> Any:
    return json.loads(zipfile.ZipFile(io.BytesIO(pack)).read("evidence.json"))


def today() -> str:
    return f"{timezone.now():%Y-%m-%d}"


def test_a_day_says_what_went_live_and_who_approved_it(released: Release, reader: Client) -> None:
    shown = page(reader, f"/evidence/?from={today()}&function=checkout")
    assert "live points at version 2" in shown and "<b>manager</b>" in shown
    assert "Release manager" in shown
    assert "Nobody: it did not come through Sluice" in shown
    assert f'href="/evidence/releases/{released.pk}/"' in shown


def test_another_function_or_day_has_nothing(released: Release, reader: Client) -> None:
    for query in ("function=refund", "from=2020-01-01", "from=2020-01-01&to=2020-01-31"):
        assert "Nothing went live" in page(reader, f"/evidence/?{query}")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("from=yesterday", "“yesterday” is not a day: write 2026-10-15."),
        ("from=2026-01-01&to=2026-03-01", "at most 31 days: choose fewer."),
        ("from=2026-01-02&to=2026-01-01", "swap the two days"),
        (f"function={','.join(map(str, range(201)))}", "at most 200 functions"),
    ],
)
def test_what_one_pack_cannot_hold_is_refused_with_what_to_do(
    db: None, reader: Client, query: str, says: str
) -> None:
    answer = reader.get(f"/evidence/?{query}")
    assert answer.status_code == 422 and says in answer.content.decode()
    assert reader.get(f"/evidence/days/?{query}").status_code == 409


def test_the_role_is_the_one_that_somebody_had_then(
    released: Release, reader: Client, manager: User
) -> None:
    User.objects.filter(pk=manager.pk).update(role=Role.VIEWER, username="renamed")
    shown = page(reader, f"/evidence/releases/{released.pk}/")
    assert "<b>manager</b>" in shown and "Release manager then" in shown
    assert "renamed" not in shown


def test_an_approval_that_was_withdrawn_is_not_what_it_went_live_with(
    released: Release, approval: AuditEvent, manager: User, second_manager: User
) -> None:
    record("release.approval_withdrawn", by=manager, release=released)
    record(
        "release.approval_given", by=second_manager, release=released,
        count=1, required=1, fingerprint="of another review",
    )  # fmt: skip
    (facts,) = gather(OfRelease(released, released.requested_by)).releases
    assert [(each.name, each.standing) for each in facts.approvals] == [
        ("manager", "withdrawn"),
        ("second-manager", "for an earlier review"),
    ]


def test_a_pack_has_the_review_the_version_and_what_happened_since(
    released: Release, reader: Client
) -> None:
    record("rollback.done", by=None, function=released.function, alias="live", to=1,
           requester="manager", rollback=7, by_aws="")  # fmt: skip
    seal_all()
    told = story(downloaded(reader, f"/evidence/releases/{released.pk}/zip/"))
    (release,) = told["releases"]
    round_ = released.current_round
    assert round_ and release["fingerprint"] == round_.fingerprint
    assert release["version_arn"] == f"{released.function.arn}:2"
    assert (release["code_sha256"], release["policy_in_force"]) == (CODE, POLICY)
    assert [each["action"] for each in told["since"]] == ["function.drifted", "rollback.done"]
    assert [each["how"] for each in told["around_the_gate"]] == [
        "Changed in AWS, not through Sluice",
        "Rolled back, which needs no gate",
    ]
    assert told["went_live"][0]["aws_request_ids"] == ["8a1c-1", 'b"{,}\\']


def test_a_pack_of_days_has_approvals_from_before_them(
    released: Release, approval: AuditEvent, tamper: Tamper
) -> None:
    earlier = approval.at - timedelta(days=3)
    tamper(f"UPDATE releases_auditevent SET at = '{earlier.isoformat()}' WHERE id = {approval.pk}")
    seal_all()
    day = timezone.now().date()
    pack = gather(OfDays(day, day, released.requested_by, ("checkout",)), only_sealed=True)
    assert approval in pack.events
    assert [each.name for each in pack.live[0].people] == ["manager"]


def test_no_setting_of_the_function_is_in_a_pack(released: Release, reader: Client) -> None:
    round_ = released.current_round
    assert round_
    values = {"Variables": {"TOKEN": "digest-of-a-value"}}
    round_.parts["candidate"]["configuration"]["Environment"] = values
    round_.save()
    seal_all()
    pack = downloaded(reader, f"/evidence/releases/{released.pk}/zip/")
    files = zipfile.ZipFile(io.BytesIO(pack))
    whole = b"".join(files.read(name) for name in files.namelist())
    assert b"digest-of-a-value" not in whole
    assert "digest-of-a-value" not in page(reader, f"/evidence/releases/{released.pk}/")


def test_events_that_wait_to_be_sealed_are_shown_and_not_taken_away(
    released: Release, reader: Client, developer: User
) -> None:
    address = f"/evidence/releases/{released.pk}/"
    assert "Nothing of it is sealed yet" in page(reader, address)
    seal_all()
    record("release.commented", by=developer, release=released, where="")
    assert "5 events of this pack: as sealed" in page(reader, address)
    assert "1 event of the last moments waits to be sealed" in page(reader, address)
    assert len(story(downloaded(reader, f"{address}zip/"))["events"]) == 5


@pytest.mark.parametrize(
    ("since", "nobody"),
    [
        ([], "Nobody: a rollback needs no gate"),
        (["release.staged_again"], "No approval is in the history"),
    ],
)
def test_why_nobody_approved_is_what_the_history_says_of_it(
    db: None, manager: User, since: list[str], nobody: str
) -> None:
    release = a_release(ReleaseState.RELEASED)
    record("rollback.put_back", by=manager, release=release, to=1, reason="x", skips_gate=True)
    for action in since:
        record(action, by=manager, release=release, overwritten="x")
    record("release.released", by=None, release=release, what="$LATEST is version 3")
    (line,) = gather(OfRelease(release, manager)).live
    assert line.nobody == nobody


def test_a_release_that_waits_to_be_sealed_is_not_told_of_in_a_pack_of_days(
    released: Release,
) -> None:
    seal_all()
    later = a_release(ReleaseState.RELEASED, function=released.function)
    record("release.released", by=None, release=later, what="live points at version 3")
    day = timezone.now().date()
    pack = gather(OfDays(day, day, released.requested_by), only_sealed=True)
    assert [each.release for each in pack.releases] == [released]


def test_the_page_names_an_event_that_is_not_as_it_was_sealed(
    released: Release, approval: AuditEvent, reader: Client, tamper: Tamper
) -> None:
    seal_all()
    tamper(f"UPDATE releases_auditevent SET actor_name = 'x' WHERE id = {approval.pk}")
    shown = page(reader, f"/evidence/releases/{released.pk}/")
    assert f"Event {approval.pk} is not as it was sealed as number 4." in shown


def test_a_web_server_without_the_key_says_whose_word_it_is(
    released: Release, approval: AuditEvent, reader: Client, settings: Any, tamper: Tamper
) -> None:
    seal_all()
    settings.SLUICE_AUDIT_KEY = ""
    shown = page(reader, f"/evidence/releases/{released.pk}/")
    assert "5 events of this pack: as in the chain" in shown
    assert "whether the seals are genuine is cron's to say" in shown
    tamper(f"UPDATE releases_auditevent SET actor_name = 'x' WHERE id = {approval.pk}")
    shown = page(reader, f"/evidence/releases/{released.pk}/")
    assert f"Event {approval.pk} is not as it was sealed" in shown


def test_taking_a_pack_away_is_in_the_history(released: Release, reader: Client) -> None:
    downloaded(reader, f"/evidence/releases/{released.pk}/zip/")
    downloaded(reader, f"/evidence/days/zip/?from={today()}&function=checkout")
    made = AuditEvent.objects.filter(action="audit.pack_made").order_by("pk")
    day = f"{timezone.now():%-d %B %Y}"
    assert [each.sentence for each in made] == [
        f"auditor took away an evidence pack of {released.reference} of checkout in production",
        f"auditor took away an evidence pack of checkout, {day}",
    ]


def test_so_is_a_refusal(
    released: Release, auditor: User, reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor.is_active = False
    with pytest.raises(NotAllowed):
        make_evidence(OfRelease(released, auditor), by=auditor, origin=HERE)
    monkeypatch.setattr(scope, "MOST_EVENTS", 3)
    assert reader.post(f"/evidence/days/zip/?from={today()}").status_code == 409
    refused = AuditEvent.objects.filter(action="audit.pack_refused").order_by("pk")
    assert [each.data["reason"][:32] for each in refused] == [
        "Sign in first.",
        "A pack holds at most 3 events, a",
    ]


def test_the_number_of_queries_does_not_grow(
    released: Release, reader: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        function = FunctionFactory.create(name=f"other-{number}")
        record("function.drifted", by=None, function=function, detail="the memory")
    seal_all()
    for address in ("/evidence/", "/evidence/days/", f"/evidence/releases/{released.pk}/"):
        with django_assert_max_num_queries(26):
            page(reader, address)


# --- how far the chain is followed ---------------------------------------------------------------
def test_the_chain_is_followed_to_the_first_anchor_after_all_of_it() -> None:
    assert plan([3, 7], [5, 9, 12], head=20) == [Stretch(2, 9, True)]


def test_without_an_anchor_it_is_followed_to_the_head() -> None:
    assert plan([3, 7], [5], head=20) == [Stretch(2, 20, False)]


def test_what_would_be_too_long_is_followed_in_parts() -> None:
    parts = plan([3, 4, 950], [10, 500, 960], head=1000, most=100)
    assert parts == [Stretch(2, 10, True), Stretch(949, 960, True)]


def test_what_no_anchor_is_near_to_stands_alone() -> None:
    parts = plan([3, 500, 501], [10], head=1000, most=100)
    assert parts == [Stretch(2, 10, True), Stretch(499, 500, False), Stretch(500, 501, False)]


def test_a_review_whose_row_was_altered_is_told_as_it_was_sealed(
    released: Release, approval: AuditEvent
) -> None:
    Round.objects.filter(release=released).update(fingerprint="0" * 64)
    (facts,) = gather(OfRelease(released, released.requested_by)).releases
    assert facts.review and facts.review.fingerprint == approval.data["fingerprint"]
    assert [each.counts for each in facts.approvals] == [True]
