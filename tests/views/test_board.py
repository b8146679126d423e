"""The board: what is where, what differs, what waits; and that more functions cost no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from releases.models import Artifact, Drift, Environment, Function, Release, Tier, Version
from releases.states import ReleaseState
from releases.views.promotion_board import Cell
from tests.actions.promotions import pair, released, runs, staging
from tests.factories import ArtifactFactory, EnvironmentFactory, FunctionFactory, ReleaseFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User], Client]
ONE, TWO = "b25l" * 10 + "b24=", "dHdv" * 10 + "dHc="


@pytest.fixture
def browser(client_for: ClientFor, developer: User) -> Client:
    return client_for(developer)


def in_both(name: str, here: str, there: str) -> tuple[Function, Function]:
    low = FunctionFactory.create(name=name, environment=staging())
    high = FunctionFactory.create(name=name)
    runs(low, here)
    runs(high, there)
    return low, high


def names(browser: Client, query: str = "") -> list[str]:
    return [row.name for row in browser.get(f"/board/{query}").context["board"].rows]


def cells(browser: Client, name: str, query: str = "") -> dict[str, Cell | None]:
    rows = browser.get(f"/board/{query}").context["board"].rows
    row = next(each for each in rows if each.name == name)
    return {environment.name: cell for environment, cell in row.cells}


def test_a_row_is_a_function_and_a_column_an_environment(browser: Client) -> None:
    in_both("checkout", ONE, TWO)
    FunctionFactory.create(name="invoices")
    assert names(browser) == ["checkout", "invoices"]
    assert list(cells(browser, "invoices")) == ["staging", "production"]
    assert cells(browser, "invoices")["staging"] is None
    assert "not here" in browser.get("/board/").content.decode()


def test_columns_go_from_development_to_production(browser: Client) -> None:
    EnvironmentFactory.create(name="a-production")
    EnvironmentFactory.create(name="m-staging", tier=Tier.STAGING)
    EnvironmentFactory.create(name="z-development", tier=Tier.DEVELOPMENT)
    shown = browser.get("/board/").context["board"].environments
    assert [each.name for each, _ in shown] == ["z-development", "m-staging", "a-production"]


def test_content_is_compared_with_the_environment_before_it_in_words(browser: Client) -> None:
    in_both("same", ONE, ONE)
    assert "same as staging" in browser.get("/board/").content.decode()
    in_both("other", ONE, TWO)
    assert "differs from staging" in browser.get("/board/?q=other").content.decode()


def test_a_gap_is_compared_across(browser: Client) -> None:
    EnvironmentFactory.create(name="development", tier=Tier.DEVELOPMENT)
    early = FunctionFactory.create(
        name="checkout", environment=Environment.objects.get(name="development")
    )
    runs(early, ONE)
    in_both("invoices", ONE, ONE)
    late = FunctionFactory.create(name="checkout")
    runs(late, TWO)
    assert "differs from development" in browser.get("/board/?q=checkout").content.decode()


def test_a_function_without_an_alias_runs_latest(browser: Client) -> None:
    FunctionFactory.create(name="events", live_alias="", latest_code_sha256=ONE)
    cell = cells(browser, "events")["production"]
    assert cell is not None and cell.code == ONE
    assert "$LATEST" in browser.get("/board/").content.decode()


def test_a_release_in_flight_and_those_behind_it_are_shown(browser: Client) -> None:
    _, high = in_both("checkout", ONE, TWO)
    flying = ReleaseFactory.create(function=high, state=ReleaseState.AWAITING_APPROVAL)
    queued = ReleaseFactory.create_batch(2, function=high)
    page = browser.get("/board/").content.decode()
    assert flying.reference in page and "Waiting for approval" in page
    assert "2 queued, <a" in page and f"R-{queued[0].pk}</a> first" in page


def test_what_is_live_further_left_can_go_right_and_not_back(browser: Client) -> None:
    source, target = pair()
    third = released(target_of("checkout", "sandbox"))
    shown = cells(browser, "checkout")
    assert shown["staging"] is not None
    assert [each.target for each in shown["staging"].offers] == [target, third.function]
    assert shown["production"] is not None and shown["production"].offers == []
    page = browser.get("/board/").content.decode()
    assert f'hx-get="/releases/{source.pk}/promote/?to={target.pk}"' in page


def target_of(name: str, environment: str) -> Function:
    made: Function = FunctionFactory.create(
        name=name, environment=EnvironmentFactory.create(name=environment)
    )
    return made


def test_the_same_content_is_not_offered(browser: Client) -> None:
    source, target = pair()
    code = source.artifact.code_sha256 if source.artifact else ""
    target.versions.update(code_sha256=code)
    shown = cells(browser, "checkout")["staging"]
    assert shown is not None and shown.offers == []


def test_what_waits_there_already_greys_the_button_with_the_reason(browser: Client) -> None:
    source, target = pair()
    other = ReleaseFactory.create(function=target, artifact=source.artifact)
    said = f"not possible: {other.reference} brings exactly these bytes to checkout in production"
    assert said in browser.get("/board/").content.decode()


def test_text_finds_part_of_a_name(browser: Client) -> None:
    in_both("checkout-api", ONE, TWO)
    in_both("invoices", ONE, TWO)
    assert names(browser, "?q=KOUT") == ["checkout-api"]


def test_environments_are_chosen_in_the_address(browser: Client) -> None:
    in_both("checkout", ONE, TWO)
    FunctionFactory.create(name="only-production")
    EnvironmentFactory.create(name="development", tier=Tier.DEVELOPMENT)
    assert names(browser, "?env=staging") == ["checkout"]
    assert list(cells(browser, "checkout", "?env=staging&env=production")) == [
        "staging", "production",
    ]  # fmt: skip
    assert browser.get("/board/?env=nowhere").status_code == 404


def test_only_those_that_differ_are_found(browser: Client) -> None:
    in_both("same", ONE, ONE)
    in_both("other", ONE, TWO)
    FunctionFactory.create(name="alone")
    assert names(browser, "?differs=1") == ["other"]
    assert names(browser, "?differs=1&env=staging") == []


def test_what_runs_nowhere_yet_does_not_differ(browser: Client) -> None:
    in_both("other", ONE, TWO)
    low, _ = in_both("new", ONE, ONE)
    Function.objects.filter(pk=low.pk).update(live_version=None)
    assert names(browser, "?differs=1") == ["other"]


def test_what_was_changed_outside_sluice_is_one_click_away(browser: Client) -> None:
    low, _ = in_both("checkout", ONE, ONE)
    found = Drift.objects.create(function=low, what=["Memory changed"], kinds=["configuration"])
    page = browser.get("/board/").content.decode()
    assert page.count(f'href="/drifts/{found.pk}/"') == page.count("changed outside") == 1


def test_only_those_where_something_waits_are_found(browser: Client) -> None:
    in_both("still", ONE, TWO)
    busy, _ = in_both("busy", ONE, TWO)
    over, _ = in_both("over", ONE, TWO)
    ReleaseFactory.create(function=busy)
    ReleaseFactory.create(function=over, state=ReleaseState.CANCELLED)
    ReleaseFactory.create(function=over, state=ReleaseState.DRAFT)
    assert names(browser, "?waiting=1") == ["busy"]
    assert list(cells(browser, "busy", "?waiting=1")) == ["staging", "production"]
    assert names(browser, "?waiting=1&env=production") == []


def test_pages_follow_each_other_by_name(browser: Client) -> None:
    FunctionFactory.create_batch(51)
    first = browser.get("/board/").context["board"]
    second = browser.get(f"/board/{first.older}").context["board"]
    found = [row.name for row in (*first.rows, *second.rows)]
    assert found == list(Function.objects.order_by("name").values_list("name", flat=True))
    assert (len(second.rows), second.older) == (1, "") and second.newest


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "No environments yet"),
        ("?q=x", "No environments yet"),
    ],
)
def test_an_empty_board_says_why(browser: Client, query: str, words: str) -> None:
    assert words in browser.get(f"/board/{query}").content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?q=nothing", "No function matches"),
        ("?differs=1", "No function differs"),
        ("?waiting=1", "Nothing is waiting"),
        ("?env=staging", "No function matches"),
    ],
)
def test_filters_that_find_nothing_say_why(browser: Client, query: str, words: str) -> None:
    staging()
    FunctionFactory.create()
    assert words in browser.get(f"/board/{query}").content.decode()


def test_the_rows_come_alone_for_a_live_page(browser: Client) -> None:
    in_both("checkout", ONE, TWO)
    page = browser.get("/board/").content.decode()
    assert 'hx-trigger="sse:dashboard' in page and 'data-go="b"' in page
    part = browser.get("/board/_rows/?q=check").content.decode()
    assert "checkout" in part and "<html" not in part


def many(count: int, prefix: str, by: User) -> None:
    """So many functions in three environments, each live by a release, and with one in flight."""
    development = EnvironmentFactory.create(name="development", tier=Tier.DEVELOPMENT)
    functions = Function.objects.bulk_create(
        Function(
            environment=environment,
            name=f"{prefix}-{number:04d}",
            arn=f"{environment}/{prefix}-{number:04d}",
            live_alias="live",
            live_version=1,
        )
        for number in range(count)
        for environment in (development, staging(), EnvironmentFactory.create())
    )
    artifacts = Artifact.objects.bulk_create(
        ArtifactFactory.build(content=f"{each}{each.environment}") for each in functions
    )
    about = [
        {"function": each, "artifact": artifact, "gate": each.gate, "requested_by": by}
        for each, artifact in zip(functions, artifacts, strict=True)
    ]
    done = Release.objects.bulk_create(
        Release(**each, state=ReleaseState.RELEASED, version_number=1) for each in about
    )
    Version.objects.bulk_create(
        Version(
            function=each.function,
            number=1,
            code_sha256=each.artifact.code_sha256 if each.artifact else "",
            release=each,
        )
        for each in done
    )
    Release.objects.bulk_create(
        Release(**each, state=ReleaseState.AWAITING_APPROVAL) for each in about
    )


def queries(browser: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = browser.get(address)
    assert "Promote" in answer.content.decode()
    return len(captured)


@pytest.mark.parametrize("query", ["", "?differs=1", "?waiting=1&q=0"])
def test_ten_functions_or_two_hundred_ask_the_same_queries(
    browser: Client, developer: User, query: str
) -> None:
    many(10, "f", developer)
    few = queries(browser, f"/board/{query}")
    many(190, "g", developer)
    assert queries(browser, f"/board/{query}") == few
    assert few <= 15


def test_the_address_is_kept_when_rows_are_fetched_again(browser: Client) -> None:
    in_both("checkout", ONE, TWO)
    page: Any = browser.get("/board/?q=check&differs=1")
    assert 'hx-get="/board/_rows/?q=check&amp;differs=1"' in page.content.decode()
