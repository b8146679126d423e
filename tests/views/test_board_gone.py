"""The board of functions that are not in AWS any more: they run nothing, and take nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from releases.models import Function
from releases.models.functions import GONE
from tests.actions.promotions import pair
from tests.views.test_board import ONE, TWO, cells, in_both

pytestmark = pytest.mark.django_db


def test_a_function_that_is_gone_runs_nothing(browser: Client) -> None:
    low, _ = in_both("checkout", ONE, TWO)
    Function.objects.filter(pk=low.pk).update(poll_problem=GONE)
    shown = cells(browser, "checkout")
    assert shown["staging"] and shown["staging"].code == ""
    assert shown["production"] and shown["production"].is_same is None
    assert "not in AWS" in browser.get("/board/").content.decode()


def test_nothing_is_promoted_to_where_the_function_is_gone(browser: Client) -> None:
    _, target = pair()
    Function.objects.filter(pk=target.pk).update(poll_problem=GONE)
    cell = cells(browser, "checkout")["staging"]
    assert cell is not None
    [offer] = cell.offers
    assert "is not in AWS any more" in offer.may.reason
