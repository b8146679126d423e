"""Small packages travel inline, large ones through the bucket, and some not at all."""

import pickle

import pytest

from releases.packages.errors import PackageError
from releases.packages.sizes import (
    BUCKET_PREFERRED_OVER,
    INLINE_LIMIT,
    UNZIPPED_LIMIT,
    UPLOAD_LIMIT,
    Delivery,
    delivery,
    in_words,
)


@pytest.mark.parametrize(
    ("size", "has_bucket", "way"),
    [
        (1, False, Delivery.INLINE),
        (INLINE_LIMIT - 1, False, Delivery.INLINE),
        (BUCKET_PREFERRED_OVER, True, Delivery.INLINE),
        (BUCKET_PREFERRED_OVER + 1, True, Delivery.BUCKET),
        (INLINE_LIMIT, True, Delivery.BUCKET),
    ],
)
def test_way_follows_from_size_and_bucket(size: int, has_bucket: bool, way: Delivery) -> None:
    assert delivery(size, has_bucket=has_bucket) is way


def test_large_package_without_a_bucket_is_refused_with_the_reason() -> None:
    with pytest.raises(PackageError) as caught:
        delivery(INLINE_LIMIT, has_bucket=False)
    assert caught.value.code == "needs-bucket"
    assert caught.value.message == (
        "The package is 50 MB (52,428,800 bytes), and packages over 50 MB"
        " need the environment's staging bucket."
    )


def test_upload_limit_leaves_room_for_headers_and_names() -> None:
    assert UPLOAD_LIMIT > UNZIPPED_LIMIT


def test_sizes_are_said_in_words() -> None:
    assert in_words(1023) == "1,023 bytes"
    assert in_words(262_144_000) == "250 MB (262,144,000 bytes)"


def test_error_survives_the_way_between_processes() -> None:
    error = pickle.loads(pickle.dumps(PackageError("code", "What.", "Do.")))  # noqa: S301
    assert (error.code, str(error), error.advice) == ("code", "What.", "Do.")
