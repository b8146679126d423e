"""The audit history: one append-only sentence per thing that happened."""

from __future__ import annotations

import uuid

from django.db import models


class AuditEvent(models.Model):
    """Who did what to what, when, from where. Never updated or deleted.

    No foreign keys: names are copied, so that rows outlive what they describe. Triggers in the
    first migration refuse UPDATE, DELETE and TRUNCATE.
    """

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
    data = models.JSONField(default=dict)
    # Joins what one click caused at once; what a worker does later has ids of its own.
    request_id = models.UUIDField(default=uuid.uuid4)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=256, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["release_id", "-id"], name="audit_by_release"),
            models.Index(fields=["function_id", "-id"], name="audit_by_function"),
            models.Index(fields=["environment_id", "-id"], name="audit_by_environment"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["actor_name", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return self.sentence
