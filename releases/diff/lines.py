"""Which lines of two texts differ, as git finds it."""

from dataclasses import dataclass

import pygit2
from pygit2.enums import DiffOption

from releases.diff.text import Text


@dataclass(frozen=True, slots=True)
class Block:
    """Lines old_start..old_end are replaced by new_start..new_end; from 0, ends not included."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True)
class LineDiff:
    """Two texts and the blocks in which they differ; what lies between is the same."""

    old: Text
    new: Text
    blocks: tuple[Block, ...]

    @property
    def added(self) -> int:
        return sum(block.new_end - block.new_start for block in self.blocks)

    @property
    def removed(self) -> int:
        return sum(block.old_end - block.old_start for block in self.blocks)

    @property
    def encoding_change(self) -> str:
        """ "from … to …" where both sides exist and are not encoded alike, else ""."""
        old, new = self.old.encoding, self.new.encoding
        return f"from {old} to {new}" if old and new and old != new else ""

    @property
    def line_end_change(self) -> str:
        """ "from CRLF to LF" and the like, where all lines of a file are concerned, else ""."""
        old, new = self.old.line_ends, self.new.line_ends
        return f"from {old} to {new}" if old and new and old != new else ""


def compare_lines(old: Text, new: Text, *, ignore_whitespace: bool = False) -> LineDiff:
    """Compare two texts by lines; whitespace may be left out of account altogether."""
    # Both as UTF-8, so that a change of encoding alone leaves the lines the same.
    flag = DiffOption.IGNORE_WHITESPACE if ignore_whitespace else DiffOption.NORMAL
    return LineDiff(old, new, blocks(old.for_git, new.for_git, flag | DiffOption.INDENT_HEURISTIC))


def blocks(old: bytes, new: bytes, flag: DiffOption = DiffOption.NORMAL) -> tuple[Block, ...]:
    """Compare anything written in lines."""
    flag |= DiffOption.FORCE_TEXT
    patch = pygit2.Patch.create_from(old, new, flag=flag, context_lines=0)
    return tuple(_block(hunk) for hunk in patch.hunks)


def _block(hunk: pygit2.DiffHunk) -> Block:
    # Lines count from 1, and an empty side names the line before it.
    old = hunk.old_start - 1 if hunk.old_lines else hunk.old_start
    new = hunk.new_start - 1 if hunk.new_lines else hunk.new_start
    return Block(old, old + hunk.old_lines, new, new + hunk.new_lines)
