"""Clients of AWS: one factory that decides credentials, timeouts, retries and the endpoint.

Everything is kept per process. A forked child (RQ forks for each job) starts without its parent's
clients, whose sockets and locks it must not share, but with the service models that the parent
loaded; `warm()` loads them. With them a client takes milliseconds instead of 0.2 s. It also makes
a session that each child takes for its first: what hooks into it takes half of those milliseconds.
"""

import logging
import os
import threading
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import boto3
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    Credentials,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import NoCredentialsError, UnknownRegionError
from botocore.loaders import create_loader
from botocore.session import Session
from django.conf import settings

from releases.aws.types import Target

ServiceName = Literal["lambda", "s3", "ecr", "sts", "cloudtrail", "iam", "kms"]
# Those that workers use; a page that asks iam or kms loads their models itself.
SERVICES: tuple[ServiceName, ...] = ("lambda", "s3", "ecr", "sts", "cloudtrail")

CONNECT_TIMEOUT = 3
READ_TIMEOUT = 30
WRITE_TIMEOUT = 60
# A rollback looks and tries again itself, rather than wait long for one answer.
URGENT_TIMEOUT = 5

# At DEBUG these print requests and answers: environment values, presigned addresses, code.
for _name in ("boto3", "botocore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.INFO)

_loader = create_loader()
_lock = threading.RLock()
_sessions: dict[tuple[Target, str], boto3.Session] = {}
_clients: dict[tuple[Target, str, ServiceName, bool, bool], Any] = {}
# Made by `warm()`, by whether it is sandboxed: no credentials, no sockets and no locks in it yet.
_unused: dict[bool, Session] = {}


@dataclass(frozen=True)
class AwsSettings:
    """The settings that this package uses, read here and nowhere else."""

    endpoint: str
    calls_per_second: int
    redis_url: str = field(repr=False)
    redis_prefix: str
    digest_key: bytes = field(repr=False)


def aws_settings() -> AwsSettings:
    return AwsSettings(
        endpoint=settings.SLUICE_AWS_ENDPOINT,
        calls_per_second=settings.SLUICE_AWS_CALLS_PER_SECOND,
        redis_url=settings.REDIS_URL,
        redis_prefix=settings.REDIS_PREFIX,
        digest_key=settings.SLUICE_DIGEST_KEY.encode(),
    )


def client_for(
    target: Target, service: ServiceName, *, is_write: bool, urgent: bool = False
) -> Any:
    """A thread-safe client; one for writes, or an urgent one, sends every request exactly once."""
    endpoint = aws_settings().endpoint
    key = (target, endpoint, service, is_write, urgent)
    with _lock:
        if key not in _clients:
            _clients[key] = _session(target, endpoint).client(
                service,
                endpoint_url=endpoint or None,
                config=_config(endpoint, is_write=is_write, urgent=urgent),
            )
        return _clients[key]


def refresh_credentials(target: Target) -> None:
    """Make sure of usable credentials before a request is sent; assumes the role if need be.

    Raises botocore's exceptions: a refusal here is known to have sent nothing else.
    """
    with _lock:
        credentials = _session(target, aws_settings().endpoint).get_credentials()
    if credentials is None:
        raise NoCredentialsError
    credentials.get_frozen_credentials()


@cache
def partition_of(region: str) -> str:
    """The partition that ARNs of the Region begin with: `aws`, `aws-cn`…"""
    try:
        return str(_bare_session(sandboxed=True).get_partition_for_region(region))
    except UnknownRegionError:
        return "aws"


@cache
def dns_suffix(region: str) -> str:
    """The domain of the Region's partition: `amazonaws.com`, `amazonaws.com.cn`…"""
    partition = partition_of(region)
    partitions = _loader.load_data("partitions")["partitions"]
    return str(next(p["outputs"]["dnsSuffix"] for p in partitions if p["id"] == partition))


@cache
def warm() -> None:
    """Load the service models, so that children forked later need not. Opens no socket.

    Once in a process and for its children.
    """
    session = _bare_session(sandboxed=True)
    for service in SERVICES:
        session.create_client(
            service,
            region_name="us-east-1",
            aws_access_key_id="warm",
            aws_secret_access_key="warm",  # noqa: S106
        ).close()
    sandboxed = bool(aws_settings().endpoint)
    # What this one has read of the configuration it keeps; ~/.aws is to be read for each job anew.
    _unused[sandboxed] = session if sandboxed else _bare_session(sandboxed=False)


def forget_clients() -> None:
    """Close and forget all clients and credentials."""
    with _lock:
        for client in _clients.values():
            client.close()
        _clients.clear()
        _sessions.clear()


def _after_fork() -> None:
    global _lock
    _lock = threading.RLock()
    _clients.clear()
    _sessions.clear()


os.register_at_fork(after_in_child=_after_fork)


class _Fixed(CredentialProvider):
    """Ends the search for credentials at the ones given."""

    METHOD = "sluice"

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Credentials:
        return self._credentials


def _session(target: Target, endpoint: str) -> boto3.Session:
    if (target, endpoint) not in _sessions:
        session = _source_session(endpoint)
        if target.role_arn:
            role = _role_credentials(session, target, endpoint)
            session = _bare_session(sandboxed=bool(endpoint), credentials=role)
        _sessions[target, endpoint] = boto3.Session(
            botocore_session=session, region_name=target.region
        )
    return _sessions[target, endpoint]


def _source_session(endpoint: str) -> Session:
    """With an endpoint dummy credentials, else those that boto3 finds by itself."""
    sandboxed = bool(endpoint)
    session = _unused.pop(sandboxed, None) or _bare_session(sandboxed=sandboxed)
    return _with(session, Credentials("testing", "testing")) if sandboxed else session


def _with(session: Session, credentials: Credentials) -> Session:
    resolver = CredentialResolver(providers=[_Fixed(credentials)])
    session.register_component("credential_provider", resolver)
    return session


def _bare_session(*, sandboxed: bool, credentials: Credentials | None = None) -> Session:
    # A sandboxed session reads nobody's ~/.aws, and no profile from the environment.
    empty = {
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
        "profile": (None, None, None, None),
    }
    session = Session(session_vars=empty if sandboxed else None)
    session.register_component("data_loader", _loader)
    return _with(session, credentials) if credentials else session


def _role_credentials(source: Session, target: Target, endpoint: str) -> Credentials:
    """Credentials of the target's role, which renew themselves."""
    found = source.get_credentials()
    if found is None:
        raise NoCredentialsError

    def create_client(service: str, **keys: Any) -> Any:
        with _lock:
            return source.create_client(
                service,
                region_name=target.region,
                endpoint_url=endpoint or None,
                config=_config(endpoint, is_write=False),
                **keys,
            )

    extra = {"RoleSessionName": "sluice"}
    if target.external_id:
        extra["ExternalId"] = target.external_id
    fetcher = AssumeRoleCredentialFetcher(create_client, found, target.role_arn, extra_args=extra)
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")


def _config(endpoint: str, *, is_write: bool, urgent: bool = False) -> Config:
    patient = WRITE_TIMEOUT if is_write else READ_TIMEOUT
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=URGENT_TIMEOUT if urgent else patient,
        # botocore would repeat a write whose connection broke, and publish twice.
        retries={"mode": "standard", "total_max_attempts": 1 if is_write or urgent else 2},
        # Checksums that matter are given by hand; a made-up one would force chunked uploads.
        request_checksum_calculation="when_required",
        user_agent_extra="sluice",
    )
    if endpoint:
        config = config.merge(Config(s3={"addressing_style": "path"}, proxies={}))
    return config
