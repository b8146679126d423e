"""What a person can do about an error of AWS: a sentence or two for each name."""

from collections.abc import Sequence

_CREDENTIALS = (
    "Sluice's own AWS credentials are missing, expired or not valid. Whoever runs Sluice has to "
    "renew them (or attach a role to its hosts); then try again."
)
_CONNECTION = (
    "The connection was lost before AWS answered. Sluice looks at what is in AWS now before it "
    "does anything else."
)
_NOT_THERE = "Check the name, the account and the Region; it may have been deleted in AWS."

BY_NAME = {
    "CodeStorageExceeded": (
        "The account's code storage for this Region is full (75 GB over all versions unless it was "
        "raised). Delete versions that no alias uses, or ask AWS for more, then try again."
    ),
    "InvalidParameterValue": (
        "AWS does not accept a value in this request. The message says which; change the package "
        "or the function's settings and start again."
    ),
    "PreconditionFailed": (
        "Somebody changed the function or the alias since Sluice read it. Compare what is in AWS "
        "now with what was approved, then decide which of the two should stand."
    ),
    "ResourceNotFound": f"The function, version or alias is not there. {_NOT_THERE}",
    "Service": (
        "AWS had an error of its own. Sluice looks at what is in AWS now before it tries again; "
        "if it goes on, see the AWS Health Dashboard."
    ),
    "TooManyRequests": (
        "The account makes more calls than Lambda allows (15 a second for most operations). Sluice "
        "slows down and tries again; other tools that list functions may be using up the limit."
    ),
    "ResourceConflict": (
        "Another change of this function is running, or stands in the way. Wait until it is "
        "finished; if it is not one of Sluice's, find out who makes it."
    ),
    "CodeVerificationFailed": (
        "The function requires signed code, and this package is unsigned or signed by somebody it "
        "does not trust. Sign it with a profile that the code signing configuration allows."
    ),
    "InvalidCodeSignature": (
        "The package was changed after it was signed. Sign the package again and upload the "
        "signed file."
    ),
    "CodeSigningConfigNotFound": (
        "The function refers to a code signing configuration that was deleted. Give the function "
        "another one, or remove it from the function."
    ),
    "RequestEntityTooLarge": (
        "The package is too large to be sent directly (50 MB zipped). Set a staging bucket for "
        "the environment, or make the package smaller."
    ),
    "InvalidSignature": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "RequestTimeTooSkewed": (
        "The clock of this host differs too much from AWS's. Set it right; then try again."
    ),
    "NoSuchBucket": "The bucket is not there. Check its name, its Region and its account.",
    "NoSuchKey": "The object is not there. Check the key and, if one is given, the version.",
    "NoSuchVersion": "This version of the object is not there; it may have expired.",
    "RepositoryNotFound": f"The image's repository is not there. {_NOT_THERE}",
    "ImageNotFound": "The repository has no image with this tag or digest. Push it, or check it.",
    "InvalidImageUri": (
        "Give a private ECR image of the function's Region with its tag or digest, such as "
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/name:tag."
    ),
    "Validation": (
        "A value in this request is not of the form that AWS requires. The message names the field."
    ),
    "ParamValidation": (
        "A value in this request is not of the form that AWS requires. The message names the field."
    ),
    "PackageDamaged": "Upload the package again; the file in Sluice's store is not what it was.",
    "PackageUnreadable": "Whoever runs Sluice has to check its artifact store.",
    "BucketNotVersioned": "Turn on versioning for the environment's staging bucket.",
    "WrongAccount": (
        "Correct the environment's account and Region, or the role that Sluice uses for it."
    ),
    "CallBudgetUsedUp": "Sluice tries again by itself; many releases are running at once.",
}

BY_KIND = {
    "AccessDenied": (
        "The role that Sluice uses may not do this. The message names the action: allow it in the "
        "role's policy, and check resource policies and service control policies."
    ),
    "CredentialsProblem": _CREDENTIALS,
    "NotFound": _NOT_THERE,
    "Throttled": BY_NAME["TooManyRequests"],
    "InProgress": "An update of this function is running. Sluice waits and tries again.",
    "RevisionMismatch": BY_NAME["PreconditionFailed"],
    "AlreadyExists": "Look at what is there: it may be the result of an earlier attempt.",
    "Conflict": BY_NAME["ResourceConflict"],
    "Unreachable": (
        "Sluice could not connect to AWS, so nothing was sent. Check the Region, the network, DNS "
        "and any proxy of this host."
    ),
    "Unavailable": "The connection was lost before AWS answered. Nothing was changed: try again.",
    "OutcomeUnknown": _CONNECTION,
    "Retryable": "Nothing was changed; Sluice tries again.",
    "Permanent": "AWS refuses this request as it is; the message says why.",
}

_ROLE_REFUSED = (
    "AWS refuses Sluice the environment's role. Check the role's ARN, that its trust policy names "
    "the identity Sluice runs as, and that it requires exactly the environment's external id."
)


def advice_for(name: str, kinds: Sequence[str]) -> str:
    """The advice for an error called `name`, else for the first of its `kinds` that has some."""
    plain = name.removesuffix("Exception").removesuffix("Error")
    if name == "AssumeRole":
        return _ROLE_REFUSED
    if plain in BY_NAME:
        return BY_NAME[plain]
    return next((BY_KIND[kind] for kind in kinds if kind in BY_KIND), "")
