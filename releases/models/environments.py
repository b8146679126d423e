"""Environments: the AWS accounts and Regions that releases go to. No secret is stored here."""

from __future__ import annotations

import uuid

from django.core.validators import RegexValidator
from django.db import models

from accounts.models import User
from releases.aws.types import Target
from releases.models.grants import covered_by, grants_of, sees_everything
from releases.models.policies import HasRules, can_be_rules


class Tier(models.TextChoices):
    """How careful people should be; drawn as the mark beside the environment's name."""

    PRODUCTION = "production", "Production"
    STAGING = "staging", "Staging"
    DEVELOPMENT = "development", "Development"


class EnvironmentQuerySet(models.QuerySet["Environment"]):
    def visible_to(self, person: User) -> EnvironmentQuerySet:
        """Those that somebody has a role for, or can see a function in."""
        if sees_everything(person):
            return self
        grants = grants_of(person)
        given = [each.environment_id for each in grants if each.environment_id]
        holding = self.model.objects.filter(covered_by(grants, "functions__"))
        return self.filter(models.Q(pk__in=given) | models.Q(pk__in=holding.values("pk")))


class Environment(HasRules):
    """An account and Region; its rules are those of every function without rules of its own."""

    name = models.SlugField(max_length=40, unique=True)
    tier = models.CharField(max_length=12, choices=Tier, default=Tier.PRODUCTION)
    account_id = models.CharField(
        max_length=12, validators=[RegexValidator(r"^\d{12}$", "An account id has 12 digits.")]
    )
    region = models.CharField(max_length=32)
    role_arn = models.CharField(max_length=2048, blank=True)
    external_id = models.CharField(max_length=64, default=uuid.uuid4, editable=False)
    staging_bucket = models.CharField(max_length=63, blank=True)
    # When all its functions were last asked for, how many there were, and what kept us from it.
    listed_at = models.DateTimeField(null=True)
    listed_count = models.PositiveIntegerField(default=0)
    list_problem = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EnvironmentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=can_be_rules(), name="environment_can_be_rules")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def target(self) -> Target:
        return Target(
            account_id=self.account_id,
            region=self.region,
            role_arn=self.role_arn,
            external_id=str(self.external_id),
        )
