"""Change a policy: stricter at once, looser only with the approval of the present policy."""

import pytest

from accounts.models import User
from releases.errors import InvalidInput, NotAllowed
from releases.models import AuditEvent, ChangeState, Decision, Function, PolicyChange, Release
from releases.rules import Rules
from releases.states import ReleaseState
from tests.actions.policies import change, proposed, say_yes
from tests.factories import EnvironmentFactory, FunctionFactory, own
from tests.views.scenes import a_release, approved_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(manager: User, second_manager: User, security: User) -> tuple[User, ...]:
    return manager, second_manager, security


@pytest.fixture
def function(staff: tuple[User, ...]) -> Function:
    return FunctionFactory.create()


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def test_a_function_without_rules_has_its_environments(function: Function) -> None:
    assert function.inherits
    assert function.rules == function.environment.rules == Rules(1)


def test_a_stricter_policy_is_in_force_at_once(function: Function, admin: User) -> None:
    assert change(function, Rules(2, 1), admin) is None
    assert (function.rules, function.policy_version) == (Rules(2, 1), 2)
    event = events("policy.changed")[0]
    assert (event.actor_name, event.function_id) == ("admin", function.pk)
    assert "1 release manager, for 7 days → 2 release managers and 1 security" in event.sentence


def test_a_looser_one_waits(function: Function, admin: User) -> None:
    change(function, Rules(2, 1), admin)
    found = proposed(function, Rules(2), admin)
    assert function.rules == Rules(2, 1)
    assert (found.before, found.after, found.state) == (Rules(2, 1), Rules(2), "pending")
    assert len(events("policy.proposed")) == 1


def test_stricter_in_one_group_does_not_pay_for_looser_in_another(
    function: Function, admin: User
) -> None:
    change(function, Rules(1, 1), admin)
    assert proposed(function, Rules(2, 0), admin)


def test_a_looser_one_needs_its_reason(function: Function, admin: User) -> None:
    change(function, Rules(2), admin)
    with pytest.raises(InvalidInput, match="Tell them why") as refused:
        change(function, Rules(1), admin, reason=" ")
    assert refused.value.field == "reason"


def test_only_one_looser_policy_is_proposed_at_a_time(function: Function, admin: User) -> None:
    change(function, Rules(2, 1), admin)
    proposed(function, Rules(2), admin)
    with pytest.raises(InvalidInput, match="proposed already"):
        change(function, Rules(1), admin)


def test_inheriting_something_looser_is_a_loosening(function: Function, admin: User) -> None:
    change(function, Rules(2), admin)
    assert proposed(function, None, admin).inherits
    assert function.rules == Rules(2)


def test_inheriting_the_same_is_none(function: Function, admin: User) -> None:
    change(function, Rules(1), admin)
    assert not function.inherits
    assert change(function, None, admin) is None
    assert function.inherits
    assert function.policy_version == 1


@pytest.mark.parametrize(
    ("rules", "field", "says"),
    [
        (Rules(0, 0), "managers", "At least one approval"),
        (Rules(3), "managers", "3 release managers where 2 are active"),
        (Rules(1, 2), "security", "2 security where 1 is active"),
        (Rules(21), "managers", "Between 0 and 20"),
        (Rules(-1, 1), "managers", "Between 0 and 20"),
        (Rules(1, 0, 0), "days", "between 1 and 365 days"),
    ],
)
def test_what_nobody_could_satisfy_is_refused(
    function: Function, admin: User, rules: Rules, field: str, says: str
) -> None:
    with pytest.raises(InvalidInput, match=says) as refused:
        change(function, rules, admin)
    assert refused.value.field == field
    assert function.policy_version == 1


def test_the_deactivated_are_not_there(function: Function, admin: User, security: User) -> None:
    User.objects.filter(pk=security.pk).update(is_active=False)
    with pytest.raises(InvalidInput, match="1 security where 0 are active"):
        change(function, Rules(1, 1), admin)


