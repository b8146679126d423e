"""Everything the sandbox's Lambda knows: one store for each account and Region."""

import pickle
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws import errors
from sandbox.aws.downloads import Downloads
from sandbox.aws.functions import Failure, Function
from sandbox.aws.layers import Layer
from sandbox.aws.limits import Limits
from sandbox.aws.names import Place
from sandbox.aws.packages import Packages
from sandbox.aws.timing import Timing
from sandbox.aws.trail import Trail


@dataclass
class Store:
    """One account in one Region. Whoever reads or changes it holds its lock."""

    place: Place
    timing: Callable[[], Timing]
    lock: threading.RLock = field(default_factory=threading.RLock)
    functions: dict[str, Function] = field(default_factory=dict)
    layers: dict[str, Layer] = field(default_factory=dict)
    signing_configs: dict[str, dict[str, Any]] = field(default_factory=dict)
    revoked_profiles: set[str] = field(default_factory=set)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)  # of all but functions
    event_sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    trail: Trail = field(default_factory=Trail)
    outcomes: dict[str, Failure] = field(default_factory=dict)  # how the next update ends

    def function(self, name: str, qualifier: str | None = None) -> Function:
        found = self.functions.get(name)
        if found is None:
            raise errors.function_not_found(self.place.function_arn(name, qualifier))
        found.settle(self.timing().idle)
        return found

    def contents(self) -> dict[str, Any]:
        """All that it holds, without what it holds it by."""
        return {k: v for k, v in vars(self).items() if k not in ("place", "timing", "lock")}

    @property
    def code_size(self) -> int:
        """Of all versions of functions and of layers (facts L1)."""
        layers = (version for layer in self.layers.values() for version in layer.published)
        return sum(function.code_size for function in self.functions.values()) + sum(
            version.code.size for version in layers
        )


class World:
    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self.limits = Limits()
        self.packages = Packages()
        self.downloads = Downloads()
        self._lock = threading.Lock()
        self._stores: dict[Place, Store] = {}

    def store(self, place: Place) -> Store:
        found = self._stores.get(place)
        if found is None:
            with self._lock:
                found = self._stores.setdefault(place, Store(place, lambda: self.timing))
        return found

    def saved(self) -> bytes:
        """All functions and small packages as they are, for `restore` in this process."""
        with self._lock:
            stores = {place: store.contents() for place, store in self._stores.items()}
            return pickle.dumps((stores, self.packages.saved()))

    def restore(self, saved: bytes) -> None:
        """Be again as when `saved` was made, down to the RevisionIds."""
        stores, packages = pickle.loads(saved)  # noqa: S301 (made by `saved`, never sent)
        self.reset()
        self.packages.restore(packages)
        for place, contents in stores.items():
            vars(self.store(place)).update(contents)

    def reset(self) -> None:
        with self._lock:
            self._stores.clear()
            self.packages.clear()
        self.limits.reset()
