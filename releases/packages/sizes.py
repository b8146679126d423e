"""How large a package may be, and which way it goes to AWS."""

import enum
from dataclasses import dataclass

from releases.packages.errors import PackageError

MIB = 1024 * 1024

# AWS refuses what reaches these sizes: both read "must be smaller than" in its answers.
INLINE_LIMIT = 52_428_800
UNZIPPED_LIMIT = 262_144_000
BUCKET_PREFERRED_OVER = 8 * MIB

DIRECTORY_LIMIT = 16 * MIB
# A zip may be larger than what it unpacks to: names and headers come on top, once
# before each entry and once in the directory. No package that AWS would take is over this.
UPLOAD_LIMIT = UNZIPPED_LIMIT + 2 * DIRECTORY_LIMIT


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an archive may ask of its reader."""

    unzipped: int = UNZIPPED_LIMIT
    # Lambda names no number. 250 MB in files of 5 KB, small even for node_modules, makes
    # 50,000; and every entry costs memory here and a line in front of the reviewer.
    entries: int = 50_000
    directory: int = DIRECTORY_LIMIT
    # Text packs 5:1 to 20:1, repetitive JSON perhaps 60:1; deflate ends at 1032:1.
    # Small archives are left alone: a few log files of blanks harm nobody.
    ratio: int = 200
    ratio_over: int = 16 * MIB
    name_length: int = 1024


class Delivery(enum.Enum):
    """How a package travels: in the request itself, or through the staging bucket."""

    INLINE = "inline"
    BUCKET = "bucket"


def delivery(size: int, *, has_bucket: bool) -> Delivery:
    """Choose the way for a package of `size` bytes.

    Raises PackageError (needs-bucket) if there is none.
    """
    if has_bucket and size > BUCKET_PREFERRED_OVER:
        return Delivery.BUCKET
    if size >= INLINE_LIMIT:
        raise PackageError(
            "needs-bucket",
            f"The package is {in_words(size)}, and packages over 50 MB"
            " need the environment's staging bucket.",
            "Ask an administrator to set a staging bucket for this environment,"
            " or make the package smaller.",
        )
    return Delivery.INLINE


def in_words(size: int) -> str:
    """A size as people and AWS both say it: 250 MB (262,144,000 bytes)."""
    if size < MIB:
        return f"{size:,} bytes"
    return f"{size / MIB:.1f}".removesuffix(".0") + f" MB ({size:,} bytes)"
