"""Dockerfile and docker-compose.yml, as far as they can be checked without a Docker engine."""

import json
import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def test_everything_that_sluice_is_made_of_runs() -> None:
    assert {"web", "worker", "cron", "postgres", "redis"} <= set(SERVICES)


@pytest.mark.parametrize("name", [name for name in SERVICES if "command" in SERVICES[name]])
def test_every_manage_command_exists(name: str) -> None:
    named = re.findall(r"manage\.py (\w+)", " ".join(SERVICES[name]["command"]))
    assert set(named) <= set(get_commands())


def test_the_web_server_of_the_image_is_the_product() -> None:
    command = re.search(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    # Only this way to start it bounds the heads of requests.
    assert command and json.loads(command[1])[:3] == ["python", "-m", "config.serve"]
    assert "config.asgi:application" in (ROOT / "config" / "serve.py").read_text()


def test_everything_copied_into_the_image_exists() -> None:
    copied = re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE)
    assert copied and [name for name in copied if not (ROOT / name).exists()] == []


def test_the_image_does_not_run_as_root_and_brings_no_test_tools() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.+)$", last, re.MULTILINE) == ["sluice"]
    assert re.search(r"useradd [^\n]*--uid 1\d{4} ", last)
    assert "requirements-dev" not in DOCKERFILE and "sandbox" not in DOCKERFILE


def test_the_image_holds_no_secret() -> None:
    # What ARG and ENV set stays in the image for whoever has it.
    assert not re.search(r"^ARG ", DOCKERFILE, re.MULTILINE)
    for line in re.findall(r"^ENV (.+)$", DOCKERFILE, re.MULTILINE):
        assert not re.search(r"KEY|SECRET|PASSWORD|TOKEN|DATABASE_URL", line)
    copied = re.findall(r"^COPY (?:--\S+ )?(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert copied and not [name for name in copied if re.match(r"\.|\*", name)]
    # A build is sent all that is not ignored.
    ignored = set((ROOT / ".dockerignore").read_text().split())
    assert {".git", ".env", ".env.*", "var", ".venv"} <= ignored


def test_every_variable_that_compose_wants_is_in_the_example() -> None:
    wanted = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    example = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert wanted <= example
    assert {"SECRET_KEY", "SLUICE_DIGEST_KEY", "SLUICE_FACTOR_KEY", "ALLOWED_HOSTS"} <= example


def test_only_the_proxy_of_this_host_says_who_the_client_is() -> None:
    (network,) = COMPOSE["networks"]["default"]["ipam"]["config"]
    trusted = SERVICES["web"]["environment"]["FORWARDED_ALLOW_IPS"]
    assert trusted == network["gateway"]
    assert ip_address(trusted) in ip_network(network["subnet"])
    assert SERVICES["web"]["environment"].items() > COMPOSE["x-sluice"]["environment"].items()


def test_only_migrations_know_whose_tables_they_are() -> None:
    knowing = {name for name, each in SERVICES.items() if "DATABASE_OWNER_URL" in str(each)}
    assert knowing == {"migrate"}
    # `env_file` brings all of .env.
    assert SERVICES["web"]["environment"]["POSTGRES_PASSWORD"] == ""
    application = SERVICES["web"]["environment"]["DATABASE_URL"]
    assert urlsplit(application).username != SERVICES["postgres"]["environment"]["POSTGRES_USER"]


def test_nothing_but_the_web_server_is_reached_from_outside() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_have_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    pinned = re.findall(r"^[a-z0-9][^\n]*==.*?(?=^[a-z0-9]|\Z)", text, re.MULTILINE | re.DOTALL)
    assert len(pinned) > 30
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []
