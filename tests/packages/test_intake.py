"""Uploads are hashed and written once, within their limit, and leave nothing behind."""

import base64
import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from releases.packages.errors import PackageError
from releases.packages.intake import code_sha256_of, hex_of, receive

MIB = 1024 * 1024


def test_bytes_arrive_as_they_were_sent(tmp_path: Path) -> None:
    received = receive([b"one ", b"", b"two"], directory=tmp_path, limit=7)
    assert received.path.read_bytes() == b"one two"
    assert received.path.parent == tmp_path
    assert (received.size, received.sha256) == (7, hashlib.sha256(b"one two").hexdigest())


def test_one_byte_too_many_is_refused_and_removed(tmp_path: Path) -> None:
    with pytest.raises(PackageError) as caught:
        receive([b"1234567", b"8"], directory=tmp_path, limit=7)
    assert caught.value.code == "too-large"
    assert str(caught.value) == "The upload is larger than 7 bytes, the most that is taken."
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_read_after_the_limit(tmp_path: Path) -> None:
    chunks = iter([b"12345678", b"9"])
    with pytest.raises(PackageError):
        receive(chunks, directory=tmp_path, limit=7)
    assert list(chunks) == [b"9"]


def test_empty_upload_is_refused_and_removed(tmp_path: Path) -> None:
    with pytest.raises(PackageError) as caught:
        receive([b""], directory=tmp_path, limit=7)
    assert caught.value.code == "empty"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [ConnectionResetError, KeyboardInterrupt])
def test_broken_upload_leaves_no_file(tmp_path: Path, error: type[BaseException]) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise error

    with pytest.raises(error):
        receive(chunks(), directory=tmp_path, limit=7)
    assert list(tmp_path.iterdir()) == []


def test_hundred_megabytes_are_never_in_memory(tmp_path: Path) -> None:
    chunks = (bytes([number % 256]) * MIB for number in range(100))
    tracemalloc.start()
    try:
        received = receive(chunks, directory=tmp_path, limit=100 * MIB)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert received.size == received.path.stat().st_size == 100 * MIB
    assert peak < 4 * MIB


def test_code_sha256_is_the_digest_as_aws_shows_it(tmp_path: Path) -> None:
    received = receive([b"zip"], directory=tmp_path, limit=7)
    expected = base64.b64encode(hashlib.sha256(b"zip").digest()).decode()
    assert received.code_sha256 == code_sha256_of(received.sha256) == expected
    assert hex_of(expected) == received.sha256
