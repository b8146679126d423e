"""What reviewers should know about a package that is otherwise fine."""

from collections.abc import Iterable
from dataclasses import dataclass

from releases.packages.handlers import handler_files, is_hidden_in_a_jar, runs_as_program
from releases.packages.manifest import Entry, Inspection
from releases.packages.names import shown
from releases.packages.spelling import misleads

PATHS_TOLD = 20
JUNK = frozenset(
    {".git", ".svn", ".hg", ".idea", ".vscode", ".venv", ".pytest_cache", ".mypy_cache"}
    | {".ruff_cache", "__pycache__", "__MACOSX", ".DS_Store", "Thumbs.db"}
)


@dataclass(frozen=True)
class PackageWarning:
    """Passed on to reviewers; stops nothing. `paths` are the first few concerned."""

    code: str
    message: str
    paths: tuple[str, ...] = ()


def warnings_for(
    inspection: Inspection,
    *,
    handler: str | None,
    runtime: str | None,
    architectures: tuple[str, ...],
    declared_architecture: str | None = None,
) -> list[PackageWarning]:
    """What is odd about the package for a function configured like this.

    A declared architecture goes out with the code and so replaces the function's own.
    """
    if declared_architecture:
        architectures = (declared_architecture,)
    found = [
        _handler(inspection, handler or "", runtime or ""),
        _secrets(inspection),
        _architecture(inspection, architectures),
        _unreadable(inspection),
        _misleading(inspection),
        _junk(inspection, runtime or ""),
    ]
    return [warning for warning in found if warning]


def _handler(inspection: Inspection, handler: str, runtime: str) -> PackageWarning | None:
    wanted = handler_files(handler, runtime)
    present = {entry.path: entry for entry in inspection.entries}
    if not wanted or is_hidden_in_a_jar(runtime, present):
        return None
    entry = next((present[path] for path in wanted if path in present), None)
    if entry is None:
        return PackageWarning(
            "handler-missing",
            f"The function runs {shown(wanted[0])}, which is not in the package."
            " It can only work if a layer brings that file.",
        )
    if runs_as_program(runtime) and not entry.is_executable and not entry.is_link:
        return PackageWarning(
            "handler-not-executable",
            f"{shown(entry.path)} is not marked as executable; Lambda will refuse to start it.",
            (entry.path,),
        )
    return None


def _secrets(inspection: Inspection) -> PackageWarning | None:
    return _about(
        "secret",
        inspection.secret_paths,
        "1 file looks like a secret: everybody who can read this function's code can read it.",
        "{} files look like secrets: everybody who can read this function's code can read them.",
    )


def _architecture(inspection: Inspection, architectures: tuple[str, ...]) -> PackageWarning | None:
    native = inspection.native_architectures
    # Some packages bring libraries for several architectures and choose when they run.
    if not native or not architectures or native & set(architectures):
        return None
    built_for = " and ".join(sorted(native))
    runs_on = " or ".join(architectures)
    return PackageWarning(
        "architecture",
        f"The native files in the package are built for {built_for}; the function runs on"
        f" {runs_on}.",
        _paths(entry for entry in inspection.entries if entry.machine)[:PATHS_TOLD],
    )


def _unreadable(inspection: Inspection) -> PackageWarning | None:
    # Mode 0 means that the archive says nothing, and Lambda then uses a readable one.
    unreadable = _paths(
        entry
        for entry in inspection.entries
        if entry.mode & 0o777 and not entry.mode & 0o004 and not entry.is_link
    )
    return _about(
        "unreadable",
        unreadable,
        "1 file is not readable by others (chmod o+r); Lambda runs as another user and"
        " cannot open it.",
        "{} files are not readable by others (chmod o+r); Lambda runs as another user and"
        " cannot open them.",
    )


def _misleading(inspection: Inspection) -> PackageWarning | None:
    return _about(
        "misleading-name",
        _paths(entry for entry in inspection.entries if misleads(entry.path)),
        "1 file has characters in its name that are invisible or look like others; they are spelled"
        " out.",
        "{} files have characters in their names that are invisible or look like others; they are"
        " spelled out.",
    )


def _junk(inspection: Inspection, runtime: str) -> PackageWarning | None:
    junk = JUNK if runtime.startswith("nodejs") or not runtime else JUNK | {"node_modules"}
    return _about(
        "junk",
        _paths(entry for entry in inspection.entries if junk & set(entry.path.split("/"))),
        "1 file is left over from development and not needed to run.",
        "{} files are left over from development and not needed to run.",
    )


def _about(code: str, paths: tuple[str, ...], one: str, many: str) -> PackageWarning | None:
    if not paths:
        return None
    message = one if len(paths) == 1 else many.format(f"{len(paths):,}")
    return PackageWarning(code, message, paths[:PATHS_TOLD])


def _paths(entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(entry.path for entry in entries)
