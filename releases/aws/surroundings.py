"""What a version stands on outside of Lambda's own answer: layers, role, image, key."""

from collections.abc import Mapping
from typing import Any

from releases.aws.calls import Caller

Answer = Mapping[str, Any]


def check_layer(caller: Caller, arn: str) -> None:
    """GetLayerVersionByArn. Raises NotFound for a layer version that was deleted."""
    caller.call("lambda", "GetLayerVersionByArn", {"Arn": arn}, lambda answer: answer["Version"])


def check_role(caller: Caller, arn: str) -> None:
    """GetRole. Raises NotFound."""
    name = arn.rpartition("/")[2]
    caller.call("iam", "GetRole", {"RoleName": name}, lambda answer: answer["Role"]["Arn"])


def key_state(caller: Caller, arn: str) -> str:
    """The KeyState of a KMS key: `Enabled`, `Disabled`, `PendingDeletion`… Raises NotFound."""

    def read(answer: Answer) -> str:
        return str(answer["KeyMetadata"]["KeyState"])

    return caller.call("kms", "DescribeKey", {"KeyId": arn}, read)


def provisioned(caller: Caller, name: str) -> dict[str, int]:
    """Provisioned concurrency by alias or version, as much as was asked for."""

    def read(answer: Answer) -> dict[str, int]:
        rows = answer["ProvisionedConcurrencyConfigs"]
        return {
            row["FunctionArn"].rpartition(":")[2]: int(
                row.get("RequestedProvisionedConcurrentExecutions", 0)
            )
            for row in rows
        }

    request = {"FunctionName": name}
    return caller.call("lambda", "ListProvisionedConcurrencyConfigs", request, read)
