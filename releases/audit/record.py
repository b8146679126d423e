"""record(): one sentence into the history, in the transaction of the change it tells of."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from ipaddress import ip_address
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from releases import live
from releases.audit.named import Named
from releases.audit.sentences import SENTENCES
from releases.cause import present_or_own
from releases.models import AuditEvent, Environment, Function, Release, role_of

SYSTEM = "Sluice"
LONGEST_ID = 128
# Where a request keeps its Origin; no header can be called so.
ORIGIN = "sluice.origin"


@dataclass(frozen=True)
class Origin:
    """Where an action came from; everything one click causes carries one `request_id`."""

    address: str | None = None
    user_agent: str = ""
    request_id: uuid.UUID = field(default_factory=present_or_own)

    @classmethod
    def of(cls, request: HttpRequest) -> Origin:
        """One for each request, however often it is asked for."""
        origin: Origin = request.META.setdefault(
            ORIGIN,
            cls(
                address=_address(request.META.get("REMOTE_ADDR", "")),
                user_agent=request.headers.get("User-Agent", "")[:256],
            ),
        )
        return origin

    @property
    def caused(self) -> Origin:
        """For what Sluice itself does at once because of it: the same click, from nowhere."""
        return Origin(request_id=self.request_id)


def _address(text: str) -> str | None:
    """`text` if it is an IP address: what a proxy passes on may be a name, or nothing."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def record(
    action: str,
    *,
    by: User | None,
    release: Release | None = None,
    function: Function | None = None,
    environment: Environment | None = None,
    origin: Origin | None = None,
    about: Sequence[Named] = (),
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    aws_request_ids: Sequence[str] = (),
    **data: Any,
) -> AuditEvent:
    """Write one event; `action` must be registered in SENTENCES, `by=None` is Sluice itself.

    `data` fills the sentence and is kept with the event, `about` names what else it speaks of,
    `before` and `after` hold what changed, by name: no secret may be in any of them.
    Raises KeyError for an unregistered action or a missing part of its sentence.
    """
    function = function or (release.function if release else None)
    environment = environment or (function.environment if function else None)
    origin = origin or Origin()
    actor = by.name if by else SYSTEM
    sentence = SENTENCES[action].format(
        actor=actor,
        release=release.reference if release else "",
        function=function.name if function else "",
        environment=environment.name if environment else "",
        **data,
    )
    event = AuditEvent.objects.create(
        actor_id=by.pk if by else None,
        actor_name=actor,
        actor_role=role_of(by, function or environment) if by else "",
        action=action,
        sentence=sentence,
        release_id=release.pk if release else None,
        function_id=function.pk if function else None,
        function_name=function.name if function else "",
        environment_id=environment.pk if environment else None,
        environment_name=environment.name if environment else "",
        objects_named=[asdict(each) for each in about],
        data=data,
        before=before,
        after=after,
        # A proxy may add an id of its own; what does not fit is cut, as in AwsCall.
        aws_request_ids=[each[:LONGEST_ID] for each in aws_request_ids],
        request_id=origin.request_id,
        address=origin.address,
        user_agent=origin.user_agent,
    )
    topics = ["audit", "dashboard"]
    if release:
        topics.append(f"release-{release.pk}")
    if function:
        topics.append(f"function-{function.pk}")
    live.changed(*topics)
    return event
