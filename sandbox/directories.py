"""Where the sandbox keeps its files, and as whom its PostgreSQL runs."""

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sandbox.errors import SandboxError

CHECKOUT = Path(__file__).resolve().parent.parent


class Account(NamedTuple):
    """A user of this machine, by number."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """Return who PostgreSQL runs as when we are root, which it refuses to be; None otherwise.

    `nobody` owns nothing and is there already, so that no account has to be created.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        raise SandboxError(
            "PostgreSQL does not run as root and this machine has no user `nobody` to run it as: "
            "start Sluice as an ordinary user."
        ) from None
    return Account(entry.pw_uid, entry.pw_gid)


def is_passable(directory: Path) -> bool:
    """Whether every other user may walk into `directory`."""
    directory = directory.resolve()
    return all(path.stat().st_mode & stat.S_IXOTH for path in (directory, *directory.parents))


def private_directory(directory: Path) -> Path:
    """Create `directory` for us alone; as root others may pass through, but not look around."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if directory.stat().st_uid != os.geteuid():
            raise SandboxError(f"{directory} belongs to somebody else: remove it or move it away.")
        directory.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise SandboxError(f"Cannot write to {directory}: {error.strerror}.") from error
    return directory


def named_directory(name: str) -> Path:
    """Return the directory of that name of this checkout: in var/, or as root outside of it."""
    if os.geteuid() != 0:
        return private_directory(CHECKOUT / "var" / name)
    checkout = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    return private_directory(private_directory(_temporary_root() / "sluice") / f"{name}-{checkout}")


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """Yield a new directory and remove it afterwards."""
    directory = private_directory(Path(tempfile.mkdtemp(prefix="sluice-", dir=_temporary_root())))
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def exclusive(directory: Path) -> Iterator[None]:
    """Hold `directory`; the kernel lets go of it when this process is gone, however it ended."""
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SandboxError(f"Another process is using {directory}: stop it first.") from None
        yield


def _temporary_root() -> Path:
    chosen = Path(tempfile.gettempdir())
    if os.geteuid() != 0:
        return chosen
    for candidate in (chosen, Path("/var/tmp"), Path("/tmp")):  # noqa: S108
        if candidate.is_dir() and is_passable(candidate):
            return candidate
    raise SandboxError(f"Only root may enter {chosen}: set TMPDIR to a directory open to others.")
