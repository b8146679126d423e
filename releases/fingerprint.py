"""What an approval is given for, as one digest, and in words what moved between two of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from releases.aws.types import LATEST, AliasState, FunctionState
from releases.models import Release
from releases.rules import Rules

# The format is part of the digest: a new field list makes new fingerprints, never equal old ones.
FORMAT = 1
FIELDS = (
    "Architectures",
    "DeadLetterConfig",
    "Description",
    "Environment",
    "EphemeralStorage",
    "FileSystemConfigs",
    "Handler",
    "ImageConfig",
    "KMSKeyArn",
    "Layers",
    "LoggingConfig",
    "MemorySize",
    "Role",
    "Runtime",
    "SnapStart",
    "Timeout",
    "TracingConfig",
    "VpcConfig",
)
Parts = dict[str, Any]


def configuration(source: Mapping[str, Any], *, architecture: str = "") -> dict[str, Any]:
    """The fingerprinted part of a configuration, with a release's architecture applied."""
    fields = {name: source[name] for name in FIELDS if name in source}
    if architecture:
        fields["Architectures"] = [architecture]
    return fields


def runs_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two configurations run alike; a version has a Description of its own."""

    def without(fields: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: value for name, value in configuration(fields).items() if name != "Description"
        }

    return without(one) == without(other)


def baseline(
    release: Release, alias: AliasState | None, live: FunctionState | None, latest: FunctionState
) -> dict[str, Any]:
    """What live is: the alias's version and weights, or that there is no alias."""
    if not release.target_alias:
        # Callers run $LATEST itself, so its code is what the approved difference starts from.
        shown, kind = latest, "latest"
    elif alias is None or live is None:
        return {"kind": "none", "version": "", "weights": {}}
    else:
        shown, kind = live, "alias"
    return {
        "kind": kind,
        "version": alias.version if alias else LATEST,
        "weights": dict(alias.weights) if alias else {},
        "code_sha256": shown.code_sha256,
        "configuration": configuration(shown.configuration),
    }


def parts(
    release: Release, latest: FunctionState, live_baseline: dict[str, Any], *, rules: Rules
) -> Parts:
    """Everything an approval of this release is bound to, except the round's number."""
    artifact = release.artifact
    return {
        "format": FORMAT,
        "release": release.pk,
        "function_arn": release.function.arn,
        "candidate": {
            "code_sha256": artifact.code_sha256 if artifact else latest.code_sha256,
            "configuration": configuration(latest.configuration, architecture=release.architecture),
        },
        "baseline": live_baseline,
        "target_alias": release.target_alias,
        "policy_version": release.function.policy_version,
        "rules": rules.as_parts,
    }


def digest(these: Parts, *, round_number: int) -> str:
    """The fingerprint: hex SHA-256 over the canonical JSON of the parts and the round."""
    text = json.dumps(these | {"round": round_number}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _value(value: Any) -> str:
    return json.dumps(value, sort_keys=True) if value not in (None, "", [], {}) else "none"


def configuration_moves(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """In words, each setting that differs; environment values stay out, only keys are named."""
    moves = []
    for name in FIELDS:
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if name == "Environment":
            moves += _environment_moves(old or {}, new or {})
        else:
            moves.append(f"{name} changed from {_value(old)} to {_value(new)}")
    return moves


def _environment_moves(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    moves = [f"environment key {key} was added" for key in sorted(after.keys() - before.keys())]
    moves += [f"environment key {key} was removed" for key in sorted(before.keys() - after.keys())]
    both = sorted(key for key in before.keys() & after.keys() if before[key] != after[key])
    return moves + [f"the value of environment key {key} changed" for key in both]


def _routing(base: Mapping[str, Any]) -> str:
    if base["kind"] == "none":
        return "no alias"
    shares = base["weights"].items()
    weights = "".join(f" with {share * 100:g} % to v{version}" for version, share in shares)
    return (LATEST if base["version"] == LATEST else f"v{base['version']}") + weights


def short(digest: str) -> str:
    """The beginning and the end, as long as both are needed to tell two hashes apart."""
    text = digest.removeprefix("sha256:")
    return text if len(text) <= 16 else f"{text[:8]}…{text[-5:]}"


def moves(before: Parts, after: Parts) -> list[str]:
    """In words, everything that differs between two fingerprints' parts."""
    found = []
    old, new = before["candidate"], after["candidate"]
    if old["code_sha256"] != new["code_sha256"]:
        found.append(
            f"the code changed from {short(old['code_sha256'])} to {short(new['code_sha256'])}"
        )
    found += configuration_moves(old["configuration"], new["configuration"])
    if _routing(before["baseline"]) != _routing(after["baseline"]):
        found.append(
            f"live moved from {_routing(before['baseline'])} to {_routing(after['baseline'])}"
        )
    elif before["baseline"] != after["baseline"]:
        found.append("what callers run changed")
    if before["target_alias"] != after["target_alias"]:
        found.append(f"the live alias changed to {after['target_alias'] or 'none'}")
    if before["policy_version"] != after["policy_version"]:
        found.append("the approval policy changed")
    # Rounds from before there were rules had a number of approvals.
    if before.get("rules", after["rules"]) != after["rules"]:
        old_rules, new_rules = (Rules.of_parts(each["rules"]) for each in (before, after))
        found.append(f"it needs {new_rules}, not {old_rules}")
    return found
