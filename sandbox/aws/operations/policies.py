"""Resource policies: who may call a function (facts B2)."""

import json
from typing import Any

from sandbox.aws import errors
from sandbox.aws.aliases import Alias
from sandbox.aws.functions import Function, Revision, new_id
from sandbox.aws.names import LATEST
from sandbox.aws.operations.registry import Context, Output, operation


def _subject(function: Function, qualifier: str | None) -> Alias | Revision:
    """What the policy hangs on; the policy's RevisionId is its RevisionId (recorded with B2)."""
    alias = function.aliases.get(qualifier or "")
    return alias or function.find(qualifier)


def _opened(ctx: Context) -> tuple[Function, str, Alias | Revision]:
    target = ctx.target()
    function = ctx.store.function(target.name, target.qualifier)
    subject = _subject(function, target.qualifier)
    expected = ctx.params.get("RevisionId")
    if expected and expected != subject.revision_id:
        raise errors.stale_revision("GetPolicy")
    return function, target.qualifier or LATEST, subject


@operation("AddPermission")
def add_permission(ctx: Context) -> Output:
    function, qualifier, subject = _opened(ctx)
    statements = function.policies.setdefault(qualifier, {})
    name = ctx.params["StatementId"]
    if name in statements:
        raise errors.conflict(
            f"The statement id ({name}) provided already exists. Please provide a new statement "
            "id, or remove the existing statement."
        )
    arn = function.place.function_arn(function.name, ctx.target().qualifier)
    statements[name] = _statement(ctx.params, arn)
    subject.revision_id = new_id()
    return {"Statement": json.dumps(statements[name])}


def _statement(params: dict[str, Any], resource: str) -> dict[str, Any]:
    conditions: dict[str, Any] = {}
    if params.get("SourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": params["SourceArn"]}
    equal = {
        "AWS:SourceAccount": params.get("SourceAccount"),
        "aws:PrincipalOrgID": params.get("PrincipalOrgID"),
        "lambda:FunctionUrlAuthType": params.get("FunctionUrlAuthType"),
        "lambda:EventSourceToken": params.get("EventSourceToken"),
    }
    if found := {key: value for key, value in equal.items() if value}:
        conditions["StringEquals"] = found
    return {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(params["Principal"]),
        "Action": params["Action"],
        "Resource": resource,
        **({"Condition": conditions} if conditions else {}),
    }


def _principal(given: str) -> str | dict[str, str]:
    if given == "*":
        return given
    if given.isdecimal():
        return {"AWS": f"arn:aws:iam::{given}:root"}
    return {"AWS": given} if given.startswith("arn:") else {"Service": given}


@operation("RemovePermission")
def remove_permission(ctx: Context) -> Output:
    function, qualifier, subject = _opened(ctx)
    name = ctx.params["StatementId"]
    if function.policies.get(qualifier, {}).pop(name, None) is None:
        raise errors.not_found(f"Statement {name} is not found in resource policy.")
    subject.revision_id = new_id()
    return {}


@operation("GetPolicy")
def get_policy(ctx: Context) -> Output:
    function, qualifier, subject = _opened(ctx)
    statements = function.policies.get(qualifier)
    if not statements:
        raise errors.not_found()
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": list(statements.values())}
    return {"Policy": json.dumps(policy), "RevisionId": subject.revision_id}
