"""/support/: whatever an administrator does there, no row is another afterwards."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import get_resolver

from accounts import support
from accounts.models import BreakGlassCode, Role, User
from releases.actions.break_glass import print_codes
from releases.actions.invite import invite
from releases.audit import Origin
from releases.models import AuditEvent, Decision, Release
from releases.states import ReleaseState
from tests.factories import UserFactory
from tests.test_attempts import rows
from tests.views.scenes import a_release, approved_by

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
MODELS = sorted(support.site._registry, key=lambda model: model._meta.label)
BY_LABEL = [pytest.param(model, id=model._meta.label) for model in MODELS]


def address(model: type[Model], rest: str = "") -> str:
    return f"/support/{model._meta.app_label}/{model._meta.model_name}/{rest}"


@pytest.fixture
def browser(client_for: ClientFor, admin: User, manager: User) -> Client:
    """The administrator's, with something to look at."""
    approved_by(a_release(ReleaseState.AWAITING_APPROVAL), manager)
    return client_for(admin)


@pytest.mark.parametrize("model", BY_LABEL)
def test_nothing_may_be_added_changed_or_deleted(
    model: type[Model], admin: User, rf: RequestFactory
) -> None:
    request = rf.get("/support/")
    request.user = admin
    shown = support.site._registry[model]
    assert shown.has_view_permission(request)
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)
    assert shown.get_actions(request) == {}


def test_a_row_links_to_no_page_that_there_is_not(browser: Client) -> None:
    pk = Release.objects.latest("pk").pk
    page = browser.get(address(Release, f"{pk}/change/")).content.decode()
    assert "object-tools" not in page and "historylink" not in page


@pytest.mark.parametrize("model", BY_LABEL)
def test_no_request_writes(model: type[Model], browser: Client) -> None:
    row = model._default_manager.first()
    pk = row.pk if row else 1
    # Kept by Django when it is first asked for.
    ContentType.objects.clear_cache()
    ContentType.objects.get_for_model(model)
    before = rows()
    events = AuditEvent.objects.count()
    for rest in ("", f"{pk}/change/"):
        form = {"action": "delete_selected", "_selected_action": pk, "post": "yes", "_save": "1"}
        assert browser.post(address(model, rest), form).status_code == 405
        for method in ("PUT", "PATCH", "DELETE"):
            assert browser.generic(method, address(model, rest)).status_code == 405
    for rest in ("add/", f"{pk}/delete/", f"{pk}/password/"):
        assert browser.post(address(model, rest), {}).status_code in (404, 405)
        assert browser.get(address(model, rest)).status_code == 404
    assert browser.get(address(model)).status_code == 200
    if row:
        assert browser.get(address(model, f"{pk}/change/")).status_code == 200
    assert rows() == before
    # Looking leaves nothing; what is not there, though somebody would write to it, is told.
    told = AuditEvent.objects.order_by("pk").values_list("action", flat=True)[events:]
    assert list(told) == ["person.refused"] * 3


def test_what_matters_most_is_looked_at_above(browser: Client) -> None:
    assert {User, Release, Decision, AuditEvent} <= set(MODELS)
    assert all(model.objects.exists() for model in (User, Release, Decision))


def test_there_is_no_other_address_of_it() -> None:
    names = set(get_resolver("config.urls").namespace_dict["admin"][1].reverse_dict)
    own = {name for name in names if isinstance(name, str)}
    models = {f"{m._meta.app_label}_{m._meta.model_name}" for m in MODELS}
    looked_at = {f"{name}_{view}" for name in models for view in ("changelist", "change")}
    assert own == looked_at | {"index", "jsi18n", "app_list"}


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_it_is_for_administrators_alone(client_for: ClientFor, role: Role) -> None:
    # Django's own marks lead nowhere.
    person = UserFactory.create(role=role, is_staff=True, is_superuser=True)
    browser = client_for(person)
    for path in ("/support/", "/support/jsi18n/", "/support/accounts/", address(User)):
        assert browser.get(path).status_code == 403, path
    assert Client().get("/support/").status_code == 302


def test_no_secret_is_shown(browser: Client, admin: User, manager: User) -> None:
    manager.set_password("planted")
    manager.save()
    here = Origin(address="127.0.0.1")
    invitation, _ = invite("ines", "Ines", Role.VIEWER, by=admin, origin=here)
    print_codes(manager, by=admin, origin=here)
    code = BreakGlassCode.objects.first()
    assert code
    for row, secret in (
        (manager, manager.password), (invitation, invitation.digest), (code, code.secret_hash),
    ):  # fmt: skip
        page = browser.get(address(type(row), f"{row.pk}/change/")).content.decode()
        assert str(row) in page and secret not in page and secret[:12] not in page


@pytest.mark.parametrize(
    ("model", "column"),
    [
        pytest.param(model, column, id=f"{model._meta.label}.{column}")
        for model, columns in support.SECRETS.items()
        for column in columns
    ]
    + [
        pytest.param(model, f"{relation}__password", id=f"{model._meta.label}.{relation}")
        for model, relation in (
            (UserSession, "user"),
            (Authenticator, "user"),
            (BreakGlassCode, "person"),
        )
    ],
)
def test_no_secret_is_found_out_by_counting_the_rows_that_answer(
    browser: Client, model: type[Model], column: str
) -> None:
    for lookup in (column, f"{column}__startswith", f"{column}__regex", f"{column}__isnull"):
        assert browser.get(address(model), {lookup: "1"}).status_code == 400


@pytest.mark.parametrize("model", BY_LABEL)
def test_no_secret_is_searched_or_put_in_order(model: type[Model]) -> None:
    shown = support.site._registry[model]
    assert (shown.search_fields, shown.list_display) == ((), ("__str__",))
