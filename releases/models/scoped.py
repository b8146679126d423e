"""Rows that hang on a function, and exist for whoever can see that function."""

from __future__ import annotations

from typing import ClassVar, Self, TypeVar

from django.db import models

from accounts.models import User
from releases.models.functions import Function
from releases.models.grants import sees_everything

M = TypeVar("M", bound=models.Model)


class ScopedQuerySet(models.QuerySet[M]):
    """`way` leads to the number of the function."""

    way: ClassVar[str] = "function_id"

    def visible_to(self, person: User) -> Self:
        """What exists for this person. Whoever has a role for everything costs nothing."""
        if sees_everything(person):
            return self
        visible = Function.objects.visible_to(person).order_by().values("pk")
        return self.filter(**{f"{self.way}__in": visible})
