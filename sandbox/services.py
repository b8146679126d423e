"""PostgreSQL and Redis for whoever brings none: from the environment, else embedded."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from sandbox.directories import temporary_directory
from sandbox.postgres import embedded_postgres
from sandbox.redis import embedded_redis

EMBEDDED: dict[str, Callable[[Path], AbstractContextManager[dict[str, str]]]] = {
    "DATABASE_URL": embedded_postgres,
    "REDIS_URL": embedded_redis,
}


@contextmanager
def services(
    directory: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Iterator[dict[str, str]]:
    """Yield DATABASE_URL and REDIS_URL, starting those that `environ` does not set.

    With the embedded PostgreSQL comes DATABASE_OWNER_URL: whose tables they are.
    Raises SandboxError if this machine cannot run them.
    """
    with ExitStack() as stack:
        urls = {name: environ[name] for name in EMBEDDED if environ.get(name)}
        missing = [name for name in EMBEDDED if name not in urls]
        if missing and directory is None:
            directory = stack.enter_context(temporary_directory())
        for name in missing:
            assert directory is not None  # noqa: S101
            folder = directory / name.removesuffix("_URL").lower()
            urls |= stack.enter_context(EMBEDDED[name](folder))
        yield urls
