"""A manager's browser, and caches without what other tests compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import User
from releases.views.compared import _block, _numbers, _tree


@pytest.fixture
def browser(client_for: Callable[[User], Client], manager: User) -> Client:
    return client_for(manager)


@pytest.fixture
def nothing_kept() -> None:
    """The caches go by content, and the tests' packages are alike."""
    _tree.cache_clear()
    _numbers.cache_clear()
    _block.cache_clear()
    caches["diffs"].clear()
