"""Bodies of requests: how long they are, in chunks or not, and where they end."""

import io
import re
from typing import Any, BinaryIO

CHUNK = 1 << 20
LINE = 1 << 16
CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,15}")


class Body(io.RawIOBase):
    """The body of one request and not a byte more, so that the connection can be kept."""

    def __init__(self, source: BinaryIO, length: int) -> None:
        self._source = source
        self.left = length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self.left)
        content = self._source.read(wanted) if wanted else b""
        buffer[: len(content)] = content
        self.left = self.left - len(content) if content else 0
        return len(content)

    def readall(self) -> bytes:
        content = self._source.read(self.left) if self.left else b""
        self.left = 0
        return content

    def drain(self) -> None:
        while self.left and self.read(CHUNK):
            pass


def length_of(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError("Content-Length is not a number of bytes")
    return int(text)


def dechunked(source: BinaryIO) -> bytes:
    """Raises ValueError if the body is not in chunks as HTTP has them."""
    found = bytearray()
    while size := _chunk_size(source.readline(LINE)):
        body = Body(source, size)
        while piece := body.read(CHUNK):
            found += piece
        source.readline(LINE)
    while source.readline(LINE).strip():
        pass
    return bytes(found)


def _chunk_size(line: bytes) -> int:
    written = line.partition(b";")[0].strip()
    if not CHUNK_SIZE.fullmatch(written):
        raise ValueError("a chunk's size is not a hexadecimal number")
    return int(written, 16)
