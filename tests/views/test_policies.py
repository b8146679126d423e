"""The pages of approval policies: rules, what is proposed, and where it waits for a decision."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent, Environment, Function, PolicyChange
from releases.rules import Rules
from tests.actions.policies import proposed, say_yes
from tests.factories import FunctionFactory, own
from tests.views.scenes import a_release, approved_by

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def function(manager: User, second_manager: User, security: User) -> Function:
    return FunctionFactory.create()


@pytest.fixture
def strict(function: Function) -> Function:
    Function.objects.update(**own(2, 1))
    function.refresh_from_db()
    return function


@pytest.fixture
def looser(strict: Function, admin: User) -> PolicyChange:
    return proposed(strict, Rules(1), admin, reason="Fewer <b>hands</b>")


def entered(**changes: Any) -> dict[str, Any]:
    return {"source": "own", "managers": 2, "security": 1, "days": 7, "reason": ""} | changes


def save(client: Client, function: Function, **changes: Any) -> Any:
    return client.post(f"/functions/{function.pk}/policy/", entered(**changes))


def test_an_administrator_saves_a_stricter_policy(
    client_for: ClientFor, function: Function, admin: User
) -> None:
    response = save(client_for(admin), function)
    assert response.headers["Location"] == f"/functions/{function.pk}/policy/"
    function.refresh_from_db()
    assert function.rules == Rules(2, 1)


def test_the_page_says_where_the_policy_comes_from(
    client_for: ClientFor, function: Function, viewer: User
) -> None:
    words = "1 release manager, not an author; approvals last 7 days (inherited from production)"
    for address in ("", "policy/"):
        assert (
            words in client_for(viewer).get(f"/functions/{function.pk}/{address}").content.decode()
        )


def test_the_policy_is_in_words_where_releases_are_made_and_reviewed(
    client_for: ClientFor, strict: Function, developer: User
) -> None:
    words = "2 release managers and 1 security, none of them an author; approvals last 7 days"
    release = a_release(function=strict)
    for address in (f"/releases/new/?function={strict.pk}", f"/releases/{release.pk}/"):
        assert words in client_for(developer).get(address).content.decode()


def test_going_back_to_the_environments_rules_needs_no_numbers(
    client_for: ClientFor, strict: Function, admin: User
) -> None:
    values = {"source": "inherited", "managers": "", "security": "", "days": "", "reason": "Calm."}
    client_for(admin).post(f"/functions/{strict.pk}/policy/", values)
    assert PolicyChange.objects.get().inherits


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"managers": 9}, "9 release managers where 2 are active"),
        ({"managers": 0, "security": 0}, "At least one approval is needed."),
        ({"days": ""}, "Enter a number of days."),
        ({"days": 400}, "less than or equal to 365"),
        ({"managers": 1, "security": 0, "days": 9}, "never for less."),
    ],
)
def test_what_cannot_be_is_explained_at_its_field(
    client_for: ClientFor, function: Function, admin: User, changes: Any, words: str
) -> None:
    response = save(client_for(admin), function, **changes)
    assert response.status_code == 422
    text = response.content.decode()
    assert words in text
    assert 'aria-invalid="true"' in text


def test_a_looser_policy_without_a_reason_is_asked_for_it(
    client_for: ClientFor, strict: Function, admin: User
) -> None:
    response = save(client_for(admin), strict, managers=1)
    assert response.status_code == 422
    assert "Tell them why." in response.content.decode()


def test_the_pages_say_that_own_rules_only_add(
    client_for: ClientFor, strict: Function, admin: User
) -> None:
    client = client_for(admin)
    page = client.get(f"/functions/{strict.pk}/policy/").content.decode()
    assert "(rules of its own, and at least those of production)" in page
    assert "production asks for 1 release manager, for 7 days. Rules of its own may ask" in page
    page = client.get(f"/environments/{strict.environment_id}/policy/").content.decode()
    assert "the least that every function of production asks for" in page


def test_a_manager_reads_the_policy_and_changes_nothing(
    client_for: ClientFor, function: Function, manager: User
) -> None:
    client = client_for(manager)
    assert (
        'id="policy-form"' not in client.get(f"/functions/{function.pk}/policy/").content.decode()
    )
    assert save(client, function).status_code == 403
    assert save(client, function, days="nonsense").status_code == 403
    assert AuditEvent.objects.filter(action="policy.refused").count() == 2


def test_an_environments_policy_names_who_inherits_it(
    client_for: ClientFor, function: Function, admin: User
) -> None:
    address = f"/environments/{function.environment_id}/policy/"
    client = client_for(admin)
    assert function.name in client.get(address).content.decode()
    client.post(address, entered(managers=2))
    assert Environment.objects.get().rules == Rules(2, 1)


def test_people_of_the_policy_decide_on_its_page(
    client_for: ClientFor, looser: PolicyChange, manager: User, second_manager: User, security: User
) -> None:
    for person in (manager, second_manager, security):
        client = client_for(person)
        page = client.get(f"/functions/{looser.function_id}/policy/").content.decode()
        assert "Approve the change" in page
        assert "Fewer &lt;b&gt;hands" in page
        client.post(f"/policy-changes/{looser.pk}/approve/")
    assert Function.objects.get().rules == Rules(1)


def test_the_functions_page_shows_it_too(
    client_for: ClientFor, looser: PolicyChange, security: User
) -> None:
    page = client_for(security).get(f"/functions/{looser.function_id}/").content.decode()
    assert "A looser policy is proposed" in page
    assert "Approve the change" in page


def test_a_rejection_without_a_reason_is_explained(
    client_for: ClientFor, looser: PolicyChange, manager: User
) -> None:
    client = client_for(manager)
    response = client.post(f"/policy-changes/{looser.pk}/reject/")
    assert response.status_code == 422
    assert "a rejection needs a reason" in response.content.decode()
    client.post(f"/policy-changes/{looser.pk}/reject/", {"reason": "No."})
    looser.refresh_from_db()
    assert looser.state == "rejected"


def test_its_proposer_withdraws_it(
    client_for: ClientFor, looser: PolicyChange, admin: User
) -> None:
    client = client_for(admin)
    page = client.get(f"/functions/{looser.function_id}/policy/").content.decode()
    assert "Withdraw the change" in page and "Approve the change" not in page
    client.post(f"/policy-changes/{looser.pk}/withdraw/")
    looser.refresh_from_db()
    assert looser.state == "withdrawn"


def test_links_decide_nothing(client_for: ClientFor, looser: PolicyChange, manager: User) -> None:
    for verb in ("approve", "reject", "withdraw"):
        assert client_for(manager).get(f"/policy-changes/{looser.pk}/{verb}/").status_code == 405


def test_it_waits_on_the_dashboard_of_those_who_decide(
    client_for: ClientFor, looser: PolicyChange, manager: User, security: User, developer: User
) -> None:
    def waits(person: User) -> list[PolicyChange]:
        found: list[PolicyChange] = client_for(person).get("/").context["policy_changes"]
        return found

    assert waits(manager) == waits(security) == [looser]
    assert waits(developer) == []
    say_yes(looser, manager)
    assert waits(manager) == []


def test_approvals_say_how_long_they_last(
    client_for: ClientFor, strict: Function, manager: User, viewer: User
) -> None:
    release = a_release(function=strict)
    approved_by(release, manager)
    page = client_for(viewer).get(f"/releases/{release.pk}/").content.decode()
    assert "lapses in 6 days" in page
    assert "1 of 3" in page


def test_a_release_that_nobody_can_approve_names_whom_to_ask(
    client_for: ClientFor, strict: Function, security: User, admin: User, viewer: User
) -> None:
    User.objects.filter(pk=security.pk).update(is_active=False)
    page = client_for(viewer).get(f"/releases/{a_release(function=strict).pk}/").content.decode()
    assert "Nobody is left who could approve this" in page
    assert "It needs 1 security more than" in page
    assert "Ask admin to give somebody the role" in page


def test_the_number_of_queries_does_not_grow(
    client_for: ClientFor, function: Function, admin: User, django_assert_max_num_queries: Any
) -> None:
    client = client_for(admin)
    proposed(function.environment, Rules(1, 0, 9), admin)
    FunctionFactory.create_batch(6)
    with django_assert_max_num_queries(14):
        client.get(f"/environments/{function.environment_id}/policy/")


def test_a_stranger_has_to_sign_in(client: Client, function: Function) -> None:
    assert client.get(f"/functions/{function.pk}/policy/").status_code == 302
