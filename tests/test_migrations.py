"""Migrations that look at what is there before they change anything."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management.base import CommandError
from django.db import connection

from releases.models import Function
from tests.factories import EnvironmentFactory, FunctionFactory

pytestmark = pytest.mark.django_db
refuse = import_module("releases.migrations.0009_managed_once").refuse_what_is_managed_twice


def test_what_is_managed_twice_is_named_with_what_to_do() -> None:
    only = next(each for each in Function._meta.constraints if each.name == "one_function_by_arn")
    with connection.schema_editor() as editor:
        editor.remove_constraint(Function, only)
    other = EnvironmentFactory.create(name="sandbox")
    FunctionFactory.create()
    first = FunctionFactory.create()
    second = FunctionFactory.create(environment=other, name=first.name, arn=first.arn)
    both = f"{first.arn} as {first.pk} (in {first.environment.name}) and {second.pk} (in sandbox)"
    with pytest.raises(CommandError) as refused:
        refuse(apps, None)
    assert f"the same one: {both}. Nothing was changed. README.md" in str(refused.value)


def test_what_is_managed_once_is_let_through() -> None:
    FunctionFactory.create_batch(2)
    refuse(apps, None)
