"""Names from archives: which are refused, and how a hostile one is shown."""

import re
from zipfile import ZipInfo

from releases.packages.errors import PackageError
from releases.packages.sizes import Limits
from releases.packages.spelling import spelled

# The most that Linux writes for one part of a path.
COMPONENT_BYTES = 255
SHOWN_LENGTH = 100
BACKTICK = r"\x60"

FROM_INSIDE = "Build the zip from inside your project folder and upload it again."


def shown(name: str) -> str:
    """`name` in backticks, with all that could mislead escaped, and cut in the middle if long."""
    ends = [name]
    if len(name) > SHOWN_LENGTH:
        ends = [name[: SHOWN_LENGTH - 30], name[-29:]]
    return f"`{'…'.join(map(spelled, ends)).replace('`', BACKTICK)}`"


def checked_path(info: ZipInfo, limits: Limits) -> str:
    """The path an entry is unpacked to, without `.` and doubled slashes.

    Raises PackageError (outside, bad-name). "" is the function's folder itself.
    """
    # Not info.filename: zipfile cuts that at the first NUL.
    name = info.orig_filename
    _refuse_outside(name)
    _refuse_unwritable(name, limits)
    path = "/".join(part for part in name.split("/") if part not in {"", "."})
    if not path and not name.endswith("/"):
        raise _bad_name(name, "is no name for a file")
    return path


def _refuse_outside(name: str) -> None:
    absolute = name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name)
    if absolute or ".." in re.split(r"[/\\]", name):
        raise PackageError(
            "outside",
            f"The archive's entry {shown(name)} would be written outside the function's folder.",
            FROM_INSIDE,
        )


def _refuse_unwritable(name: str, limits: Limits) -> None:
    if "\0" in name:
        raise _bad_name(name, "has a NUL character in its name")
    if "\\" in name:
        raise PackageError(
            "bad-name",
            f"The archive's entry {shown(name)} has a backslash in its name; Lambda would make"
            " it part of the file's name, not a folder.",
            "Some Windows tools write zips like this. Build it with `tar -a -c -f`, 7-Zip,"
            " Python or your deployment tool, and upload it again.",
        )
    if len(name.encode()) > limits.name_length:
        raise _bad_name(name, f"has a name of more than {limits.name_length:,} bytes")
    if any(len(part.encode()) > COMPONENT_BYTES for part in name.split("/")):
        raise _bad_name(name, f"has a part of more than {COMPONENT_BYTES} bytes in its name")


def _bad_name(name: str, what: str) -> PackageError:
    return PackageError(
        "bad-name",
        f"The archive's entry {shown(name)} {what}.",
        "Rename the file, build the zip again and upload it.",
    )
