"""What must be configured before Sluice runs, and which database it refuses."""

from typing import Any

import pytest
from django.apps import apps
from django.core.management.base import SystemCheckError
from django.db import connection, transaction

from releases.checks import (
    history_is_out_of_reach,
    no_demo_data,
    refuse_demo_data,
    services_are_configured,
)
from releases.database_roles import as_owner
from sandbox import marker


@pytest.fixture
def outside_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apps, "is_installed", lambda name: name != "sandbox")


@pytest.fixture
def marked(transactional_db: None) -> Any:
    with as_owner():
        marker.write(connection)
    yield
    with as_owner():
        marker.write(connection, "")


def test_missing_services_are_named(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", "")
    settings.REDIS_URL = ""
    assert [problem.id for problem in services_are_configured(None)] == [
        "sluice.E001",
        "sluice.E002",
    ]


def test_the_demos_database_is_refused(marked: None, outside_the_sandbox: None) -> None:
    assert [problem.id for problem in no_demo_data(None, ["default"])] == ["sluice.E003"]
    with pytest.raises(SystemCheckError, match="made for the demo"):
        refuse_demo_data()


def test_the_sandbox_itself_may_use_it(marked: None) -> None:
    assert no_demo_data(None, ["default"]) == []


def test_any_other_database_is_fine(transactional_db: None, outside_the_sandbox: None) -> None:
    refuse_demo_data()
    assert no_demo_data(None, ["default"]) == []


def test_a_role_that_could_change_the_history_is_named(transactional_db: None) -> None:
    assert history_is_out_of_reach(None, ["default"]) == []
    with as_owner():
        (problem,) = history_is_out_of_reach(None, ["default"])
    assert problem.id == "sluice.E004"
    assert "could change the history" in str(problem) and "DATABASE_OWNER_URL" in str(problem)


OWNED_BY_ANOTHER = """
CREATE ROLE holder; CREATE ROLE runner NOINHERIT; GRANT holder TO runner;
GRANT holder, runner TO CURRENT_USER; GRANT CREATE ON SCHEMA public TO holder;
ALTER TABLE releases_auditseal OWNER TO holder; SET LOCAL ROLE runner
"""


def test_so_is_one_that_could_become_the_owner(transactional_db: None) -> None:
    """It has none of the owner's rights by itself, and all of them after SET ROLE."""
    with as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(OWNED_BY_ANOTHER)
        found = history_is_out_of_reach(None, ["default"])
        transaction.set_rollback(True)
    assert [problem.id for problem in found] == ["sluice.E004"]
