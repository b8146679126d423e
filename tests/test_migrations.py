"""Migrations that look at what is there before they change anything."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import psycopg
import pytest
from django.apps import apps
from django.core.management.base import CommandError

from releases.models import Function, Intake
from tests.factories import EnvironmentFactory, FunctionFactory, IntakeFactory

pin = import_module("releases.migrations.0029_images_of_intakes").pin
refuse = import_module("releases.migrations.0009_managed_once").refuse_what_is_managed_twice


@pytest.fixture
def managed_twice(owner: psycopg.Connection) -> Iterator[None]:
    """The database as it was before it forbade that."""
    table, name = Function._meta.db_table, "one_function_by_arn"
    owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    owner.execute(f"DELETE FROM {table}")
    owner.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (arn)")


@pytest.mark.usefixtures("managed_twice")
def test_what_is_managed_twice_is_named_with_what_to_do() -> None:
    other = EnvironmentFactory.create(name="sandbox")
    FunctionFactory.create()
    first = FunctionFactory.create()
    second = FunctionFactory.create(environment=other, name=first.name, arn=first.arn)
    both = f"{first.arn} as {first.pk} (in {first.environment.name}) and {second.pk} (in sandbox)"
    with pytest.raises(CommandError) as refused:
        refuse(apps, None)
    assert f"the same one: {both}. Nothing was changed. README.md" in str(refused.value)


@pytest.mark.django_db
def test_what_is_managed_once_is_let_through() -> None:
    FunctionFactory.create_batch(2)
    refuse(apps, None)


@pytest.mark.django_db
@pytest.mark.parametrize("label", ["host:443/team/api", "host:443/team/api:v7"])
def test_images_that_were_brought_in_are_pinned_where_they_were(label: str) -> None:
    digest = "d" * 64
    for each in (label, f"{label}@sha256:{digest}"):
        IntakeFactory.create(source="image", label=each, sha256=digest)
    IntakeFactory.create(label="package.zip")
    pin(apps, None)
    pinned = Intake.objects.filter(source="image").values_list("image_uri", flat=True)
    assert set(pinned) == {f"host:443/team/api@sha256:{digest}"}
    assert Intake.objects.get(source="upload").image_uri == ""
