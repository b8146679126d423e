"""Request that a container image be pinned by its digest."""

from __future__ import annotations

from accounts.models import User
from releases.actions.bring_in import begin, label_of, may_bring_in, only
from releases.actions.refusal import refused_intake
from releases.audit import Origin
from releases.errors import InvalidInput
from releases.models import Function, Intake, IntakeSource


def request_image(*, function: Function, uri: str, by: User, origin: Origin) -> Intake:
    """Have the worker pin a container image by its digest. Raises NotAllowed, InvalidInput."""
    uri = uri.strip()
    label = label_of(uri) or "an image"
    with refused_intake(label, function, by=by, origin=origin):
        may_bring_in(by, function)
        only(function, "Image", "name a container image")
        if uri and uri != label:
            raise InvalidInput(f"An image's address has no such characters: {label}", field="uri")
    if not uri:
        raise InvalidInput("Name the image, as repository:tag or repository@digest.", field="uri")
    intake = Intake(function=function, person=by, source=IntakeSource.IMAGE, label=uri)
    return begin(intake, by=by, origin=origin)
