"""What pages and files tell somebody who sees a part: of the rest, nothing, however it is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from releases.actions.export_audit import export_audit
from releases.actions.promote import promote
from releases.audit import Origin, record
from releases.audit.search import Search
from releases.evidence import OfDays
from releases.models import (
    AuditCheck,
    AuditEvent,
    AuditView,
    Environment,
    Function,
    Grant,
    PolicyChange,
    Rollback,
    RollbackState,
)
from releases.models.policies import columns
from releases.pipeline import export as exporting
from releases.policy_changes import counting_policy_approvals, too_few
from releases.rules import Rules
from releases.views.waiting import policy_changes_for, rollbacks_for
from tests.actions.promotions import pair
from tests.factories import EnvironmentFactory, FunctionFactory, IntakeFactory, UserFactory
from tests.scopes import give, within
from tests.world import HERE

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def mine() -> Function:
    return FunctionFactory.create(name="pay-api")


@pytest.fixture
def hidden() -> Function:
    return FunctionFactory.create(
        name="ledger", environment=EnvironmentFactory.create(name="elsewhere")
    )


@pytest.fixture
def auditor_of_mine(mine: Function) -> User:
    return within(mine, Role.AUDITOR, username="part-auditor")


def added(function: Function, by: User | None = None) -> AuditEvent:
    return record("function.added", by=by, function=function, versions=1, aliases=[])


def test_nothing_says_how_many_events_there_are_of_the_rest(
    client_for: ClientFor, hidden: Function, auditor_of_mine: User, auditor: User
) -> None:
    added(hidden)
    AuditCheck.objects.create(event_count=4711, is_sound=True, duration_ms=1)
    for name in ("/audit/", "/audit/seals/"):
        assert "4,711 events" in client_for(auditor).get(name).content.decode()
        page = client_for(auditor_of_mine).get(name).content.decode()
        assert "Sealed and verified" in page
        assert "4,711" not in page and "not sealed yet" not in page


def test_nothing_says_which_event_of_the_rest_was_altered(
    client_for: ClientFor, auditor_of_mine: User, auditor: User
) -> None:
    fault = "Event 7 (“admin added ledger”) was altered after it was sealed as number 7."
    AuditCheck.objects.create(event_count=7, is_sound=False, fault=fault, duration_ms=1)
    for name in ("/audit/", "/audit/seals/"):
        assert "admin added ledger" in client_for(auditor).get(name).content.decode()
        page = client_for(auditor_of_mine).get(name).content.decode()
        assert "The history is not what was sealed" in page
        assert "ledger" not in page
    days = "/evidence/days/?day=2024-05-06"
    assert "admin added ledger" in client_for(auditor).get(days).content.decode()
    assert "ledger" not in client_for(auditor_of_mine).get(days).content.decode()


def test_there_is_nobody_who_did_nothing_that_is_in_scope(
    client_for: ClientFor, mine: Function, hidden: Function, auditor_of_mine: User,
    manager: User, developer: User,
) -> None:  # fmt: skip
    added(mine, by=manager)
    added(hidden, by=developer)
    client = client_for(auditor_of_mine)
    assert client.get(f"/people/{manager.pk}/").status_code == 200
    assert client.get(f"/people/{auditor_of_mine.pk}/").status_code == 200
    assert client.get(f"/people/{developer.pk}/").status_code == 404


def test_the_history_holds_what_is_in_scope_and_what_names_nothing(
    client_for: ClientFor, mine: Function, hidden: Function, auditor_of_mine: User, admin: User
) -> None:
    seen = [added(mine), record("person.signed_in", by=auditor_of_mine)]
    freeze: dict[str, Any] = {"where": "all environments", "when": "now", "reason": "Sales"}
    seen.append(record("freeze.placed", by=admin, **freeze))
    added(hidden)
    record("person.signed_in", by=admin)
    record("environment.added", by=admin, environment=hidden.environment)
    record("freeze.placed", by=admin, environment=hidden.environment,
           **freeze | {"where": "elsewhere"})  # fmt: skip
    record("audit.exported", by=admin, format="CSV", filter="function ledger", last_event=1)
    client = client_for(auditor_of_mine)
    ours = {event.pk for event in seen}
    page = client.get("/audit/")
    found = set(page.context["page"].rows)
    assert {event.pk for event in found if event.action != "person.signed_in"} == ours - {
        seen[1].pk
    }
    assert {each.actor_id for each in found} <= {None, auditor_of_mine.pk, admin.pk}
    assert page.context["picture"].count == len(found)
    assert page.context["people"] == ["Sluice", auditor_of_mine.name]
    assert not client.get("/audit/?function=ledger").context["page"].rows
    assert "There is no environment" in client.get("/audit/?env=elsewhere").content.decode()


def test_an_export_holds_what_its_person_sees_when_it_is_written(
    client_for: ClientFor,
    mine: Function,
    hidden: Function,
    auditor_of_mine: User,
    artifact_store: Path,
) -> None:
    added(mine), added(hidden)
    export = export_audit(
        Search.of({}, auditor_of_mine), format="csv", by=auditor_of_mine, origin=Origin()
    )
    exporting.write(str(export.pk))
    export.refresh_from_db()
    text = (artifact_store / export.stored_name).read_text()
    assert "pay-api" in text and "ledger" not in text
    client, address = client_for(auditor_of_mine), f"/audit/exports/{export.pk}/download/"
    answer: Any = client.post(address)
    assert b"pay-api" in b"".join(answer.streaming_content)
    Grant.objects.all().delete()
    refused = client.post(address)
    assert refused.status_code == 403
    assert "What you may see has changed" in refused.content.decode()


def test_evidence_is_of_what_is_in_scope_and_says_so(
    client_for: ClientFor, mine: Function, hidden: Function, auditor_of_mine: User
) -> None:
    own, other = added(mine), added(hidden)
    today = timezone.now().date()
    scope = OfDays(today, today, auditor_of_mine)
    assert own in scope.own() and other not in scope.own()
    assert "in the scope of part-auditor (functions called pay-api)" in scope.words
    page = client_for(auditor_of_mine).get("/evidence/")
    assert page.context["functions"] == ["pay-api"]


def test_views_that_people_share_are_for_whoever_sees_everything(
    client_for: ClientFor, viewer: User, admin: User, auditor_of_mine: User
) -> None:
    AuditView.objects.create(person=admin, name="Ledger", query="q=ledger", is_shared=True)
    assert "Ledger" in client_for(viewer).get("/audit/").content.decode()
    assert "Ledger" not in client_for(auditor_of_mine).get("/audit/").content.decode()


def test_a_promotion_out_of_scope_is_told_by_no_page(
    client_for: ClientFor, developer: User
) -> None:
    release, target = pair()
    made = promote(release, to=target, by=developer, origin=HERE)
    there, here = target.environment, release.function.environment
    for environment, own, other in ((here, release, made), (there, made, release)):
        client = client_for(within(environment, Role.RELEASE_MANAGER))
        for path in (f"/releases/{own.pk}/", f"/functions/{own.function_id}/", "/audit/",
                     f"/people/{developer.pk}/", "/board/", "/releases/", "/"):  # fmt: skip
            shown = client.get(path).content.decode()
            assert other.reference not in shown, path
            name = other.function.environment.name
            assert f">{name}<" not in shown and f"of {name}" not in shown, path
        assert client.get(f"/releases/{own.pk}/promote/?to={other.function_id}").status_code == 404
    whole = client_for(within(here, Role.DEVELOPER))
    person = User.objects.latest("pk")
    give(person, Role.DEVELOPER, environment=there)
    assert made.reference in whole.get(f"/releases/{release.pk}/").content.decode()


def test_bytes_that_were_brought_in_elsewhere_tell_nothing_of_there(
    client_for: ClientFor, mine: Function, hidden: Function
) -> None:
    first = IntakeFactory.create(function=hidden)
    again = IntakeFactory.create(function=mine, artifact=first.artifact)
    shown = client_for(within(mine, Role.DEVELOPER)).get(f"/intakes/{again.pk}/")
    assert shown.context["panel"].first is None


def test_what_waits_for_somebody_is_in_their_scope(mine: Function, hidden: Function) -> None:
    asker = UserFactory.create(role=Role.ADMINISTRATOR)
    for function in (mine, hidden):
        Rollback.objects.create(function=function, alias="live", to_version=1, reason="Fails",
                                requested_by=asker, state=RollbackState.WAITING)  # fmt: skip
        changed(asker, function=function)
        changed(asker, environment=function.environment)
    manager = within(mine, Role.RELEASE_MANAGER)
    assert [each.function for each in rollbacks_for(manager)] == [mine]
    assert [each.function for each in policy_changes_for(manager)] == [mine]
    of_all_there = within(mine.environment, Role.RELEASE_MANAGER)
    assert {each.subject for each in policy_changes_for(of_all_there)} == {mine, mine.environment}
    give(of_all_there, Role.ADMINISTRATOR, pattern="pay-*")
    assert {each.subject for each in policy_changes_for(of_all_there)} == {mine.environment}


def changed(by: User, **subject: Function | Environment) -> PolicyChange:
    return PolicyChange.objects.create(
        **subject,
        **{f"before_{name}": value for name, value in columns(Rules(2)).items()},
        **{f"after_{name}": value for name, value in columns(Rules(1)).items()},
        reason="Slow",
        proposed_by=by,
    )


def test_a_policy_counts_the_people_of_its_function(mine: Function, hidden: Function) -> None:
    within(mine, Role.RELEASE_MANAGER)
    assert too_few(Rules(1), mine) == ""
    assert "asks for 1 release manager where 0 are active" in too_few(Rules(1), hidden)
    # Each function of the environment has somebody, though the environment itself has nobody.
    assert too_few(Rules(1), mine.environment) == ""
    FunctionFactory.create(environment=mine.environment, name="shop")
    assert too_few(Rules(1), mine.environment) != ""


def test_a_vote_on_a_policy_counts_while_its_role_for_that_is_held(mine: Function) -> None:
    change = changed(UserFactory.create(), function=mine)
    manager = within(mine, Role.RELEASE_MANAGER)
    change.decisions.create(person=manager, role=Role.RELEASE_MANAGER, verdict="approve")
    assert counting_policy_approvals(change).count() == 1
    Grant.objects.all().delete()
    assert counting_policy_approvals(change).count() == 0


@pytest.mark.parametrize("name", ["aa-hidden", "zz-hidden"])
def test_a_page_after_what_does_not_exist_for_them_is_the_first(
    client_for: ClientFor, mine: Function, auditor_of_mine: User, name: str
) -> None:
    unseen = FunctionFactory.create(name=name, environment=mine.environment)
    browser = client_for(auditor_of_mine)
    assert mine.name in browser.get(f"/functions/?after={unseen.pk}").content.decode()
    assert mine.name in browser.get("/functions/?after=999999999").content.decode()
    assert mine.name not in browser.get(f"/functions/?after={mine.pk}").content.decode()
