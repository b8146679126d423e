"""Hazards that only AWS can tell: whether the version and what it stands on are still there."""

from __future__ import annotations

from collections.abc import Callable

from releases.aws.errors import NotFound
from releases.aws.gateway import Gateway
from releases.aws.types import AliasState, FunctionState
from releases.hazards.hazard import Hazard, Subject, blocks, fine, warning

Job = Callable[[], list[Hazard]]

# In these KMS refuses to decrypt, and Lambda cannot start the function.
DEAD_KEYS = {"Disabled": "disabled", "PendingDeletion": "going to be deleted"}


def jobs(gateway: Gateway, subject: Subject, told: list[AliasState]) -> dict[str, Job]:
    """What to ask, by what could not be read if there is no answer. The alias goes into `told`."""
    settings = subject.configuration
    asked: dict[str, Job] = {
        f"{subject.label} itself": lambda: _version(gateway, subject),
        f"The alias {subject.alias}": lambda: _alias(gateway, subject, told),
        "Provisioned concurrency": lambda: _provisioned(gateway, subject),
    }
    if role := str(settings.get("Role") or ""):
        asked["Its execution role"] = lambda: _role(gateway, subject, role)
    if key := str(settings.get("KMSKeyArn") or ""):
        asked["Its KMS key"] = lambda: _key(gateway, subject, key)
    for layer in settings.get("Layers") or []:
        asked[f"Its layer {_last(layer, 2)}"] = _layer(gateway, subject, layer)
    return asked


def _version(gateway: Gateway, subject: Subject) -> list[Hazard]:
    try:
        state = gateway.get_function(subject.name, str(subject.number))
    except NotFound:
        text = f"{subject.label} is not in AWS any more"
        return [blocks(text, "It was deleted, so no alias can point at it.")]
    if state.code_sha256 != subject.code_sha256:
        text = f"{subject.label} in AWS holds other code than the {subject.label} that Sluice knows"
        return [blocks(text, "The function was deleted and made anew.")]
    found = [_state(state, subject)]
    return [*found, _image(gateway, state, subject)] if state.package_type == "Image" else found


def _state(state: FunctionState, subject: Subject) -> Hazard:
    why = state.state_reason
    if state.state in ("Active", ""):
        text = f"{subject.label} exists in AWS and is active"
        return fine(text, f"CodeSha256 matches {subject.origin}.")
    if state.state == "Failed":
        return blocks(f"{subject.label} could not be prepared by AWS: its calls fail", why)
    if state.state == "Inactive":
        detail = "It was not called for weeks; the first calls fail until AWS has it ready again."
        return warning(f"{subject.label} is inactive", detail)
    return warning(f"{subject.label} is not active in AWS but {state.state.lower()}", why)


def _image(gateway: Gateway, state: FunctionState, subject: Subject) -> Hazard:
    try:
        gateway.resolve_image(state.image_uri)
    except NotFound:
        text = f"The image of {subject.label} is not in ECR any more"
        if state.state == "Active":
            return warning(text, "AWS keeps a copy while the version is in use.")
        return blocks(text, "AWS would have to fetch it, for the version is not active.")
    return fine(f"The image of {subject.label} is still in ECR")


def _alias(gateway: Gateway, subject: Subject, told: list[AliasState]) -> list[Hazard]:
    try:
        alias = gateway.get_alias(subject.name, subject.alias)
    except NotFound:
        return [blocks(f"The alias {subject.alias} is not in AWS", "There is nothing to move.")]
    told.append(alias)
    found = []
    if alias.version != str(subject.live_number):
        now = alias.version if alias.version.startswith("$") else f"v{alias.version}"
        text = f"{subject.alias} points at {now} in AWS, which Sluice has not heard of yet"
        found.append(warning(text, f"It is moved to {subject.label} all the same."))
    for other, share in sorted(alias.weights.items()):
        text = f"{subject.alias} sends {share:.0%} of its calls to v{other}"
        found.append(warning(text, f"The weight goes: all calls run {subject.label}."))
    return found or [fine(f"{subject.alias} has no weights: all its callers move at once")]


def _provisioned(gateway: Gateway, subject: Subject) -> list[Hazard]:
    """AWS moves an alias's provisioned concurrency over by itself, with weights (facts H9)."""
    found = gateway.provisioned(subject.name)
    if count := found.get(subject.alias):
        text = f"{subject.alias} has provisioned concurrency ({count})"
        detail = f"AWS prepares {subject.label} first and runs {subject.live_label} meanwhile."
        return [warning(text, f"{detail} That can take minutes.")]
    if found.get(str(subject.live_number)) and not found.get(str(subject.number)):
        text = f"{subject.label} has no provisioned concurrency, {subject.live_label} has"
        return [warning(text, "The first calls start cold.")]
    return [fine("No provisioned concurrency has to move")]


def _role(gateway: Gateway, subject: Subject, arn: str) -> list[Hazard]:
    try:
        gateway.check_role(arn)
    except NotFound:
        text = f"The execution role of {subject.label} is gone: it could not start"
        return [blocks(text, _last(arn, 1, "/"))]
    return [fine(f"The role of {subject.label} is still there", _last(arn, 1, "/"))]


def _key(gateway: Gateway, subject: Subject, arn: str) -> list[Hazard]:
    try:
        state = gateway.key_state(arn)
    except NotFound:
        return [blocks(f"The KMS key of {subject.label} is gone: it could not start", arn)]
    if state in DEAD_KEYS:
        text = f"The KMS key of {subject.label} is {DEAD_KEYS[state]}: it could not start"
        return [blocks(text, arn)]
    if state != "Enabled":
        return [warning(f"The KMS key of {subject.label} is {state}", arn)]
    return [fine(f"The KMS key of {subject.label} is enabled")]


def _layer(gateway: Gateway, subject: Subject, arn: str) -> Job:
    name = _last(arn, 2)

    def ask() -> list[Hazard]:
        try:
            gateway.check_layer(arn)
        except NotFound:
            detail = f"AWS keeps a copy for {subject.label}, which goes on working."
            return [warning(f"The layer {name} was deleted", detail)]
        return [fine(f"The layer {name} is still there")]

    return ask


def _last(arn: str, parts: int, separator: str = ":") -> str:
    return separator.join(arn.split(separator)[-parts:])
