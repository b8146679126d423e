"""Filters of the history that people keep under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import User
from releases.models.grants import sees_everything


class AuditViewQuerySet(models.QuerySet["AuditView"]):
    def visible_to(self, person: User) -> AuditViewQuerySet:
        """Their own and, for whoever sees everything, those that are shared: names and filters
        speak of functions."""
        if sees_everything(person):
            return self.filter(Q(person=person) | Q(is_shared=True))
        return self.filter(person=person)


class AuditView(models.Model):
    """A filter with a name: its person's own, or shown to everybody with the name of who shares."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="audit_views")
    name = models.CharField(max_length=60)
    # As in the address: `who=Ines&action=release.approved`.
    query = models.CharField(max_length=1000)
    is_shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField(auto_now_add=True)

    objects = AuditViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name"],
                name="one_view_by_person_and_name",
                violation_error_message="You have a view of this name already.",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_view_has_its_name"),
            models.CheckConstraint(condition=~Q(query=""), name="a_view_has_its_filter"),
        ]

    def __str__(self) -> str:
        return self.name
