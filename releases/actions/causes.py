"""Which tool may have changed a function: only where something says so."""

from __future__ import annotations

import re
from collections.abc import Mapping

STACK = "aws:cloudformation:stack-name"
LOGICAL_ID = "aws:cloudformation:logical-id"
# CDK ends its logical ids with eight hex digits of the construct's path.
CDK_ID = re.compile(r"[0-9A-F]{8}$")
TERRAFORM = re.compile(r"\bterraform\b", re.IGNORECASE)
AGENTS = (
    (re.compile(r"terraform|hashicorp|opentofu", re.IGNORECASE), "Terraform"),
    (re.compile(r"aws-sam-cli|\bsam\b", re.IGNORECASE), "AWS SAM"),
    (re.compile(r"\bcdk\b|aws-cdk", re.IGNORECASE), "AWS CDK"),
    (re.compile(r"cloudformation", re.IGNORECASE), "CloudFormation"),
)


def cause_of(tags: Mapping[str, str], description: str) -> str:
    """A sentence that names the tool the function belongs to, or nothing."""
    if stack := tags.get(STACK):
        tool = _stack_tool(tags)
        return (
            f"The function belongs to the CloudFormation stack {stack[:128]}{tool}:"
            " deploying it may have changed this."
        )
    marked = next((key for key, value in tags.items() if TERRAFORM.search(f"{key} {value}")), "")
    if marked:
        return f"Its tag {marked[:64]} names Terraform: applying it may have changed this."
    if TERRAFORM.search(description):
        return "Its description names Terraform: applying it may have changed this."
    return ""


def cause_of_agent(agent: str) -> str:
    """The same from what CloudTrail kept of the caller: user agent, role or session name."""
    for pattern, tool in AGENTS:
        if pattern.search(agent):
            return f"CloudTrail names {tool} as the caller."
    return ""


def _stack_tool(tags: Mapping[str, str]) -> str:
    if tags.get("lambda:createdBy") == "SAM":
        return " (AWS SAM)"
    return " (AWS CDK)" if CDK_ID.search(tags.get(LOGICAL_ID, "")) else ""
