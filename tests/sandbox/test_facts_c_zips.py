"""Packages that do not unzip (facts C7)."""

import io
import random
import zipfile

import pytest

from sandbox.aws import zip_of
from tests.sandbox.cloud import Cloud, refused


def test_an_entry_that_does_not_unzip_is_refused(cloud: Cloud) -> None:
    broken = bytearray(zip_of("a long enough handler " * 9))
    broken[60] ^= 0xFF
    call = cloud.lambda_.update_function_code
    refusal = refused(call, FunctionName=cloud.function(), ZipFile=bytes(broken))
    assert refusal.message.startswith("Could not unzip uploaded file.")


def packed(compression: int) -> bytes:
    """One entry that every decoder has something to read in."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", compression) as archive:
        archive.writestr("index.py", bytes(range(256)) * 4 + b"def handler(event): ...\n" * 20)
    return package.getvalue()


def mutated(package: bytes, chance: random.Random) -> bytes:
    found = bytearray(package)
    for _ in range(chance.randint(1, 4)):
        found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found[: chance.choice((len(found), chance.randrange(len(found))))])


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("name", ["STORED", "DEFLATED", "BZIP2", "LZMA"])
def test_whatever_is_broken_in_a_zip_is_the_same_refusal(
    cloud: Cloud, name: str, dry_run: bool
) -> None:
    chance = random.Random(name)
    package, function = packed(getattr(zipfile, f"ZIP_{name}")), cloud.function()
    for _ in range(60):
        params = {"ZipFile": mutated(package, chance), "DryRun": dry_run}
        try:
            cloud.lambda_.update_function_code(FunctionName=function, **params)
        except cloud.lambda_.exceptions.InvalidParameterValueException as error:
            text = error.response["Error"]["Message"]
            assert text.startswith(("Could not unzip uploaded file.", "Uploaded file must", "Unz"))
        cloud.settle(function)
