"""The set form of `policy.can_approve` says the same as the policy itself."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from releases import policy
from releases.models import Decision, Release, Round
from releases.states import ReleaseState
from releases.views.waiting import waiting_for, with_approvals
from tests.factories import EnvironmentFactory, FunctionFactory, IntakeFactory, ReleaseFactory, own

pytestmark = pytest.mark.django_db


def nothing(release: Release, person: User) -> None:
    """The plain case: the person has nothing to do with the release."""


def requested(release: Release, person: User) -> None:
    Release.objects.filter(pk=release.pk).update(requested_by=person)


def brought_in(release: Release, person: User) -> None:
    IntakeFactory.create(artifact=release.artifact, person=person, function=release.function)


def brought_in_what_is_adopted(release: Release, person: User) -> None:
    """The release has no artifact of its own; its round reviews bytes that the person uploaded."""
    brought_in(release, person)
    assert release.artifact
    parts = {"candidate": {"code_sha256": release.artifact.code_sha256}}
    release.rounds.update(parts=parts)
    Release.objects.filter(pk=release.pk).update(artifact=None)


def was_refused(release: Release, person: User) -> None:
    """A package that was refused is nobody's bytes, also for a release without an artifact."""
    IntakeFactory.create(artifact=None, person=person, sha256="", state="refused")
    Release.objects.filter(pk=release.pk).update(artifact=None)


def wrote(release: Release, person: User) -> None:
    release.authorships.create(person=person, because="chose to stage it again")


def decided(release: Release, person: User) -> None:
    round_ = release.rounds.get()
    Decision.objects.create(
        round=round_, person=person, verdict="approve", fingerprint=round_.fingerprint
    )


def decided_long_ago(release: Release, person: User) -> None:
    decided(release, person)
    ago = timezone.now() - timedelta(days=30)
    person.decisions.update(decided_at=ago)


def left_the_role(release: Release, person: User) -> None:
    decided(release, person)
    person.role = "viewer"
    person.save()


PARTS = {"candidate": {"code_sha256": "nobody's"}}
DECIDED = [decided, decided_long_ago, left_the_role]
BYTES = [brought_in, brought_in_what_is_adopted, was_refused]
CASES = [nothing, requested, wrote, *BYTES, *DECIDED]


@pytest.fixture
def release() -> Release:
    made = ReleaseFactory.create(state=ReleaseState.AWAITING_APPROVAL)
    Round.objects.create(
        release=made, number=1, fingerprint="f" * 64, parts=PARTS, managers_required=2
    )
    return made


@pytest.mark.parametrize("case", CASES)
def test_both_forms_agree_on_who_may_approve(
    release: Release, manager: User, case: Callable[[Release, User], None]
) -> None:
    case(release, manager)
    release.refresh_from_db()
    allowed = policy.can_approve(manager, release).allowed
    assert allowed is (case in (nothing, was_refused, decided_long_ago))
    assert waiting_for(manager).filter(pk=release.pk).exists() is allowed


@pytest.mark.parametrize("case", CASES)
def test_both_forms_count_the_same_approvals(
    release: Release, manager: User, second_manager: User, case: Callable[[Release, User], None]
) -> None:
    decided(release, second_manager)
    if case not in DECIDED:
        decided(release, manager)
    case(release, manager)
    release.refresh_from_db()
    counted = len(policy.counting_approvals(release.rounds.get()))
    row = with_approvals(Release.objects.for_list()).get()
    assert row.approvals == counted  # type: ignore[attr-defined]


@pytest.mark.parametrize(("managers", "security"), [(1, 2), (3, 0), (2, 1)])
def test_both_forms_ask_for_the_stricter_of_function_and_environment(
    managers: int, security: int
) -> None:
    environment = EnvironmentFactory.create(**own(2, 1))
    function = FunctionFactory.create(environment=environment, **own(managers, security))
    ReleaseFactory.create(function=function, state=ReleaseState.AWAITING_APPROVAL)
    row = with_approvals(Release.objects.for_list()).get()
    assert row.approvals_needed == function.rules.total  # type: ignore[attr-defined]
