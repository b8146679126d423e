"""State made directly, without the wire: functions with a past, buckets, objects, images."""

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sandbox.aws import model, moto_backends, settings, signatures, sources, wire
from sandbox.aws.aliases import Alias, check_routing
from sandbox.aws.functions import Code, Function, Revision
from sandbox.aws.moto_backends import DEFAULT_ACCOUNT
from sandbox.aws.names import LATEST, Place
from sandbox.aws.trail import Recorded, Who, loggable
from sandbox.aws.world import World

REGION = "us-east-1"
MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"


@cache
def zip_of(source: str = "def handler(event, context):\n    return 'hello'\n") -> bytes:
    """A small package that is the same every time, so that its hash is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("index.py", (2024, 1, 1, 0, 0, 0))
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, source)
    return buffer.getvalue()


@dataclass(frozen=True)
class SeedVersion:
    """A version as it was published; what is left out is as in the function's configuration."""

    code: bytes | str | None = None
    description: str | None = None
    published_at: datetime | None = None
    configuration: Mapping[str, Any] = field(default_factory=dict)
    number: int | None = None


@dataclass(frozen=True)
class SeedAlias:
    version: str
    weights: Mapping[str, float] = field(default_factory=dict)
    description: str = ""


class Seed:
    def __init__(self, world: World) -> None:
        self._world = world

    def function(
        self,
        name: str,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = REGION,
        code: bytes | str | None = None,
        configuration: Mapping[str, Any] | None = None,
        versions: Sequence[SeedVersion] = (),
        aliases: Mapping[str, SeedAlias | str] | None = None,
        tags: Mapping[str, str] | None = None,
        modified_at: datetime | None = None,
        changed: bool | None = None,
        state: str = "Active",
    ) -> str:
        """Make or replace a function, settled; its ARN.

        `code` is the bytes of a zip or the URI of an image, here and in the versions; without
        it $LATEST holds what the newest version does. `configuration` is what CreateFunction
        takes. `changed` says whether the next publish makes a version.
        """
        place = Place(account, region)
        given = {**_defaults(account), **(configuration or {})}
        newest = versions[-1].code if versions and versions[-1].code is not None else None
        latest = self._latest(place, name, code if code is not None else newest, given)
        latest.modified_at = modified_at or _last(versions) or latest.modified_at
        latest.state = state
        if state == "Inactive":
            latest.deactivate()
        function = Function(place, name, latest, tags=dict(tags or {}))
        for version in versions:
            self._publish(function, version)
        if versions:
            differs = code is not None and code != newest
            function.changed = differs if changed is None else changed
        for alias, target in (aliases or {}).items():
            _point(function, alias, target)
        store = self._world.store(place)
        with store.lock:
            store.functions[name] = function
        for revision in (latest, *function.versions.values()):
            moto_backends.keep_role(revision.settings["Role"])
        return function.arn

    def _latest(
        self, place: Place, name: str, code: bytes | str | None, given: dict[str, Any]
    ) -> Revision:
        image = isinstance(code, str)
        params = {**given, "PackageType": "Image" if image else "Zip"}
        if image:
            params = {k: v for k, v in params.items() if k not in ("Runtime", "Handler", "Layers")}
        configured = settings.initial(name, _converted(params))
        return Revision(LATEST, self._code(place, code), configured)

    def _code(self, place: Place, code: bytes | str | None) -> Code:
        if isinstance(code, str):
            return sources.read({"ImageUri": code}, "Image", place, self._world.packages)
        package = self._world.packages.add(io.BytesIO(zip_of() if code is None else code))
        return Code(package.code_sha256, package.size, package.digest, package.unzipped)

    def _publish(self, function: Function, seeded: SeedVersion) -> None:
        latest = function.latest
        code = latest.code if seeded.code is None else self._code(function.place, seeded.code)
        configured = latest.settings
        if seeded.configuration:
            params = _converted(dict(seeded.configuration))
            configured = settings.changed(function.name, configured, params)
            configured["Architectures"] = params.get("Architectures") or configured["Architectures"]
        if seeded.description is not None:
            configured = {**configured, "Description": seeded.description}
        number = str(seeded.number or function.next_version)
        published_at = seeded.published_at or latest.modified_at
        function.keep(Revision(number, code, configured, modified_at=published_at.astimezone(UTC)))

    def bucket(
        self,
        name: str,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = REGION,
        versioned: bool = True,
    ) -> None:
        backend = moto_backends.s3(account, Place(account, region).partition)
        backend.create_bucket(name, region)
        if versioned:
            backend.put_bucket_versioning(name, "Enabled")

    def object(
        self, bucket: str, key: str, body: bytes, *, account: str = DEFAULT_ACCOUNT
    ) -> str | None:
        """Put an object; its version id if the bucket is versioned."""
        stored = moto_backends.s3(account).put_object(bucket, key, body)
        return str(stored.version_id) if stored.version_id else None

    def signed(
        self,
        bucket: str,
        key: str,
        profile_version_arn: str,
        *,
        to_key: str,
        expires_at: datetime | None = None,
        account: str = DEFAULT_ACCOUNT,
    ) -> str | None:
        """Write a signed copy of a package to `to_key`, as a signing job does; its version id."""
        found = moto_backends.s3(account).get_object(bucket, key)
        if found is None:
            raise KeyError(key)
        signed = signatures.sign(found.value, profile_version_arn, expires_at)
        return self.object(bucket, to_key, signed, account=account)

    def revoked(
        self, profile_version_arn: str, *, account: str = DEFAULT_ACCOUNT, region: str = REGION
    ) -> None:
        """What that profile version signed counts no longer."""
        store = self._world.store(Place(account, region))
        with store.lock:
            store.revoked_profiles.add(profile_version_arn)

    def event(
        self,
        operation: str,
        function: str,
        *,
        user: str,
        at: datetime | None = None,
        parameters: Mapping[str, Any] | None = None,
        account: str = DEFAULT_ACCOUNT,
        region: str = REGION,
    ) -> str:
        """Let CloudTrail say that somebody called; its request id. `user`: a name or role/session.

        Nothing is changed: state is made by the other methods.
        """
        who, place = Who(user=user), Place(account, region)
        params = {"FunctionName": function, **(parameters or {})}
        when = at.timestamp() if at else time.time()
        recorded = Recorded(place, operation, who, loggable(params), at=when)
        self._world.store(place).trail.add(recorded)
        return who.request_id

    def image(
        self,
        repository: str,
        tag: str = "latest",
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = REGION,
        content: str = "",
    ) -> str:
        """Push an image, making the repository if needed; its URI pinned by digest.

        Another `content` is another image, to which the tag then points.
        """
        backend = moto_backends.ecr(account, region)
        if repository not in backend.repositories:
            backend.create_repository(repository, None, None, None, "MUTABLE", [])
        layer = hashlib.sha256((content or f"{repository}:{tag}").encode()).hexdigest()
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST_TYPE,
                "layers": [{"digest": f"sha256:{layer}", "size": 1}],
            }
        )
        held = backend.repositories[repository].images
        same = [i for i in held if i.image_manifest == manifest and tag in i.image_tags]
        image = same[0] if same else backend.put_image(repository, manifest, tag)
        host = f"{account}.dkr.ecr.{region}.amazonaws.com"
        return f"{host}/{repository}@{image.get_image_digest()}"


def _defaults(account: str) -> dict[str, Any]:
    return {
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Role": f"arn:aws:iam::{account}:role/lambda",
    }


def _converted(params: dict[str, Any]) -> dict[str, Any]:
    shape = model.operation("CreateFunction").input_shape
    assert shape is not None  # noqa: S101
    converted: dict[str, Any] = wire.convert(shape, params)
    return converted


def _last(versions: Sequence[SeedVersion]) -> datetime | None:
    moments = [v.published_at for v in versions if v.published_at]
    return moments[-1].astimezone(UTC) if moments else None


def _point(function: Function, name: str, target: SeedAlias | str) -> None:
    seeded = SeedAlias(target) if isinstance(target, str) else target
    weights = dict(seeded.weights)
    check_routing(function, seeded.version, weights)
    function.aliases[name] = Alias(name, seeded.version, seeded.description, weights)
