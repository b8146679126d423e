"""The operations of the control plane, one module for each noun."""

from sandbox.aws.operations import (
    account,
    aliases,
    code,
    configuration,
    functions,
    invoke,
    layers,
    policies,
    provisioned,
    signing,
    triggers,
    urls,
    versions,
)
from sandbox.aws.operations.registry import OPERATIONS, Context

__all__ = [
    "OPERATIONS",
    "Context",
    "account",
    "aliases",
    "code",
    "configuration",
    "functions",
    "invoke",
    "layers",
    "policies",
    "provisioned",
    "signing",
    "triggers",
    "urls",
    "versions",
]
