"""How much of a difference is shown, and from where on only its size and hash are."""

from dataclasses import dataclass

from releases.packages.sizes import MIB
from releases.packages.sizes import Limits as ArchiveLimits

KIB = 1024


@dataclass(frozen=True, kw_only=True)
class DiffLimits:
    """The bounds of what one page compares; a reviewer may ask for more, up to the caps."""

    # Beyond these a file is compared only when somebody asks for it.
    file_size: int = MIB
    file_lines: int = 20_000
    line_length: int = 5_000
    # Beyond these it never is: lines are objects here and rows in the browser.
    size_cap: int = 8 * MIB
    lines_cap: int = 200_000
    # Enough to tell a program from a text when the whole of it is not read.
    head: int = 8 * KIB
    context: int = 3
    # A fold takes a row itself, so hiding a single line gains nothing.
    fold_over: int = 2
    # Words are compared within paired lines only while that is cheap and still says something.
    words_line: int = 500
    words_pairs: int = 500
    # Colours are a comfort: they never cost a page more than this.
    colour_size: int = 256 * KIB
    colour_seconds: float = 3.0
    page_colour_seconds: float = 6.0
    # An archive inside the package, whole and packed.
    nested_size: int = 64 * MIB


# One level deep and inside what was already inspected, so smaller than a package may be.
NESTED = ArchiveLimits(
    unzipped=128 * MIB, entries=20_000, directory=4 * MIB, ratio=200, ratio_over=8 * MIB
)
