"""Runs the cases of cases.json, whose format is told in its 'about'.

`python -m tests.sandbox.conformance` replays them all and closes with a count.
"""

import base64
import hashlib
import io
import json
import os
import re
import sys
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from sandbox.aws import AwsSandbox, Timing
from tests.sandbox.cloud import ACCOUNT, REGION, ROLE, Cloud

OTHER_REGION = "eu-west-1"
BUCKET, OTHER_BUCKET = "conformance", "conformance-elsewhere"
CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("cases.json").read_text())[
    "cases"
]
Env = dict[str, Any]


def zip_of(name: str) -> bytes:
    """A deterministic zip of one handler; 'empty' gives a zip without entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        if name != "empty":
            entry = zipfile.ZipInfo("index.py", (2024, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, f"def handler(e,c):\n    return '{name}'\n")
    return buffer.getvalue()


def blob_zip(content: bytes, compression: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression, compresslevel=1) as archive:
        archive.writestr("blob", content)
    return buffer.getvalue()


GENERATORS: dict[str, Callable[[str], Any]] = {
    "$zip:": zip_of,
    "$bytes:": str.encode,
    "$bigzip:": lambda n: blob_zip(os.urandom(int(n)), zipfile.ZIP_STORED),
    "$bombzip:": lambda n: blob_zip(b"\0" * int(n), zipfile.ZIP_DEFLATED),
    "$sha256:": lambda n: base64.b64encode(hashlib.sha256(zip_of(n)).digest()).decode(),
}


def fill(value: Any, env: Env) -> Any:
    """Replace the placeholders in a case's parameters and expectations."""
    if isinstance(value, dict):
        return {fill(key, env): fill(item, env) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, env) for item in value]
    if not isinstance(value, str) or value.lower() == "$latest":
        return value
    for prefix, make in GENERATORS.items():
        if value.startswith(prefix):
            return make(value.removeprefix(prefix))
    if value.startswith("$") and env.get(value[1:]) is not None:
        return env[value[1:]]
    return _interpolated(value, env)


def _interpolated(value: str, env: Env) -> str:
    for name in sorted(env, key=len, reverse=True):
        if isinstance(env[name], str) and not value.startswith("$LATEST"):
            value = value.replace(f"${name}", env[name])
    return value


def dig(response: Any, path: str) -> Any:
    for key in path.split("."):
        if isinstance(response, list):
            response = response[int(key)] if int(key) < len(response) else None
        else:
            response = response.get(key) if isinstance(response, dict) else None
    return response


MATCHERS: dict[str, Callable[[Any, Any], bool]] = {
    "ne": lambda actual, given: actual is not None and actual != given,
    "regex": lambda actual, given: isinstance(actual, str) and bool(re.search(given, actual)),
    "absent": lambda actual, _: actual is None,
    "present": lambda actual, _: actual is not None,
    "len": lambda actual, given: actual is not None and len(actual) == given,
}


def matches(actual: Any, matcher: Any, env: Env) -> bool:
    if isinstance(matcher, dict) and len(matcher) == 1:
        ((kind, argument),) = matcher.items()
        if kind in MATCHERS:
            return MATCHERS[kind](actual, fill(argument, env))
    return bool(actual == fill(matcher, env))


def differences(expect: dict[str, Any], response: dict[str, Any], env: Env) -> list[str]:
    """What the case expects and the sandbox did not do."""
    status = response["ResponseMetadata"]["HTTPStatusCode"]
    error = response.get("Error", {})
    message = error.get("Message") or ""
    found = []
    if error.get("Code") != expect.get("error_type"):
        found.append(f"{error.get('Code')}: {message}, not {expect.get('error_type')}")
    if not re.search(expect.get("error_message_regex", ""), message):
        found.append(f"message {message[:200]!r}")
    if status != expect["http_status"]:
        found.append(f"http {status}, not {expect['http_status']}")
    for path, matcher in expect.get("fields", {}).items():
        if not matches(dig(response, path), matcher, env):
            found.append(f"{path}={dig(response, path)!r}, not {matcher!r}")
    return found


class Runner:
    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        seed = cloud.sandbox.seed
        for bucket, region in ((BUCKET, REGION), (OTHER_BUCKET, OTHER_REGION)):
            seed.bucket(bucket, region=region, versioned=False)
            seed.object(bucket, "b.zip", zip_of("b"))

    def run(self, case: dict[str, Any]) -> list[str]:
        names = {"bucket": BUCKET, "bucket_other_region": OTHER_BUCKET, "role": ROLE}
        env: Env = {**names, "account": ACCOUNT, "region": REGION, "fn": f"f-{uuid.uuid4().hex}"}
        found: list[str] = []
        last = len(case["steps"]) - 1
        for index, step in enumerate(case["steps"]):
            expect = case["expect"] if index == last else step.get("expect")
            found += self._step(step, expect, env)
        return found

    def _step(self, step: dict[str, Any], expect: dict[str, Any] | None, env: Env) -> list[str]:
        params = fill(step["params"], env)
        if step["op"].startswith("_"):
            self._pseudo(step["op"], params)
            return []
        response = self._call(step["op"], params)
        if "Error" not in response:
            env.update({name: dig(response, path) for name, path in step.get("save", {}).items()})
        elif expect is None and not step.get("allow_error"):
            return [f"{step['op']}: {response['Error']}"]
        return differences(expect, response, env) if expect else []

    def _call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        try:
            answer: dict[str, Any] = getattr(self.cloud.lambda_, name)(**params)
        except ClientError as error:
            return dict(error.response)
        return answer

    def _pseudo(self, operation: str, params: dict[str, Any]) -> None:
        name = params["FunctionName"]
        self.cloud.settle(name)
        for number in range(params.get("n", 0)):
            client = self.cloud.lambda_
            client.update_function_configuration(FunctionName=name, Description=str(number))
            self.cloud.settle(name)
            client.publish_version(FunctionName=name)


def main() -> int:
    """Replay every case against a fresh sandbox; the closing line counts them."""
    failed = 0
    with AwsSandbox(timing=Timing(in_progress=3600, pending=3600)) as sandbox:
        runner = Runner(Cloud(sandbox))
        for case in CASES:
            if found := runner.run(case):
                failed += 1
                print(f"{case['id']} {case['title']}", *found, sep="\n    ")
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
