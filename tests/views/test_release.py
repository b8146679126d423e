"""The release page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.models import Authorship, AwsCall, Release, Step
from releases.states import ReleaseState
from tests.factories import ArtifactFactory, FunctionFactory, IntakeFactory, own
from tests.views.scenes import a_release, approved_by, worked_on

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def browser(client_for: ClientFor, manager: User) -> Client:
    return client_for(manager)


def page(browser: Client, release: Release) -> str:
    response = browser.get(f"/releases/{release.pk}/")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("state", list(ReleaseState))
@pytest.mark.parametrize("gate", ["review_first", "stage_first"])
def test_every_state_has_its_page(browser: Client, state: ReleaseState, gate: str) -> None:
    release = a_release(state, function=FunctionFactory.create(gate=gate))
    assert f"{state.label}</span>" in page(browser, release)


def test_before_its_check_a_release_has_a_page_too(browser: Client) -> None:
    release = a_release(ReleaseState.QUEUED)
    release.rounds.all().delete()
    assert "the check step reads it" in page(browser, release)


def test_the_steps_stand_in_the_order_of_the_gate(browser: Client) -> None:
    def order(gate: str) -> list[str]:
        text = page(browser, a_release(function=FunctionFactory.create(gate=gate)))
        rail = text.split('<ol class="step-rail">')[1].split("</ol>")[0]
        labels = ("Check", "Gate", "Stage", "Publish", "Shift alias")
        return sorted(labels, key=lambda label: rail.index(f"{label}\n"))

    assert order("review_first") == ["Check", "Gate", "Stage", "Publish", "Shift alias"]
    assert order("stage_first") == ["Check", "Stage", "Gate", "Publish", "Shift alias"]


def test_the_check_of_an_earlier_round_still_shows(browser: Client) -> None:
    release = a_release(ReleaseState.RELEASED, round_number=2)
    step = Step.objects.create(release=release, round_number=1, name="check", outcome="done")
    Step.objects.filter(pk=step.pk).update(finished_at=timezone.now())
    rail = page(browser, release).split('<ol class="step-rail">')[1].split("</ol>")[0]
    assert "not reached" not in rail.split("</li>")[0]


@pytest.mark.parametrize("state", [ReleaseState.AWAITING_APPROVAL, ReleaseState.RELEASED])
def test_what_a_renewed_round_found_staged_is_still_called_so(
    browser: Client, state: ReleaseState
) -> None:
    staged_first = FunctionFactory.create(gate="stage_first")
    release = a_release(state, round_number=2, function=staged_first)
    for name in ("check", "stage"):
        Step.objects.create(
            release=release, round_number=1, name=name, outcome="done", finished_at=timezone.now()
        )
    rail = page(browser, release).split('<ol class="step-rail">')[1].split("</ol>")[0]
    stage = rail.split("</li>")[1]
    assert "Stage" in stage and "Done." in stage


def test_a_new_round_that_stages_again_promises_it_anew(browser: Client) -> None:
    staged_first = FunctionFactory.create(gate="stage_first")
    release = a_release(ReleaseState.QUEUED, round_number=2, function=staged_first)
    Step.objects.create(release=release, round_number=1, name="stage", outcome="done")
    rail = page(browser, release).split('<ol class="step-rail">')[1].split("</ol>")[0]
    assert "writes $LATEST" in rail.split("</li>")[1]


def test_an_approval_that_lapsed_before_the_end_is_called_so(browser: Client) -> None:
    release = a_release(ReleaseState.CANCELLED)
    for name in ("check", "stage"):
        Step.objects.create(release=release, round_number=1, name=name, outcome="done")
    assert "approved, now lapsed" not in page(browser, release)
    release.rounds.update(closed_because="the code changed")
    assert "approved, now lapsed" in page(browser, release)


def test_nothing_is_called_put_back_where_nothing_was_staged(browser: Client) -> None:
    release = a_release(ReleaseState.REJECTED)
    Step.objects.create(release=release, round_number=1, name="withdraw", outcome="done")
    assert "Put back" not in page(browser, release).split('<ol class="step-rail">')[1]


def test_the_package_came_as_this_release_brought_it(browser: Client, developer: User) -> None:
    artifact = ArtifactFactory.create()
    IntakeFactory.create(artifact=artifact, source="s3", label="s3://builds/old.zip")
    mine = IntakeFactory.create(artifact=artifact, person=developer, label="mine.zip")
    text = page(browser, a_release(artifact=artifact, intake=mine))
    assert f"Upload by {developer.name}" in text
    assert "mine.zip" in text
    assert "S3 object" not in text


def test_an_approver_sees_the_form_bound_to_the_fingerprint(browser: Client) -> None:
    release = a_release()
    text = page(browser, release)
    round_ = release.current_round
    assert round_ is not None
    assert f'name="fingerprint" value="{round_.fingerprint}"' in text
    assert "Your approval is the last one." in text


def test_the_requester_sees_why_not(client_for: ClientFor, manager: User) -> None:
    text = page(client_for(manager), a_release(requested_by=manager))
    assert "You requested this release, so your approval does not count." in text
    assert 'aria-disabled="true"' in text


def test_a_viewer_has_no_form(client_for: ClientFor, viewer: User) -> None:
    assert 'id="decision"' not in page(client_for(viewer), a_release())


def test_both_spellings_of_the_hash_are_there(browser: Client) -> None:
    release = a_release()
    assert release.artifact
    text = page(browser, release)
    assert f'data-copy="{release.artifact.code_sha256}"' in text
    assert f'data-copy="{release.artifact.sha256}"' in text


def test_configuration_shows_what_changes_and_only_digests(browser: Client) -> None:
    def side(memory: int, digest: str) -> dict[str, Any]:
        return {"MemorySize": memory, "Environment": {"TOKEN": digest}}

    baseline = {"kind": "alias", "version": "1", "weights": {}, "code_sha256": "eA=="}
    parts = {
        "candidate": {"code_sha256": "eQ==", "configuration": side(512, "b" * 64)},
        "baseline": baseline | {"configuration": side(128, "a" * 64)},
    }
    text = page(browser, a_release(parts=parts))
    assert "2 of 2 settings" in text
    assert "128 MB" in text
    assert "hmac bbbb bbbb" in text
    assert "b" * 9 not in text


def test_warnings_reach_the_reviewers(browser: Client) -> None:
    warning = {"code": "secret", "message": "1 file looks like a secret", "paths": ["a/.env"]}
    text = page(browser, a_release(warnings=[warning]))
    assert "Warning: 1 file looks like a secret" in text
    assert "a/.env" in text


def test_what_people_typed_is_text(browser: Client) -> None:
    text = page(browser, a_release(description="<script>alert(1)</script>"))
    assert "<script>alert" not in text


def test_the_change_is_linked_without_telling_where_from(browser: Client) -> None:
    text = page(browser, a_release(change_url="https://example.com/pull/1"))
    assert 'href="https://example.com/pull/1" rel="noopener noreferrer"' in text


def test_a_queued_release_names_whom_it_waits_for(browser: Client) -> None:
    ahead = a_release()
    behind = a_release(ReleaseState.QUEUED, function=ahead.function)
    assert f"Waits for {ahead.reference}" in page(browser, behind)


def test_a_failed_release_names_whom_it_blocks(browser: Client) -> None:
    failed = a_release(ReleaseState.FAILED)
    behind = a_release(ReleaseState.QUEUED, function=failed.function)
    text = page(browser, failed)
    assert "Holds the slot of" in text
    assert behind.reference in text


def test_approvals_that_do_not_count_say_why(browser: Client, second_manager: User) -> None:
    release = a_release(function=FunctionFactory.create(**own(2)))
    approved_by(release, second_manager)
    Authorship.objects.create(release=release, person=second_manager, because="wrote it")
    text = page(browser, release)
    assert "Does not count" in text
    assert "0 of 2" in text


def test_nobody_left_to_approve_is_said_at_once(client_for: ClientFor, manager: User) -> None:
    text = page(client_for(manager), a_release(requested_by=manager))
    assert "Nobody is left who could approve this" in text


def test_there_is_no_such_release(browser: Client) -> None:
    assert browser.get("/releases/9042/").status_code == 404


def test_a_stranger_has_to_sign_in(client: Client) -> None:
    assert client.get(f"/releases/{a_release().pk}/").status_code == 302


def test_no_script_or_style_stands_in_the_page(browser: Client) -> None:
    text = page(browser, a_release())
    assert "style=" not in text
    assert " onclick" not in text
    assert "<script>" not in text


def test_much_work_costs_no_more_queries(
    browser: Client, django_assert_max_num_queries: Any, manager: User, second_manager: User
) -> None:
    release = a_release(function=FunctionFactory.create(**own(3)))
    for _ in range(3):
        IntakeFactory.create(artifact=release.artifact, function=release.function)
    worked_on(release, calls=40)
    approved_by(release, manager, second_manager)
    with django_assert_max_num_queries(34):
        page(browser, release)


@pytest.mark.parametrize(
    ("status", "says"),
    [("error", "Nothing was published."), ("unknown", "its outcome is not certain")],
)
def test_nothing_was_published_is_said_only_when_it_is_known(
    browser: Client, status: str, says: str
) -> None:
    release = a_release(ReleaseState.FAILED)
    AwsCall.objects.create(
        release=release, operation="PublishVersion", is_write=True, status=status
    )
    assert says in page(browser, release)
