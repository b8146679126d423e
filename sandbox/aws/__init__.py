"""A strict AWS to release against: Lambda's control plane by the book, the rest by moto."""

from sandbox.aws.faults import Fault
from sandbox.aws.moto_backends import DEFAULT_ACCOUNT
from sandbox.aws.seed import SeedAlias, SeedVersion, zip_of
from sandbox.aws.server import AwsSandbox, serve
from sandbox.aws.signatures import sign
from sandbox.aws.timing import Timing

__all__ = [
    "DEFAULT_ACCOUNT",
    "AwsSandbox",
    "Fault",
    "SeedAlias",
    "SeedVersion",
    "Timing",
    "serve",
    "sign",
    "zip_of",
]
