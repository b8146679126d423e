"""Somebody goes around Sluice: straight to AWS, by a name and at a time of the story."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config
from django.conf import settings

from releases.aws import trail
from releases.aws.calls import Caller
from releases.aws.types import Changes
from sandbox.demo_data.clock import Clock
from sandbox.demo_data.functions import Place


def client_of(user: str, place: Place) -> Any:
    """Lambda as `user` calls it; the sandbox takes the access key for the name."""
    return boto3.client(
        "lambda",
        region_name=place.region,
        endpoint_url=settings.SLUICE_AWS_ENDPOINT,
        aws_access_key_id=user,
        aws_secret_access_key="none",  # noqa: S106 - the sandbox looks at no signature
        config=Config(proxies={}),
    )


@contextmanager
def told_by(clock: Clock) -> Iterator[None]:
    """CloudTrail tells the real moment of a call; inside it tells the story's."""
    asked = trail.changes_of

    def then(caller: Caller, name: str, since: datetime) -> Changes:
        found = asked(caller, name, since)
        # In whole seconds, as CloudTrail has them.
        at = clock.now.replace(microsecond=0)
        return replace(found, events=tuple(replace(each, at=at) for each in found.events))

    with patch.object(trail, "changes_of", then):
        yield