@pytest.mark.parametrize(
    "who", ["developer", "manager", "second_manager", "security", "auditor", "viewer"]
)
def test_only_administrators_propose(
    function: Function, who: str, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(NotAllowed, match="Only administrators"):
        change(function, Rules(2), request.getfixturevalue(who))
    assert events("policy.refused")[0].function_id == function.pk
    assert function.rules == Rules(1)


def test_approvals_given_under_the_old_policy_lapse(
    function: Function, admin: User, manager: User
) -> None:
    release = a_release(ReleaseState.APPROVED, function=function)
    approved_by(release, manager)
    change(function, Rules(1, 1), admin)
    release.refresh_from_db()
    assert (release.state, release.round_number) == (ReleaseState.AWAITING_APPROVAL, 2)
    assert release.rounds.get(number=2).rules == Rules(1, 1)
    assert events("release.approvals_lapsed")[0].data["people"] == ["manager"]


def test_the_old_round_keeps_what_it_asked_for(function: Function, admin: User) -> None:
    release = a_release(function=function)
    change(function, Rules(2, 1), admin)
    assert release.rounds.get(number=1).rules == Rules(1)


def test_an_environments_policy_counts_for_all_that_inherit_it(
    function: Function, admin: User, manager: User
) -> None:
    strict = FunctionFactory.create(**own(2, 1))
    elsewhere = FunctionFactory.create(environment=EnvironmentFactory.create(name="staging"))
    here, there, other = (a_release(function=each) for each in (function, elsewhere, strict))
    approved_by(here, manager)
    change(function.environment, Rules(1, 1), admin)
    rounds = {
        each.pk: Release.objects.get(pk=each.pk).round_number for each in (here, there, other)
    }
    assert rounds == {here.pk: 2, there.pk: 1, other.pk: 1}
    for each, version in ((function, 2), (strict, 1), (elsewhere, 1)):
        each.refresh_from_db()
        assert each.policy_version == version
    assert Decision.objects.get().round.closed_at


def test_a_change_of_the_policy_lapses_what_was_proposed_against_it(
    function: Function, admin: User
) -> None:
    change(function, Rules(2), admin)
    on_function = proposed(function, Rules(1), admin)
    on_environment = proposed(function.environment, Rules(1, 0, 8), admin)
    change(function.environment, Rules(2), admin)
    for found in (on_function, on_environment):
        found.refresh_from_db()
        assert found.state == ChangeState.LAPSED
    assert len(events("policy.lapsed")) == 2


def test_what_a_function_would_inherit_is_what_was_shown(function: Function, admin: User) -> None:
    change(function, Rules(2, 1), admin)
    found = proposed(function, None, admin)
    change(function.environment, Rules(1, 0, 3), admin)
    found.refresh_from_db()
    assert found.state == ChangeState.LAPSED


@pytest.mark.parametrize(
    ("less", "field"),
    [(Rules(1, 1, 7), "managers"), (Rules(2, 0, 7), "security"), (Rules(2, 1, 8), "days")],
)
def test_rules_of_its_own_never_ask_for_less_than_the_environment(
    function: Function, admin: User, less: Rules, field: str
) -> None:
    change(function.environment, Rules(2, 1), admin)
    with pytest.raises(InvalidInput, match="never for less") as refused:
        change(function, less, admin)
    assert refused.value.field == field
    assert function.inherits and not PolicyChange.objects.exists()


def test_what_becomes_stricter_in_the_environment_holds_for_rules_of_its_own(
    function: Function, admin: User, manager: User
) -> None:
    """Or rules equal to those inherited, which loosen nothing, would be a way out of later ones."""
    change(function, Rules(1), admin)
    release = a_release(ReleaseState.APPROVED, function=function)
    approved_by(release, manager)
    change(function.environment, Rules(1, 1, 3), admin)
    function.refresh_from_db()
    assert not function.inherits
    assert (function.rules, function.policy_version) == (Rules(1, 1, 3), 2)
    release.refresh_from_db()
    assert (release.state, release.round_number) == (ReleaseState.AWAITING_APPROVAL, 2)


def test_the_stricter_counts_for_each_group_by_itself(function: Function, admin: User) -> None:
    change(function, Rules(1, 1, 5), admin)
    change(function.environment, Rules(2, 0, 6), admin)
    function.refresh_from_db()
    assert function.rules == Rules(2, 1, 5)


def test_rules_of_its_own_stay_when_the_environment_asks_for_less(
    function: Function, admin: User, manager: User, second_manager: User
) -> None:
    change(function.environment, Rules(2), admin)
    change(function, Rules(2), admin)
    say_yes(proposed(function.environment, Rules(1), admin), manager, second_manager)
    function.refresh_from_db()
    assert function.environment.rules == Rules(1)
    assert (function.rules, function.policy_version) == (Rules(2), 2)


def test_an_environment_inherits_from_nothing(function: Function, admin: User) -> None:
    with pytest.raises(InvalidInput, match="inherits from nothing"):
        change(function.environment, None, admin)


def test_no_change_says_nothing(function: Function, admin: User) -> None:
    change(function, None, admin)
    assert not AuditEvent.objects.exists()
    assert not PolicyChange.objects.exists()


def test_new_environments_begin_with_one_release_manager() -> None:
    assert EnvironmentFactory.create(name="new").rules == Rules(1, 0, 7)
