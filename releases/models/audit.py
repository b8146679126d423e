"""The audit history: one append-only sentence per thing that happened, and the seals on it."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from accounts.models import User
from releases.models.environments import Environment
from releases.models.functions import Function
from releases.models.grants import sees_everything

# Of no function, and yet about what may go out, or about the history itself: names no function.
COMMON = (
    "freeze.placed", "freeze.lifted", "policy.changed", "policy.proposed",
    "policy.approval_given", "policy.rejected", "policy.loosened", "environment.changed",
    "audit.fault_found", "audit.archived",
)  # fmt: skip


# Told of one function, naming a release of another: which, is in `data`.
OF_TWO = ("release.promoted", "release.promoted_on")


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, person: User) -> AuditEventQuerySet:
        """What happened to whatever this person can see, and what they did that names nothing.

        Events of no function may name some in their sentence: only COMMON ones are shown, and
        those of an environment that the person has a role for.
        """
        if sees_everything(person):
            return self
        functions = Function.objects.visible_to(person).order_by().values("pk")
        environments = Environment.objects.visible_to(person).order_by().values("pk")
        given = person.grants.exclude(environment=None).order_by().values("environment")
        nobodys = Q(function_id=None)
        other = Cast(KeyTextTransform("other_function", "data"), models.BigIntegerField())
        return self.alias(other_function=other).filter(
            Q(function_id__in=functions) & (~Q(action__in=OF_TWO) | Q(other_function__in=functions))
            | nobodys & Q(environment_id__in=given)
            | nobodys & Q(action__in=COMMON, environment_id__in=environments)
            | nobodys & Q(environment_id=None) & (Q(action__in=COMMON) | Q(actor_id=person.pk))
        )


class AuditEvent(models.Model):
    """Who did what to what, when, from where. Never updated or deleted.

    No foreign keys: names are copied, so that rows outlive what they describe. Triggers refuse
    UPDATE, DELETE and TRUNCATE, and the application's role lacks the rights anyhow.
    """

    # As PostgreSQL's clock says, by a trigger: only the tables' owner may tell of another time.
    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    actor_role = models.CharField(max_length=20, blank=True)
    action = models.CharField(max_length=64)
    sentence = models.TextField()
    release_id = models.BigIntegerField(null=True)
    function_id = models.BigIntegerField(null=True)
    function_name = models.CharField(max_length=64, blank=True)
    environment_id = models.BigIntegerField(null=True)
    environment_name = models.CharField(max_length=40, blank=True)
    # What else the sentence speaks of: [{"kind": "version", "id": 7, "name": "42"}, ...].
    objects_named = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    # What a setting was and became, by name: {"approvals": 1} and {"approvals": 2}.
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    aws_request_ids = ArrayField(models.CharField(max_length=128), default=list)
    # Joins what one click caused, at once and by the worker later.
    request_id = models.UUIDField(default=uuid.uuid4)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=256, blank=True)
    # Filled in by a trigger: the transaction that wrote the row and the PostgreSQL cluster it ran
    # in, by which the sealer tells rows that are settled from rows that may still be overtaken.
    cluster = models.BigIntegerField(editable=False)
    xid = models.BigIntegerField(editable=False)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        # Those that filters of the history are read by are made in SQL, by migration 0023.
        indexes = [
            models.Index(fields=["cluster", "xid", "id"], name="audit_by_transaction"),
            models.Index(fields=["function_id", "-id"], name="audit_by_function"),
        ]

    def __str__(self) -> str:
        return self.sentence


class AuditSeal(models.Model):
    """The place of one event in the chain. Never updated or deleted, and no number is left out.

    `link` is SHA-256 over the link before and the event's digest, which anybody can check; `seal`
    is HMAC-SHA-256 over it with a key that is not in this database, which nobody can forge.
    """

    number = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    # Copied, so that the sealer knows where it stopped whatever became of the event.
    cluster = models.BigIntegerField()
    xid = models.BigIntegerField()
    # How the event was written out to be digested: releases.audit.chain.
    format = models.SmallIntegerField()
    key_id = models.CharField(max_length=8)
    link = models.BinaryField()
    seal = models.BinaryField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["cluster", "-number"], name="seal_by_cluster")]

    def __str__(self) -> str:
        return f"seal {self.number} on event {self.event_id}"


class AuditCheck(models.Model):
    """What came out when the chain was last checked: one row each time it was, for the pages."""

    at = models.DateTimeField(auto_now_add=True)
    is_sound = models.BooleanField()
    # The first fault, in a sentence that names the event; empty where there is none.
    fault = models.TextField(blank=True)
    event_count = models.BigIntegerField()
    # How many anchors it was held against; null where none are kept outside.
    anchor_count = models.IntegerField(null=True)
    # Why those that are kept there now could not be read, or none could be added.
    anchor_problem = models.TextField(blank=True)
    duration_ms = models.IntegerField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.fault or f"{self.event_count} events are sound"


class AuditAnchor(models.Model):
    """Which seal was last kept outside, and where: for the pages; what counts is kept there."""

    at = models.DateTimeField(auto_now_add=True)
    number = models.BigIntegerField()
    place = models.CharField(max_length=1024)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"seal {self.number} in {self.place}"
