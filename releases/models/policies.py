"""Approval policies: the rules in force, and changes of them that wait for approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from releases.models.grants import covered_by, grants_of, sees_everything
from releases.rules import DAYS, MOST_APPROVALS, MOST_DAYS, Group, Rules

if TYPE_CHECKING:
    from releases.models.environments import Environment
    from releases.models.functions import Function

RULE_FIELDS = ("managers_required", "security_required", "approval_days", "rollback_people")


def can_be_rules(prefix: str = "") -> Q:
    """At least one approval, none of it beyond reason. The database's form of `checked`."""
    managers, security, days, rollback = (f"{prefix}{name}" for name in RULE_FIELDS)
    most = {f"{name}__lte": MOST_APPROVALS + 1 for name in (managers, security)}
    asks = Q(**{f"{managers}__gte": 1}) | Q(**{f"{security}__gte": 1})
    bounds = {f"{days}__gte": 1, f"{days}__lte": MOST_DAYS, f"{rollback}__in": (1, 2)}
    return asks & Q(**most) & Q(**bounds)


def columns(rules: Rules) -> dict[str, int]:
    """The values of RULE_FIELDS."""
    values = (rules.managers, rules.security, rules.days, rules.rollback)
    return dict(zip(RULE_FIELDS, values, strict=True))


class HasRules(models.Model):
    """Rules of its own, one column each, so that the database can count by them."""

    managers_required = models.PositiveSmallIntegerField(default=1)
    security_required = models.PositiveSmallIntegerField(default=0)
    approval_days = models.PositiveSmallIntegerField(default=DAYS)
    rollback_people = models.PositiveSmallIntegerField(default=1)

    class Meta:
        abstract = True

    @property
    def rules(self) -> Rules:
        return Rules(*(getattr(self, name) for name in RULE_FIELDS))


class ChangeState(models.TextChoices):
    PENDING = "pending", "Waiting for approval"
    IN_FORCE = "in_force", "In force"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"
    LAPSED = "lapsed", "Lapsed"


class PolicyChangeQuerySet(models.QuerySet["PolicyChange"]):
    def visible_to(self, person: User) -> PolicyChangeQuerySet:
        """Those of the functions and the environments that this person can see."""
        if sees_everything(person):
            return self
        grants = grants_of(person)
        given = [each.environment_id for each in grants if each.environment_id]
        functions = covered_by(grants, "function__") & Q(function__isnull=False)
        here = Q(environment__in=given) | covered_by(grants, "environment__functions__")
        return self.filter(pk__in=self.model.objects.filter(functions | here).values("pk"))


class PolicyChange(models.Model):
    """A looser policy that somebody proposes; people of the present policy approve it or not.

    `before_*` are the rules whose people decide. With `inherits` the function gives its own
    rules up; `after_*` are then what the environment asks for.
    """

    function = models.ForeignKey(
        "releases.Function", models.PROTECT, null=True, related_name="policy_changes"
    )
    environment = models.ForeignKey(
        "releases.Environment", models.PROTECT, null=True, related_name="policy_changes"
    )
    before_managers_required = models.PositiveSmallIntegerField()
    before_security_required = models.PositiveSmallIntegerField()
    before_approval_days = models.PositiveSmallIntegerField()
    before_rollback_people = models.PositiveSmallIntegerField(default=1)
    after_managers_required = models.PositiveSmallIntegerField()
    after_security_required = models.PositiveSmallIntegerField()
    after_approval_days = models.PositiveSmallIntegerField()
    after_rollback_people = models.PositiveSmallIntegerField(default=1)
    inherits = models.BooleanField(default=False)
    reason = models.TextField()
    state = models.CharField(max_length=9, choices=ChangeState, default=ChangeState.PENDING)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    closed_because = models.TextField(blank=True)

    objects = PolicyChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(function=None) ^ Q(environment=None), name="policy_of_one_thing"
            ),
            models.CheckConstraint(condition=can_be_rules("before_"), name="before_can_be_rules"),
            models.CheckConstraint(condition=can_be_rules("after_"), name="after_can_be_rules"),
            models.UniqueConstraint(
                fields=["function"],
                condition=Q(state=ChangeState.PENDING, function__isnull=False),
                name="one_pending_change_per_function",
            ),
            models.UniqueConstraint(
                fields=["environment"],
                condition=Q(state=ChangeState.PENDING, environment__isnull=False),
                name="one_pending_change_per_environment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.before} → {self.after}"

    @property
    def subject(self) -> Function | Environment:
        subject = self.function or self.environment
        assert subject is not None  # noqa: S101 - the database sees to it
        return subject

    @property
    def before(self) -> Rules:
        return Rules(*(getattr(self, f"before_{name}") for name in RULE_FIELDS))

    @property
    def after(self) -> Rules:
        return Rules(*(getattr(self, f"after_{name}") for name in RULE_FIELDS))


class PolicyVerdict(models.TextChoices):
    APPROVE = "approve", "Approved"
    REJECT = "reject", "Rejected"


class PolicyDecision(models.Model):
    """One person's yes or no to one change, given in the role that they had then."""

    change = models.ForeignKey(PolicyChange, models.PROTECT, related_name="decisions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Group)
    verdict = models.CharField(max_length=7, choices=PolicyVerdict)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(auto_now_add=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["decided_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["change", "person"],
                condition=Q(replaced_at__isnull=True),
                name="one_decision_per_person_and_change",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.get_verdict_display().lower()}"
