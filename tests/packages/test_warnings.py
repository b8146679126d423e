"""Reviewers are told what is odd about a package, and only then."""

import pytest

from releases.packages.warnings import PackageWarning, warnings_for
from tests.packages.zips import X86, inspected, zip_of

KEY = b"-----BEGIN RSA PRIVATE KEY-----\n" + b"MIIEpAIBAAKCAQEA" * 4


def warnings(
    files: dict[str, bytes],
    *,
    handler: str | None = None,
    runtime: str | None = None,
    architecture: str | None = None,
    modes: dict[str, int] | None = None,
) -> list[PackageWarning]:
    return warnings_for(
        inspected(zip_of(files, modes=modes)),
        handler=handler,
        runtime=runtime,
        architectures=("x86_64",),
        declared_architecture=architecture,
    )


def codes(files: dict[str, bytes], **function: str) -> list[str]:
    return [warning.code for warning in warnings(files, **function)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("runtime", "handler", "path"),
    [
        ("python3.13", "app.main", "app.py"),
        ("python3.13", "pkg/mod.fn", "pkg/mod.py"),
        ("python3.13", "pkg.mod.fn", "pkg/mod.py"),
        ("python3.13", "pkg.fn", "pkg/__init__.py"),
        ("nodejs22.x", "index.handler", "index.js"),
        ("nodejs22.x", "src/index.handler", "src/index.mjs"),
        ("nodejs22.x", "index.api.handler", "index.cjs"),
        ("ruby3.3", "app.Module::Class.call", "app.rb"),
        ("java21", "com.example.App::handle", "com/example/App.class"),
        ("java21", "com.example.App", "lib/app.jar"),
        ("dotnet8", "Shop::Shop.Function::Handle", "Shop.dll"),
    ],
)
def test_handler_is_found_where_its_runtime_looks(runtime: str, handler: str, path: str) -> None:
    assert codes({path: b""}, runtime=runtime, handler=handler) == []
    others = codes({"other.txt": b""}, runtime=runtime, handler=handler)
    assert others == ["handler-missing"]


def test_missing_handler_is_named() -> None:
    (warning,) = warnings({"main.py": b""}, runtime="python3.13", handler="app.main")
    assert warning.message.startswith("The function runs `app.py`, which is not in the package.")


@pytest.mark.parametrize(
    ("runtime", "handler"),
    [(None, None), ("python3.13", "/opt/wrapper.main"), ("future1.x", "a.b"), ("python3.13", "x")],
)
def test_handler_that_cannot_be_told_is_no_warning(
    runtime: str | None, handler: str | None
) -> None:
    assert warnings({"other.txt": b""}, runtime=runtime, handler=handler) == []


@pytest.mark.parametrize(
    ("runtime", "handler"), [("provided.al2023", "unused"), ("go1.x", "bootstrap")]
)
def test_program_must_be_there_and_executable(runtime: str, handler: str) -> None:
    def found(name: str, mode: int) -> list[str]:
        told = warnings({name: X86}, runtime=runtime, handler=handler, modes={name: mode})
        return [warning.code for warning in told]

    assert found("bootstrap", 0o100755) == []
    assert found("bootstrap", 0o100644) == ["handler-not-executable"]
    assert found("app", 0o100755) == ["handler-missing"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".env", b"A=1"),
        ("config/.env.local", b"A=1"),
        ("config/production.env", b"A=1"),
        ("config/credentials.json", b"{}"),
        ("deploy.pem", KEY),
        ("home/.ssh/id_rsa", b"x"),
        (".aws/credentials", b"x"),
        (".npmrc", b"//host/:_authToken=npm_abc"),
        ("settings.py", b"KEY = 'AKIA" + b"2E0A8F3B244C9986" + b"'"),
    ],
)
def test_secret_is_told_by_path_and_never_by_content(path: str, content: bytes) -> None:
    (warning,) = warnings({path: content})
    assert (warning.code, warning.paths) == ("secret", (path,))
    assert content.decode() not in warning.message or len(content) < 4


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (".env.example", b"A=1"),
        ("certs.pem", b"-----BEGIN CERTIFICATE-----\nMIIE"),
        ("jwt.py", b'if key.startswith(b"-----BEGIN RSA PRIVATE KEY-----"):'),
        (".npmrc", b"//host/:_authToken=${TOKEN}"),
        ("docs.json", b"AKIAIOSFODNN7EXAMPLE"),
        ("botocore/credentials.py", b"pass"),
        ("photo.bin", b"\0" + KEY),
    ],
)
def test_what_only_resembles_a_secret_is_no_warning(path: str, content: bytes) -> None:
    assert warnings({path: content}) == []


def test_secrets_are_looked_for_in_the_beginning_of_small_files_only() -> None:
    late = b"#" * 300_000 + b"\n" + KEY
    large = KEY + b"\n" + b"#" * 2_000_000
    assert warnings({"late.txt": late, "large.txt": large}) == []


def test_native_files_for_another_architecture_are_told() -> None:
    (warning,) = warnings({"lib/a.so": X86, "app.py": b""}, architecture="arm64")
    assert (warning.code, warning.paths) == ("architecture", ("lib/a.so",))
    assert "are built for x86_64; the function runs on arm64." in warning.message


def test_native_files_for_several_architectures_are_fine() -> None:
    arm = X86[:18] + b"\xb7\x00"
    assert warnings({"a.so": X86, "b.so": arm}, architecture="arm64") == []


def test_files_closed_to_others_are_told() -> None:
    modes = {"closed.py": 0o100600, "unknown.py": 0}
    (warning,) = warnings(dict.fromkeys(("closed.py", "unknown.py", "open.py"), b""), modes=modes)
    assert (warning.code, warning.paths) == ("unreadable", ("closed.py",))


def test_names_that_mislead_are_told() -> None:
    assert codes({"exe\u202etxt.py": b""}) == ["misleading-name"]


@pytest.mark.parametrize("path", ["a/__pycache__/b.pyc", ".git/HEAD", "x/.DS_Store"])
def test_leftovers_of_development_are_told(path: str) -> None:
    assert codes({path: b""}) == ["junk"]


def test_node_modules_is_left_over_only_where_node_does_not_run() -> None:
    files = {"index.js": b"", "node_modules/a.js": b"", "app.py": b""}
    assert codes(files, runtime="nodejs22.x", handler="index.handler") == []
    assert codes(files, runtime="python3.13", handler="app.main") == ["junk"]


def test_long_lists_are_counted_and_cut() -> None:
    (warning,) = warnings({f"__pycache__/{number}.pyc": b"" for number in range(1200)})
    assert warning.message.startswith("1,200 files")
    assert len(warning.paths) == 20
