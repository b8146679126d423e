"""What AWS said of a function's `$LATEST` or of a version at one moment."""

from __future__ import annotations

from typing import Any

from django.db import models

from releases.aws.types import FunctionState
from releases.models.functions import Function


class Snapshot(models.Model):
    """What AWS said a function was at a moment; environment values only as keyed digests."""

    function = models.ForeignKey(Function, models.CASCADE, related_name="snapshots")
    qualifier = models.CharField(max_length=128)
    version = models.CharField(max_length=20)
    code_sha256 = models.CharField(max_length=64)
    code_size = models.BigIntegerField()
    revision_id = models.CharField(max_length=64)
    package_type = models.CharField(max_length=5)
    image_uri = models.CharField(max_length=512, blank=True)
    state = models.CharField(max_length=32, blank=True)
    last_update_status = models.CharField(max_length=16, blank=True)
    last_modified = models.CharField(max_length=40, blank=True)
    configuration = models.JSONField()
    extra = models.JSONField(default=dict)
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-taken_at"]

    def __str__(self) -> str:
        return f"{self.version} at {self.taken_at:%H:%M:%S}"

    @classmethod
    def of(cls, function: Function, state: FunctionState, *, qualifier: str) -> Snapshot:
        """Keep what AWS just said. One INSERT."""
        snapshot = cls.not_kept(function, state, qualifier=qualifier)
        snapshot.save(force_insert=True)
        return snapshot

    @classmethod
    def not_kept(cls, function: Function, state: FunctionState, *, qualifier: str) -> Snapshot:
        """As `of`, for several at once: the caller inserts them."""
        values: dict[str, Any] = {
            "version": state.version,
            "code_sha256": state.code_sha256,
            "code_size": state.code_size,
            "revision_id": state.revision_id,
            "package_type": state.package_type,
            "image_uri": state.image_uri,
            "state": state.state,
            "last_update_status": state.last_update_status,
            "last_modified": state.last_modified,
            "configuration": dict(state.configuration),
            "extra": dict(state.extra),
        }
        return cls(function=function, qualifier=qualifier, **values)
