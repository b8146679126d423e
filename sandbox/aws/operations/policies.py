"""Resource policies: who may call a function (facts B2)."""

import json
import re
from typing import Any

from sandbox.aws import errors
from sandbox.aws.aliases import Alias
from sandbox.aws.functions import Function, Revision, new_id
from sandbox.aws.names import LATEST
from sandbox.aws.operations.registry import Context, Output, operation

ACCOUNT = re.compile(r"[0-9]{12}")


def _subject(function: Function, qualifier: str | None) -> Alias | Revision:
    """What the policy hangs on; the policy's RevisionId is its RevisionId (recorded with B2).

    Raises ResourceNotFoundException, of an alias in other words than of a version.
    """
    if qualifier is None or qualifier == LATEST or qualifier.isdecimal():
        return function.find(qualifier)
    alias = function.aliases.get(qualifier)
    if alias is None:
        raise errors.not_found(f"Cannot find alias arn: {function.arn}:{qualifier}")
    return alias


def _check_revision(ctx: Context, subject: Alias | Revision) -> None:
    expected = ctx.params.get("RevisionId")
    if expected is not None and expected != subject.revision_id:
        raise errors.stale_revision("GetPolicy")


@operation("AddPermission")
def add_permission(ctx: Context) -> Output:
    target, name = ctx.target(), ctx.params["StatementId"]
    if target.qualifier == LATEST:
        raise errors.invalid("We currently do not support adding policies for $LATEST.")
    function = ctx.store.function(target.name, target.qualifier)
    subject = _subject(function, target.qualifier)
    _check_revision(ctx, subject)
    statements = function.policies.setdefault(target.qualifier or LATEST, {})
    if name in statements:
        raise errors.conflict(
            f"The statement id ({name}) provided already exists. Please provide a new statement "
            "id, or remove the existing statement."
        )
    arn = function.place.function_arn(function.name, target.qualifier)
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
    """Everybody, an account, an identity or a service.

    Raises InvalidParameterValueException if it is none of them.
    """
    if given == "*":
        return given
    if ACCOUNT.fullmatch(given):
        return {"AWS": f"arn:aws:iam::{given}:root"}
    if given.startswith("arn:"):
        return {"AWS": given}
    if "." in given:
        return {"Service": given}
    raise errors.invalid(
        "The provided principal was invalid. Please check the principal and try again."
    )


@operation("RemovePermission")
def remove_permission(ctx: Context) -> Output:
    target, name = ctx.target(), ctx.params["StatementId"]
    if target.name not in ctx.store.functions:
        raise errors.not_found(f"No policy found for: {ctx.place.function_arn(target.name)}")
    function = ctx.function()
    subject = _subject(function, target.qualifier)
    _check_revision(ctx, subject)
    statements = function.policies.get(target.qualifier or LATEST)
    if not statements:
        raise errors.not_found("No policy is associated with the given resource.")
    if name not in statements:
        raise errors.not_found(f"Statement {name} is not found in resource policy.")
    del statements[name]
    subject.revision_id = new_id()
    return {}


@operation("GetPolicy")
def get_policy(ctx: Context) -> Output:
    target = ctx.target()
    function = ctx.store.functions.get(target.name)
    statements = function.policies.get(target.qualifier or LATEST) if function else None
    if function is None or not statements:
        raise errors.not_found()
    function.settle()
    subject = _subject(function, target.qualifier)
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": list(statements.values())}
    return {"Policy": json.dumps(policy), "RevisionId": subject.revision_id}
