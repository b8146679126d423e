"""Environments: administrators only, and nothing secret on the page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.models import AuditEvent, Environment
from tests.factories import EnvironmentFactory, FunctionFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
BUCKET = "A bucket&#x27;s name"


@pytest.fixture
def visitor(client_for: ClientFor, admin: User) -> Client:
    return client_for(admin)


def entered(**changes: Any) -> dict[str, Any]:
    return {
        "name": "staging",
        "tier": "staging",
        "account_id": "210987654321",
        "region": "eu-central-1",
        "role_arn": "arn:aws:iam::210987654321:role/sluice",
        "staging_bucket": "",
    } | changes


def test_a_manager_is_refused(client_for: ClientFor, manager: User) -> None:
    environment = EnvironmentFactory.create()
    for address in ("", "add/", f"{environment.pk}/"):
        assert client_for(manager).get(f"/environments/{address}").status_code == 403, address


def test_an_attempt_to_change_one_is_in_the_history(client_for: ClientFor, manager: User) -> None:
    environment = EnvironmentFactory.create()
    client = client_for(manager)
    for address in ("add", environment.pk):
        assert client.post(f"/environments/{address}/", entered(name="x")).status_code == 403
    assert not Environment.objects.filter(name="x").exists()
    refused = AuditEvent.objects.filter(action="environment.refused").order_by("pk")
    assert [each.sentence.split(":")[0] for each in refused] == [
        f"{manager.name} was not allowed to add an environment",
        f"{manager.name} was not allowed to change {environment.name}",
    ]


def test_who_may_not_gets_no_form_back(client_for: ClientFor, manager: User) -> None:
    assert client_for(manager).post("/environments/add/", entered(name="")).status_code == 403


def test_the_list_counts_functions(visitor: Client) -> None:
    FunctionFactory.create_batch(2)
    assert visitor.get("/environments/").context["environments"][0].function_count == 2


def test_adding_one_shows_its_trust_policy(visitor: Client) -> None:
    page = visitor.post("/environments/add/", entered(), follow=True).content.decode()
    added = Environment.objects.get(name="staging")
    assert str(added.external_id) in page
    assert "sts:ExternalId" in page


def test_changing_one_is_in_the_history(visitor: Client) -> None:
    environment = EnvironmentFactory.create()
    visitor.post(f"/environments/{environment.pk}/", entered(name="production"))
    event = AuditEvent.objects.get(action="environment.changed")
    assert "account_id 123456789012 → 210987654321" in event.sentence


def test_the_account_stays_once_there_are_functions(visitor: Client) -> None:
    environment = FunctionFactory.create().environment
    page = visitor.post(f"/environments/{environment.pk}/", entered(name="production"))
    assert "its account and Region stay" in page.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("account_id", "123", "An account id has 12 digits."),
        ("region", "Frankfurt", "A Region reads like eu-west-1."),
        ("role_arn", "sluice", "A role ARN reads like"),
        ("role_arn", "http://169.254.169.254/latest", "A role ARN reads like"),
        ("role_arn", "arn:aws:iam::123456789012:role/x", "This role is in account 123456789012"),
        ("role_arn", "arn:aws-cn:iam::210987654321:role/x", "This role is in partition aws-cn"),
        ("account_id", "\u0967\u0968\u0969" * 4, "An account id has 12 digits."),
        ("region", "eu-west-1.evil.example", "A Region reads like eu-west-1."),
        ("region", "eu-west-\u0967", "A Region reads like eu-west-1."),
        ("staging_bucket", "arn:aws:s3:eu-west-1:210987654321:accesspoint/x", BUCKET),
        ("staging_bucket", "evil.example/x", BUCKET),
    ],
)
def test_a_wrong_value_is_explained(visitor: Client, field: str, value: str, words: str) -> None:
    page = visitor.post("/environments/add/", entered(**{field: value})).content.decode()
    assert words in page
