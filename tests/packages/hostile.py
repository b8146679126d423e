"""Archives made to harm whoever opens them, by name, and the refusal that each one gets."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.packages.zips import link_to, zip_of

MB = 1 << 20
LOCAL, LISTED = struct.Struct("<4s5H3L2H"), struct.Struct("<4s6H3L5H2L")
END, END64, LOCATOR = (struct.Struct(f"<4s{rest}") for rest in ("4H2LH", "Q2H2L4Q", "LQL"))


@dataclass(frozen=True, kw_only=True)
class Raw:
    """One entry, of which header and directory may say whatever one likes."""

    name: bytes = b"app.py"
    packed: bytes = b""
    size: int = 0
    crc: int = 0
    method: int = zipfile.ZIP_DEFLATED
    extra: bytes = b""
    # Where the directory says it is; None is where it is.
    offset: int | None = None

    def header(self) -> bytes:
        sizes = (self.crc, len(self.packed), self.size)
        fields = (20, 0x800, self.method, 0, 33, *sizes, len(self.name), len(self.extra))
        return LOCAL.pack(b"PK\x03\x04", *fields) + self.name + self.extra

    def listed(self, at: int) -> bytes:
        at = at if self.offset is None else self.offset
        sizes = (self.crc, len(self.packed), self.size)
        fields = (20, 20, 0x800, self.method, 0, 33, *sizes, len(self.name), len(self.extra))
        return (
            LISTED.pack(b"PK\x01\x02", *fields, 0, 0, 0, 0o100644 << 16, at)
            + self.name
            + self.extra
        )


def raw_zip(*entries: Raw, count: int | None = None) -> bytes:
    body, listed = bytearray(), bytearray()
    for entry in entries:
        listed += entry.listed(len(body))
        if entry.offset is None:
            body += entry.header() + entry.packed
    counted = len(entries) if count is None else count
    end = END.pack(b"PK\x05\x06", 0, 0, counted, counted, len(listed), len(body), 0)
    return bytes(body + listed) + end


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


def zeros(size: int, name: bytes = b"zeros") -> Raw:
    """A file of blanks, packed a thousand to one."""
    block, packer, crc = bytes(MB), zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS), 0
    one = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(size // MB):
        crc = zlib.crc32(block, crc)
    return Raw(name=name, packed=one * (size // MB) + deflated(b""), size=size, crc=crc)


def lying(declared: int) -> bytes:
    """64 MB that both header and directory call `declared` bytes."""
    honest = zeros(64 * MB)
    return raw_zip(Raw(packed=honest.packed, size=declared, crc=honest.crc))


def wide(size: int) -> bytes:
    """Many files of blanks that together unpack to `size`."""
    return raw_zip(*(zeros(8 * MB, b"%d" % number) for number in range(size // (8 * MB))))


def deep(levels: int) -> bytes:
    """A zip of ten zips, each of ten zips…, and at the bottom blanks: 42.zip in small."""
    data = raw_zip(zeros(8 * MB))
    for _ in range(levels):
        data = zip_of({f"{number}.zip": data for number in range(10)})
    return data


def sharing(count: int) -> bytes:
    """One kernel of blanks which every entry calls its own."""
    kernel = zeros(8 * MB, b"000000")
    rest = (zeros_again(kernel, b"%06d" % number) for number in range(1, count))
    return raw_zip(kernel, *rest)


def zeros_again(kernel: Raw, name: bytes) -> Raw:
    return Raw(name=name, packed=kernel.packed, size=kernel.size, crc=kernel.crc, offset=0)


def quoting(count: int, size: int = 8 * MB) -> bytes:
    """Every entry's bytes begin with the next one's header and go on to the common kernel."""
    kernel = zeros(size, b"kernel")
    entries = [kernel]
    tail = kernel.header() + kernel.packed
    for number in range(count):
        name = b"%06d" % number
        head = tail[: 30 + 6]
        # A stored block of deflate, which holds the header that comes next.
        packed = struct.pack("<BHH", 0, len(head), len(head) ^ 0xFFFF) + tail
        quoted = Raw(name=name, packed=packed, size=kernel.size + len(head), crc=0)
        tail = quoted.header() + packed
        entries.insert(0, quoted)
    listed, at = bytearray(), 0
    for entry in entries:
        listed += entry.listed(at)
        at += len(entry.header()) + 5
    end = END.pack(b"PK\x05\x06", 0, 0, len(entries), len(entries), len(listed), len(tail), 0)
    return tail + bytes(listed) + end


def countless(count: int, *, says: int | None = None) -> bytes:
    """`count` empty files; the end may say that there are fewer."""
    one = Raw(name=b"f").listed(0)
    body = Raw(name=b"f").header()
    listed = one * count
    says = count if says is None else says
    at = len(body) + len(listed)
    end64 = END64.pack(
        b"PK\x06\x06", 44, 45, 45, 0, 0, says, says, len(listed), len(body)
    ) + LOCATOR.pack(b"PK\x06\x07", 0, at, 1)
    end = END.pack(b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, 0)
    return body + listed + end64 + end


def second_name(other: bytes) -> bytes:
    value = struct.pack("<BL", 1, zlib.crc32(b"app.py")) + other
    return raw_zip(Raw(packed=deflated(b""), extra=struct.pack("<2H", 0x7075, len(value)) + value))


def device(kind: int) -> bytes:
    return zip_of({"a": b""}, modes={"a": kind | 0o644})


PLAIN = zip_of({"app.py": b"print('hello')\n" * 40, "lib/b.txt": b"text"})
DIRECTORY = PLAIN.index(b"PK\x01\x02")


def patched(at: int, layout: str, value: int) -> bytes:
    changed = bytearray(PLAIN)
    struct.pack_into(layout, changed, at, value)
    return bytes(changed)


def concatenated() -> bytes:
    """Two whole archives, the second one's positions set right, so that it opens on its own."""
    buffer = io.BytesIO(PLAIN)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b""
    other = raw_zip(Raw(name=b"other.py", offset=None))
    return buffer.getvalue() + other


