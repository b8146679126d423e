"""Zips to test with: ordinary ones, and hostile ones patched byte by byte."""

import io
import stat
import zipfile
from collections.abc import Mapping

import pytest

from releases.packages.errors import PackageError
from releases.packages.inspect import inspect
from releases.packages.manifest import Inspection
from releases.packages.sizes import Limits

# What a native library begins with.
X86 = b"\x7fELF\x02\x01" + bytes(12) + b"\x3e\x00"
ARM = X86[:-2] + b"\xb7\x00"


def zip_of(
    files: Mapping[str, bytes],
    *,
    modes: Mapping[str, int] | None = None,
    compression: int = zipfile.ZIP_DEFLATED,
    comment: bytes = b"",
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            # The low bit is DOS's "archive"; without any, zipfile puts in a mode of its own.
            info.external_attr = (modes or {}).get(name, 0o100644) << 16 | 0x20
            archive.writestr(info, content, compression)
        archive.comment = comment
    return buffer.getvalue()


def link_to(target: str) -> bytes:
    return zip_of({"app.py": b"", "link": target.encode()}, modes={"link": stat.S_IFLNK | 0o777})


def inspected(data: bytes, limits: Limits | None = None) -> Inspection:
    return inspect(io.BytesIO(data), size=len(data), limits=limits)


def refusal(data: bytes, limits: Limits | None = None) -> PackageError:
    with pytest.raises(PackageError) as caught:
        inspected(data, limits)
    return caught.value
