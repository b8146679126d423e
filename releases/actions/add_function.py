"""Put a Lambda function under release management."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.models import User
from releases import policy
from releases.actions.function_settings import check_settings
from releases.actions.read_function import keep, read
from releases.actions.refusal import refused_environment
from releases.actions.validation import check_entered
from releases.audit import Origin, named_alias, record
from releases.audit.aws_calls import gateway_for
from releases.aws.client import partition_of
from releases.aws.names import InvalidName, parse_identifier
from releases.errors import InvalidInput
from releases.models import Environment, Function

ENTERED = ("gate", "live_alias")
SETTINGS = (*ENTERED, "creates_alias")


def add_function(
    *,
    environment: Environment,
    identifier: str,
    gate: str,
    live_alias: str,
    creates_alias: bool,
    by: User,
    origin: Origin,
) -> Function:
    """Read a function from AWS by name, partial ARN or full ARN, and import its versions.

    It inherits its environment's approval policy; rules of its own are a change of that.

    Raises NotAllowed, InvalidInput naming the field, and AwsError where AWS refuses.
    """
    verb = f"add a function to {environment.name}"
    with refused_environment(verb, environment, by=by, origin=origin):
        name = _asked_for(environment, identifier)
        policy.require(policy.can_add_function(by, Function(environment=environment, name=name)))
        name = name_in(environment, identifier)
        managed_once(environment, name, by)
        gateway = gateway_for(environment)
        reading = read(gateway, name)
        function = Function(
            environment=environment,
            name=name,
            arn=reading.latest.arn,
            gate=gate,
            live_alias=live_alias.strip(),
            creates_alias=creates_alias and bool(live_alias.strip()),
        )
        check_entered(function, ENTERED)
        check_settings(function, reading, gateway)
    try:
        with transaction.atomic():
            _still_there(environment)
            function.save()
            keep(function, reading, first=True)
            record(
                "function.added",
                by=by,
                origin=origin,
                function=function,
                about=named_alias(function.live_alias),
                after={name: getattr(function, name) for name in SETTINGS},
                aws_request_ids=gateway.request_ids,
                versions=len(reading.versions),
                aliases=[alias.name for alias in reading.aliases],
            )
    except IntegrityError:
        managed_once(environment, name, by)
        raise
    return function


def _asked_for(environment: Environment, identifier: str) -> str:
    """The name as far as it can be read; what is wrong with it is said to whoever may add it."""
    try:
        return name_in(environment, identifier)
    except InvalidInput:
        return ""


def managed_once(environment: Environment, name: str, by: User) -> None:
    """Raises InvalidInput naming where this very function of AWS is managed already.

    Environments may share an account and Region, each with its own role and policy. A function
    in two of them would go by whichever policy asks for less.
    """
    place = {"account_id": environment.account_id, "region": environment.region}
    there = Environment.objects.filter(**place, functions__name=name).first()
    if there is None:
        return
    if there == environment:
        raise InvalidInput(f"{name} is already in {there.name}.", field="identifier")
    visible = Environment.objects.visible_to(by).filter(pk=there.pk).exists()
    where = there.name if visible else "another environment"
    raise InvalidInput(
        f"{name} is already in {where}, which is the same account and Region. A function is"
        " managed once, under one approval policy: release it there.",
        field="identifier",
    )


def _still_there(environment: Environment) -> None:
    """Its account and Region stay from now on; raises InvalidInput if they moved meanwhile."""
    present = Environment.objects.select_for_update().get(pk=environment.pk)
    if present.target != environment.target:
        raise InvalidInput(f"{present.name} was changed meanwhile. Try again.")


def name_in(environment: Environment, identifier: str) -> str:
    """The function's name; raises InvalidInput if the ARN belongs to another place."""
    try:
        found = parse_identifier(identifier.strip())
    except InvalidName as error:
        raise InvalidInput(str(error), field="identifier") from error
    for what, given, here in (
        ("account", found.account_id, environment.account_id),
        ("Region", found.region, environment.region),
        ("partition", found.partition, partition_of(environment.region)),
    ):
        if given and given != here:
            raise InvalidInput(
                f"This ARN is in {what} {given}, but {environment.name} is in {what} {here}."
                " Choose the environment it belongs to.",
                field="identifier",
            )
    return found.name
