"""The functions of the demo, as they stand in AWS today, and how many versions they came with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from releases.models import Tier
from releases.rules import Rules
from releases.states import Gate
from sandbox.demo_data.projects import PROJECTS, Project

BUCKET = "sluice-staging-123456789012"
LAYER = "arn:aws:lambda:{region}:{account}:layer:{name}"


@dataclass(frozen=True)
class Place:
    name: str
    tier: Tier
    account: str
    region: str
    role_arn: str = ""
    bucket: str = ""

    @property
    def target(self) -> dict[str, str]:
        return {"account": self.account, "region": self.region}


PRODUCTION = Place("production", Tier.PRODUCTION, "123456789012", "eu-west-1", bucket=BUCKET)
STAGING = Place(
    "staging", Tier.STAGING, "210987654321", "eu-west-1", "arn:aws:iam::210987654321:role/sluice"
)
DEVELOPMENT = Place("development", Tier.DEVELOPMENT, "123456789012", "eu-central-1")
PLACES = (PRODUCTION, STAGING, DEVELOPMENT)


@dataclass(frozen=True)
class Demo:
    """One function. `imported` is how many days ago each version before Sluice was published."""

    place: Place
    project: Project
    added: float
    imported: tuple[int, ...]
    configuration: Mapping[str, Any]
    keys: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    gate: Gate = Gate.REVIEW_FIRST
    # Rules of its own; without any it inherits its environment's.
    rules: Rules | None = None
    alias: str = "live"
    creates_alias: bool = False
    # Versions up to this one were configured so.
    older: tuple[int, Mapping[str, Any]] = (0, {})
    # Besides the live alias: names and versions; and a share of the calls for one version.
    aliases: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    latest_differs: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.project.name

    @property
    def key(self) -> str:
        return f"{self.place.name}/{self.name}"

    @property
    def is_image(self) -> bool:
        return self.project.language == "image"

    def settings(self) -> dict[str, Any]:
        """What CreateFunction takes."""
        variables = {key: f"{self.place.name}-{key.lower()}" for key in self.keys}
        layers = [LAYER.format(**self.place.target, name=layer) for layer in self.layers]
        role = f"arn:aws:iam::{self.place.account}:role/{self.name}"
        found: dict[str, Any] = {"Description": self.project.about, "Role": role}
        if variables:
            found["Environment"] = {"Variables": variables}
        if layers:
            found["Layers"] = layers
        return {**found, **self.configuration}


def _python(version: str = "3.13", **more: Any) -> dict[str, Any]:
    return {"Runtime": f"python{version}", "Handler": "index.handler", **more}


def _node(version: int = 22, **more: Any) -> dict[str, Any]:
    return {"Runtime": f"nodejs{version}.x", "Handler": "index.handler", **more}


_P = PROJECTS
FUNCTIONS = (
    Demo(
        PRODUCTION, _P["checkout-api"], 156, (290, 262, 231, 190),
        _python(MemorySize=1024, Timeout=15, TracingConfig={"Mode": "Active"}),
        keys=("ORDERS_TABLE", "PAYMENT_URL", "PAYMENT_TOKEN", "LOG_LEVEL"),
        layers=("observability:7", "shop-common:23"),
        rules=Rules(managers=2, security=1, rollback=2),
        aliases={"previous": "7"},
    ),
    Demo(
        PRODUCTION, _P["invoice-renderer"], 155, (240, 201),
        _node(MemorySize=1024, Timeout=60, EphemeralStorage={"Size": 1024}),
        keys=("TEMPLATE_BUCKET", "INVOICE_BUCKET", "FONT_PATH"), layers=("fonts:4",),
        older=(3, {"MemorySize": 512, "Timeout": 30}),
    ),
    Demo(
        PRODUCTION, _P["image-resizer"], 155, (210,),
        {"MemorySize": 2048, "Timeout": 30}, keys=("SOURCE_BUCKET", "SIZES"),
        tags={"managed-by": "terraform"},
    ),
    Demo(
        PRODUCTION, _P["order-events"], 154, (250, 222, 180),
        _python("3.12", MemorySize=256, Timeout=120), keys=("QUEUE_URL", "EVENT_BUS"), alias="",
    ),
    Demo(
        PRODUCTION, _P["payment-webhook"], 154, (199,),
        _node(MemorySize=256, Timeout=10), keys=("SIGNING_SECRET", "ORDERS_TABLE"),
        gate=Gate.STAGE_FIRST,
    ),
    Demo(
        PRODUCTION, _P["search-indexer"], 34, (170, 122, 90, 61, 48, 36),
        _python(MemorySize=512, Timeout=300, Architectures=["arm64"]),
        keys=("SEARCH_HOST", "INDEX_NAME"), layers=("shop-common:23",), weights={"6": 0.1},
        older=(4, {"Timeout": 180}), aliases={"canary": "6"},
    ),
    Demo(
        PRODUCTION, _P["session-cleanup"], 120, (188, 140),
        _python("3.12", Timeout=300), keys=("SESSIONS_TABLE", "MAX_AGE_DAYS"),
    ),
    Demo(
        PRODUCTION, _P["stock-alerts"], 140, (176, 151),
        _python(MemorySize=256, Timeout=60), keys=("STOCK_TABLE", "BUYERS_TOPIC"),
    ),
    Demo(
        STAGING, _P["checkout-api"], 152, (280, 240),
        _python(MemorySize=512, Timeout=15), keys=("ORDERS_TABLE", "PAYMENT_URL", "LOG_LEVEL"),
        layers=("observability:7",), latest_differs=True,
    ),
    Demo(
        STAGING, _P["newsletter-sender"], 96, (130,),
        {"Runtime": "ruby3.4", "Handler": "function.handler", "MemorySize": 256, "Timeout": 60},
        keys=("SENDER", "LIST_TABLE"),
    ),
    Demo(
        STAGING, _P["payment-webhook"], 95, (160, 101),
        _node(MemorySize=256, Timeout=10), keys=("SIGNING_SECRET", "ORDERS_TABLE"),
    ),
    Demo(
        DEVELOPMENT, _P["payment-webhook"], 94, (165,),
        _node(MemorySize=256, Timeout=10), keys=("SIGNING_SECRET", "ORDERS_TABLE"),
    ),
    Demo(
        DEVELOPMENT, _P["report-builder"], 60, (75,),
        {"Runtime": "provided.al2023", "Handler": "report", "MemorySize": 512, "Timeout": 900},
        keys=("REPORT_BUCKET",), alias="",
    ),
    Demo(
        DEVELOPMENT, _P["feature-flags"], 6, (),
        _node(20, Architectures=["arm64"]), keys=("FLAGS_TABLE",), creates_alias=True,
    ),
)  # fmt: skip
