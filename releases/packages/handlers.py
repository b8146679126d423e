"""Where the runtimes look for a handler inside a package."""

import posixpath
from collections.abc import Collection


def handler_files(handler: str, runtime: str) -> tuple[str, ...]:
    """The files any one of which would hold `handler`, the usual one first.

    None if that cannot be told.
    """
    if runtime.startswith("provided"):
        return ("bootstrap",)
    if runtime == "go1.x":
        return (handler,) if handler else ()
    # An absolute handler lies in a layer, under /opt.
    if not handler or handler.startswith("/"):
        return ()
    for prefix, files in FILES.items():
        if runtime.startswith(prefix):
            return tuple(posixpath.normpath(path) for path in files(handler))
    return ()


def runs_as_program(runtime: str) -> bool:
    """Whether the runtime executes the handler's file itself."""
    return runtime.startswith("provided") or runtime == "go1.x"


def is_hidden_in_a_jar(runtime: str, paths: Collection[str]) -> bool:
    """Whether the class may be in a library that is not looked into."""
    return runtime.startswith("java") and any(path.endswith(".jar") for path in paths)


def _python(handler: str) -> tuple[str, ...]:
    # pkg/mod.fn and pkg.mod.fn are the same to the runtime.
    module = handler.rpartition(".")[0].replace(".", "/")
    if not module:
        return ()
    return (f"{module}.py", f"{module}/__init__.py", f"{module}.pyc", f"{module}.so")


def _node(handler: str) -> tuple[str, ...]:
    # The module ends at the first dot of the last part; the rest names the function.
    folder, name = posixpath.split(handler)
    module = posixpath.join(folder, name.partition(".")[0])
    endings = (".js", ".mjs", ".cjs", "", "/index.js", "/package.json")
    return tuple(module + ending for ending in endings)


def _ruby(handler: str) -> tuple[str, ...]:
    folder, name = posixpath.split(handler)
    return (posixpath.join(folder, name.partition(".")[0]) + ".rb",)


def _java(handler: str) -> tuple[str, ...]:
    return (handler.partition("::")[0].replace(".", "/") + ".class",)


def _dotnet(handler: str) -> tuple[str, ...]:
    return (handler.partition("::")[0] + ".dll",)


FILES = {"python": _python, "nodejs": _node, "ruby": _ruby, "java": _java, "dotnet": _dotnet}