# Small enough to be made anew in every test run.
SMALL: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a file of blanks": ("bomb", lambda: raw_zip(zeros(64 * MB))),
    "blanks in many files": ("bomb", lambda: wide(128 * MB)),
    "more than Lambda takes": ("unzipped-too-large", lambda: wide(256 * MB)),
    "a lying size": ("lying-size", lambda: lying(4096)),
    "a size of nothing": ("lying-size", lambda: lying(0)),
    "entries that share one kernel": ("damaged", lambda: sharing(2)),
    "a thousand entries that share one kernel": ("unzipped-too-large", lambda: sharing(1000)),
    "entries that quote each other": ("overlapping", lambda: quoting(9, MB)),
    "a way out of the folder": ("outside", lambda: zip_of({"../../etc/cron.d/x": b""})),
    "an absolute path": ("outside", lambda: zip_of({"/etc/passwd": b""})),
    "a drive of Windows": ("outside", lambda: zip_of({"C:\\Windows\\x.dll": b""})),
    "a share of Windows": ("outside", lambda: zip_of({"\\\\host\\share\\x": b""})),
    "backslashes": ("bad-name", lambda: zip_of({"lib\\x.py": b""})),
    "a link out of the folder": ("link-outside", lambda: link_to("../../etc/passwd")),
    "a link to a device": ("link-outside", lambda: link_to("/dev/zero")),
    "a character device": ("special-file", lambda: device(stat.S_IFCHR)),
    "a block device": ("special-file", lambda: device(stat.S_IFBLK)),
    "a pipe": ("special-file", lambda: device(stat.S_IFIFO)),
    "a socket": ("special-file", lambda: device(stat.S_IFSOCK)),
    "a second name": ("two-names", lambda: second_name(b"evil.py")),
    "a second name outside": ("two-names", lambda: second_name(b"../../evil.py")),
    "too many entries": ("too-many-entries", lambda: countless(60_000)),
    "an end that counts fewer": ("too-many-entries", lambda: countless(60_000, says=1)),
    "cut off in the middle": ("not-a-zip", lambda: PLAIN[: len(PLAIN) // 2]),
    "cut off before its end": ("not-a-zip", lambda: PLAIN[:-1]),
    "two archives in one file": ("hidden-bytes", concatenated),
    "a script before the archive": ("hidden-bytes", lambda: b"#!/bin/sh\n" + PLAIN),
    "a directory that counts fewer": ("damaged", lambda: patched(len(PLAIN) - 12, "<H", 1)),
    "a directory elsewhere": ("damaged", lambda: patched(len(PLAIN) - 6, "<L", 1 << 31)),
    "a header that is elsewhere": ("hidden-bytes", lambda: patched(DIRECTORY + 42, "<L", 7)),
    "the last bytes of a directory alone": ("not-a-zip", lambda: PLAIN[-22:]),
}
# For the benchmark: hundreds of megabytes, or made slowly.
LARGE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "two million entries": ("too-many-entries", lambda: countless(2_000_000)),
    "two million entries, told as one": ("too-many-entries", lambda: countless(2_000_000, says=1)),
    "249 MB of blanks": ("bomb", lambda: raw_zip(zeros(249 * MB))),
    "entries that quote each other, 1,000": ("unzipped-too-large", lambda: quoting(1000)),
}
MISLEADING = ("exe\u202etxt.py", "p\u0430y.py", "\x1b[2J", "\ufb01le", "a\u2215b")
# What is taken, as it harms nobody: an archive is data here, and the one inside it stays closed.
HARMLESS: dict[str, Callable[[], bytes]] = {
    "archives in archives, four deep": lambda: deep(4),
    "50,000 empty files": lambda: zip_of({f"{number:05}": b"" for number in range(50_000)}),
    "names that mislead": lambda: zip_of(dict.fromkeys(MISLEADING, b"")),
}
