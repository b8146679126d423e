"""The list of releases and its filters."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from releases.models import Release
from releases.states import ReleaseState
from tests.factories import FunctionFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]


def found(client: Client, query: str) -> list[Release]:
    rows: list[Release] = client.get(f"/releases/{query}").context["page"].rows
    return rows


@pytest.fixture
def visitor(client_for: ClientFor, viewer: User) -> Client:
    return client_for(viewer)


def test_a_whole_reference_leads_to_the_release(visitor: Client) -> None:
    release = ReleaseFactory.create()
    response = visitor.get(f"/releases/?q={release.reference}")
    assert response.headers["Location"] == f"/releases/{release.pk}/"


def test_a_number_finds_its_release(visitor: Client) -> None:
    wanted, _ = ReleaseFactory.create_batch(2)
    assert wanted in found(visitor, f"?q={wanted.pk}")


def test_part_of_a_function_name_finds_its_releases(visitor: Client) -> None:
    wanted = ReleaseFactory.create(function=FunctionFactory.create(name="tax-lookup"))
    ReleaseFactory.create()
    assert found(visitor, "?q=Lookup") == [wanted]


@pytest.mark.parametrize("field", ["sha256", "code_sha256"])
def test_the_beginning_of_a_hash_finds_its_releases(visitor: Client, field: str) -> None:
    wanted = ReleaseFactory.create()
    ReleaseFactory.create()
    prefix = getattr(wanted.artifact, field)[:10].replace("+", "%2B")
    assert found(visitor, f"?q={prefix}") == [wanted]


def test_state_groups_filter(visitor: Client) -> None:
    failed = ReleaseFactory.create(state=ReleaseState.FAILED)
    ReleaseFactory.create(state=ReleaseState.CANCELLED)
    assert found(visitor, "?state=attention") == [failed]
    assert found(visitor, "?state=open") == [failed]


def test_one_function_can_be_asked_for(visitor: Client) -> None:
    wanted = ReleaseFactory.create()
    ReleaseFactory.create()
    assert found(visitor, f"?function={wanted.function_id}") == [wanted]


def test_nonsense_in_the_address_is_harmless(visitor: Client) -> None:
    query = "?function=x&before=%C2%B2&state=none&q=R-99999999999999999999"
    assert visitor.get(f"/releases/{query}").status_code == 200


def test_pages_follow_each_other_without_overlap(visitor: Client) -> None:
    function = FunctionFactory.create()
    ReleaseFactory.create_batch(51, function=function)
    first = visitor.get("/releases/?state=queued").context["page"]
    second = visitor.get(f"/releases/{first.older}").context["page"]
    assert (len(first.rows), len(second.rows)) == (50, 1)
    assert "state=queued" in first.older
    assert second.newest == "?state=queued"


def test_an_empty_answer_says_how_to_search(visitor: Client) -> None:
    assert "No release matches" in visitor.get("/releases/?q=zz").content.decode()


def test_the_first_visit_says_what_a_release_is(visitor: Client) -> None:
    assert "No releases yet" in visitor.get("/releases/").content.decode()


def test_the_number_of_queries_does_not_grow(
    visitor: Client, django_assert_max_num_queries: Any
) -> None:
    ReleaseFactory.create_batch(20)
    with django_assert_max_num_queries(6):
        visitor.get("/releases/")
