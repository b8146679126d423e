"""Read a function from AWS again, on demand."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from releases import policy, queues
from releases.actions.drift import is_overtaken
from releases.actions.notice_drift import notice_whole
from releases.actions.read_function import Reading, keep, read
from releases.actions.refusal import refused_settings
from releases.audit import Origin, named_version, record
from releases.audit.aws_calls import gateway_for
from releases.aws.errors import NotFound
from releases.models import Function

# Somebody may read the function, or roll it back, while AWS answers: then once more.
TRIES = 2


def refresh_function(function: Function, *, by: User, origin: Origin) -> list[int]:
    """Bring our rows up to date; returns the new versions. Raises NotAllowed, AwsError."""
    with refused_settings("read", function, by=by, origin=origin):
        policy.require(policy.can_refresh_function(by, function))
        for _ in range(TRIES):
            began = timezone.now()
            function.refresh_from_db()
            reading = _read(function)
            with transaction.atomic():
                if not is_overtaken(function, began):
                    return _keep(function, reading, by=by, origin=origin)
    # What is known by now was read after we began to read: it is as new as it gets.
    return _recorded([], function, reading, by=by, origin=origin)


def _read(function: Function) -> Reading:
    try:
        return read(gateway_for(function.environment), function.name)
    except NotFound:
        # A poll says so on every page, and to the release that is at its gate.
        queues.enqueue_poll(function.pk)
        raise


def _keep(function: Function, reading: Reading, *, by: User, origin: Origin) -> list[int]:
    notice_whole(function, reading, origin=origin.caused)
    return _recorded(keep(function, reading), function, reading, by=by, origin=origin)


def _recorded(
    new: list[int], function: Function, reading: Reading, *, by: User, origin: Origin
) -> list[int]:
    found = f"{len(new)} new versions" if new else "nothing new"
    record(
        "function.read",
        by=by,
        origin=origin,
        function=function,
        about=[each for number in new for each in named_version(number)],
        aws_request_ids=reading.request_ids,
        found=found,
    )
    return new
