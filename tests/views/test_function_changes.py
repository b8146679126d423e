"""Adding a function, changing its settings, reading it from AWS again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.aws.errors import AccessDenied
from releases.errors import InvalidInput
from releases.models import Environment
from releases.views import functions
from tests.factories import EnvironmentFactory, FunctionFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


@pytest.fixture
def visitor(client_for: ClientFor, manager: User) -> Client:
    return client_for(manager)


@pytest.fixture
def environment() -> Environment:
    return EnvironmentFactory.create()


def entered(environment: Environment, **changes: Any) -> dict[str, Any]:
    return {
        "environment": environment.pk,
        "identifier": "checkout",
        "gate": "review_first",
        "alias_mode": "existing",
        "live_alias": "live",
    } | changes


def answering(monkeypatch: pytest.MonkeyPatch, name: str, answer: Any) -> list[dict[str, Any]]:
    """Replace an action of the view by one that notes its arguments and gives `answer`."""
    calls: list[dict[str, Any]] = []

    def action(*args: Any, **values: Any) -> Any:
        calls.append(values)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(functions, name, action)
    return calls


def test_a_developer_may_not_add_functions(client_for: ClientFor, developer: User) -> None:
    response = client_for(developer).get("/functions/add/")
    assert response.status_code == 403
    assert "Only administrators and release managers" in response.content.decode()


def test_the_environment_of_the_list_is_preselected(
    visitor: Client, environment: Environment
) -> None:
    page = visitor.get("/functions/add/?env=production").content.decode()
    assert f'<option value="{environment.pk}" selected' in page


def test_what_was_entered_reaches_the_action(
    visitor: Client, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = FunctionFactory.create(environment=environment)
    calls = answering(monkeypatch, "add", function)
    response = visitor.post("/functions/add/", entered(environment, alias_mode="create"))
    assert response.headers["Location"] == f"/functions/{function.pk}/"
    assert calls[0]["creates_alias"] is True


def test_stage_first_without_an_alias_is_explained(
    visitor: Client, environment: Environment
) -> None:
    values = entered(environment, gate="stage_first", alias_mode="none")
    page = visitor.post("/functions/add/", values).content.decode()
    assert "Stage first needs a live alias." in page


def test_an_alias_needs_its_name(visitor: Client, environment: Environment) -> None:
    page = visitor.post("/functions/add/", entered(environment, live_alias=""))
    assert "Name the alias, or choose to have none." in page.content.decode()


def test_an_input_that_cannot_be_used_is_explained_at_its_field(
    visitor: Client, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, "add", InvalidInput("This ARN is elsewhere.", field="identifier"))
    page = visitor.post("/functions/add/", entered(environment)).content.decode()
    assert "This ARN is elsewhere." in page
    assert 'aria-invalid="true"' in page


def test_a_refusal_of_aws_is_shown_with_its_advice(
    visitor: Client, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = AccessDenied("not authorized to perform: lambda:GetFunction", name="AccessDenied")
    answering(monkeypatch, "add", error)
    response = visitor.post("/functions/add/", entered(environment))
    page = response.content.decode()
    assert "AccessDenied" in page
    assert "lambda:GetFunction" in page
    assert response.context["aws_error"].advice


def test_settings_start_from_what_is_saved(visitor: Client) -> None:
    function = FunctionFactory.create(creates_alias=True)
    form = visitor.get(f"/functions/{function.pk}/settings/").context["form"]
    assert form.initial["alias_mode"] == "create"


def test_changed_settings_reach_the_action(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = FunctionFactory.create()
    calls = answering(monkeypatch, "change_function", None)
    values = {"gate": "review_first", "alias_mode": "none"}
    response = visitor.post(f"/functions/{function.pk}/settings/", values)
    assert response.headers["Location"] == f"/functions/{function.pk}/"
    assert calls[0]["live_alias"] == ""


def test_a_viewer_may_not_change_settings(client_for: ClientFor, viewer: User) -> None:
    function = FunctionFactory.create()
    response = client_for(viewer).post(f"/functions/{function.pk}/settings/")
    assert response.status_code == 403


def test_reading_again_says_what_aws_answered(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = FunctionFactory.create()
    answering(monkeypatch, "refresh_function", AccessDenied("no", name="AccessDenied"))
    page = visitor.post(f"/functions/{function.pk}/refresh/", follow=True).content.decode()
    assert "AWS refused: AccessDenied. no" in page


def test_reading_again_counts_what_was_new(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = FunctionFactory.create()
    answering(monkeypatch, "refresh_function", [7, 8])
    page = visitor.post(f"/functions/{function.pk}/refresh/", follow=True).content.decode()
    assert "2 new versions" in page


def test_reading_again_is_a_post(visitor: Client) -> None:
    function = FunctionFactory.create()
    assert visitor.get(f"/functions/{function.pk}/refresh/").status_code == 405
