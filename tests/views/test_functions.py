"""Functions: the list and the page of one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from releases.models import Alias, Environment, Function, Version
from releases.models.functions import GONE
from releases.states import ReleaseState
from tests.factories import EnvironmentFactory, FunctionFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
CODE, OTHER = (
    "NbfmlBI6Wv0yq5n0m1cQh3nH5x0k2mO1m0r0Yq4lb0A=",
    "s2Jv3OzQ3qqpLPHnCyxSIF43IgQ+NQQ85s/RjMX7ruA=",
)


@pytest.fixture
def visitor(client_for: ClientFor, viewer: User) -> Client:
    return client_for(viewer)


def live_function(**values: Any) -> Function:
    function = FunctionFactory.create(live_version=2, latest_code_sha256=CODE, **values)
    for number in (1, 2):
        Version.objects.create(function=function, number=number, code_sha256=CODE)
    Alias.objects.create(function=function, name="live", version="2", revision_id="r")
    return function


def test_the_list_groups_by_environment(visitor: Client) -> None:
    live_function()
    FunctionFactory.create(environment=EnvironmentFactory.create(name="staging"))
    page = visitor.get("/functions/").content.decode()
    assert page.index("123456789012") < page.index("staging")


@pytest.mark.parametrize(
    ("latest", "words"),
    [(CODE, "same code as live"), (OTHER, "code differs from live"), ("", "nothing to compare")],
)
def test_the_list_compares_latest_with_live(visitor: Client, latest: str, words: str) -> None:
    function = live_function()
    Function.objects.filter(pk=function.pk).update(latest_code_sha256=latest)
    assert words in visitor.get("/functions/").content.decode()


def test_the_list_names_the_last_release_and_the_one_in_flight(visitor: Client) -> None:
    function = live_function()
    last = ReleaseFactory.create(function=function, state=ReleaseState.RELEASED, version_number=2)
    flying = ReleaseFactory.create(function=function, state=ReleaseState.STAGING)
    row = visitor.get("/functions/").context["page"].rows[0]
    assert (row.last, row.in_flight) == (last, flying)


@pytest.mark.parametrize(
    ("alias", "rollback", "words"),
    [
        ("live", 1, "one release manager, at any time and without the gate, to a version that was"),
        ("live", 2, "two release managers, at any time and without the gate: one asks"),
        ("", 1, "without the gate to code that was released or live here"),
        ("", 2, "for there is no alias to move; it goes through the gate."),
    ],
)
def test_the_page_says_who_rolls_back(
    visitor: Client, alias: str, rollback: int, words: str
) -> None:
    environment = EnvironmentFactory.create()
    Environment.objects.filter(pk=environment.pk).update(rollback_people=rollback)
    function = FunctionFactory.create(environment=environment, live_alias=alias)
    assert words in visitor.get(f"/functions/{function.pk}/").content.decode()


def test_a_function_that_is_gone_is_not_called_live(visitor: Client) -> None:
    function = live_function(poll_problem=GONE)
    assert "is no longer in AWS" in visitor.get(f"/functions/{function.pk}/").content.decode()
    page = visitor.get("/functions/").content.decode()
    assert "not in AWS" in page and "same code as live" not in page


def test_a_function_that_cannot_be_read_is_said_to_be_old_news(visitor: Client) -> None:
    function = live_function(poll_problem="AccessDenied")
    page = visitor.get(f"/functions/{function.pk}/").content.decode()
    assert "cannot read" in page and "(AccessDenied), so this may be old" in page


def test_the_list_searches_names(visitor: Client) -> None:
    wanted = FunctionFactory.create(name="tax-lookup")
    FunctionFactory.create()
    rows = visitor.get("/functions/?q=LOOK").context["page"].rows
    assert [row.function for row in rows] == [wanted]


def test_the_list_pages_by_environment_and_name(visitor: Client) -> None:
    FunctionFactory.create_batch(51)
    first = visitor.get("/functions/").context["page"]
    second = visitor.get(f"/functions/{first.older}").context["page"]
    names = [row.function.name for row in (*first.rows, *second.rows)]
    assert names == sorted(Function.objects.values_list("name", flat=True))


def test_the_list_asks_a_fixed_number_of_queries(
    visitor: Client, django_assert_max_num_queries: Any
) -> None:
    for function in FunctionFactory.create_batch(10):
        ReleaseFactory.create(function=function)
    with django_assert_max_num_queries(7):
        visitor.get("/functions/")


def test_an_unknown_function_is_not_found(visitor: Client) -> None:
    assert visitor.get("/functions/99/").status_code == 404


def test_the_page_says_in_words_that_latest_is_live(visitor: Client) -> None:
    page = visitor.get(f"/functions/{live_function().pk}/").content.decode()
    assert "identical code" in page
    assert "Holds the code of v2" in page


def test_the_page_says_when_latest_differs(visitor: Client) -> None:
    function = live_function()
    Function.objects.filter(pk=function.pk).update(latest_code_sha256=OTHER)
    assert "code differs" in visitor.get(f"/functions/{function.pk}/").content.decode()


def test_the_page_tells_versions_from_outside(visitor: Client) -> None:
    function = live_function()
    release = ReleaseFactory.create(
        function=function, state=ReleaseState.RELEASED, version_number=2
    )
    function.versions.filter(number=2).update(release=release)
    page = visitor.get(f"/functions/{function.pk}/").content.decode()
    assert page.count("outside Sluice") == 1
    assert release.reference in page


def test_versions_are_paged_by_number(visitor: Client) -> None:
    function = FunctionFactory.create()
    Version.objects.bulk_create(
        Version(function=function, number=n, code_sha256=CODE) for n in range(1, 54)
    )
    page = visitor.get(f"/functions/{function.pk}/?before=4").content.decode()
    assert "<b>v3</b>" in page
    assert "Newest" in page


def test_a_part_comes_alone(visitor: Client) -> None:
    part = visitor.get(f"/functions/{live_function().pk}/_versions/").content.decode()
    assert 'id="versions"' in part
    assert "<html" not in part


def test_an_unknown_part_is_not_found(visitor: Client) -> None:
    assert visitor.get(f"/functions/{live_function().pk}/_secrets/").status_code == 404


def test_the_page_asks_a_fixed_number_of_queries(
    visitor: Client, django_assert_max_num_queries: Any
) -> None:
    function = live_function()
    ReleaseFactory.create_batch(8, function=function)
    with django_assert_max_num_queries(26):
        visitor.get(f"/functions/{function.pk}/")


def test_buttons_that_are_not_for_you_say_why(visitor: Client) -> None:
    page = visitor.get(f"/functions/{live_function().pk}/").content.decode()
    assert page.split("<main")[1].count('aria-disabled="true"') == 6
    assert "You are signed in as viewer." in page


def test_a_weight_is_drawn_however_small_it_is(visitor: Client) -> None:
    function = live_function()
    Alias.objects.update(weights={"1": 0.001})
    marks = visitor.get(f"/functions/{function.pk}/").context["line"].marks
    assert [[flag.share for flag in mark.flags] for mark in marks] == [[1], [99]]


def test_a_version_that_was_deleted_in_aws_is_no_way_back(
    client_for: ClientFor, manager: User
) -> None:
    function = live_function()
    browser = client_for(manager)
    address = f"/functions/{function.pk}/"
    assert 'id="roll-back-to-1"' in browser.get(address).content.decode()
    Version.objects.filter(number=1).update(gone_at=timezone.now())
    page = browser.get(address).content.decode()
    assert "deleted in AWS" in page and 'id="roll-back-to-1"' not in page
    assert browser.get(f"{address}roll-back/").context["sheet"].choices == []
