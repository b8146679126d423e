"""Receive an upload: written to the store as it arrives."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from releases.actions.bring_in import begin, label_of, may_bring_in, only
from releases.actions.refusal import refused_intake
from releases.audit import Origin
from releases.models import Function, Intake, IntakeSource
from releases.packages.intake import Received, receive
from releases.packages.sizes import UPLOAD_LIMIT, delivery
from releases.packages.store import artifacts


def receive_upload(
    *,
    function: Function,
    stream_chunks: Iterable[bytes],
    name: str,
    by: User,
    origin: Origin,
    declared_size: int | None = None,
) -> Intake:
    """Write an upload to the store as it arrives, once, hashed on the way.

    Raises NotAllowed, InvalidInput and PackageError, before a byte is read where that is possible.
    """
    label = label_of(name[:255] or "upload.zip")
    with refused_intake(label, function, by=by, origin=origin):
        may_bring_in(by, function)
        only(function, "Zip", "upload a zip")
        if declared_size is not None:
            _deliverable(declared_size, function)
        received = _stored(stream_chunks, function)
    intake = Intake(
        function=function,
        person=by,
        source=IntakeSource.UPLOAD,
        label=label,
        size=received.size,
        sha256=received.sha256,
    )
    return begin(intake, by=by, origin=origin)


def _stored(stream_chunks: Iterable[bytes], function: Function) -> Received:
    store = artifacts()
    received = receive(stream_chunks, directory=store.incoming_directory(), limit=UPLOAD_LIMIT)
    try:
        _deliverable(received.size, function)
        store.put(received)
    finally:
        received.path.unlink(missing_ok=True)
    return received


def _deliverable(size: int, function: Function) -> None:
    """Refused here, not hours later in the pipeline, when it could never be delivered."""
    delivery(size, has_bucket=bool(function.environment.staging_bucket))
