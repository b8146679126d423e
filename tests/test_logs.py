"""Logs: errors are in them, secrets are not."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from accounts.models import User
from config import logs

ClientFor = Callable[[User], Client]


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """What would be on standard error."""
    written: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Kept()
    handler.setFormatter(logs.formatter())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_events_of_ours_are_lines_with_time_level_and_data(lines: list[str]) -> None:
    structlog.get_logger().warning("release.left", release="R-1042", because="no lock")
    assert re.search(
        r"^\S+Z \[warning +\] release.left .*because='no lock'.* release=R-1042", lines[0]
    )


@pytest.mark.parametrize(
    "data",
    [
        {"password": "pl4nted-value"},
        {"session_key": "pl4nted-value"},
        {"request": {"headers": {"Cookie": "a=pl4nted-value"}}},
        {"calls": [{"SecretAccessKey": "pl4nted-value"}]},
        {"problem": "GET https://s3.example/x?a=1&X-Amz-Signature=pl4nted-value&b=2 failed"},
        {"problem": "X-Amz-Security-Token=pl4nted-value"},
        {"problem": 'connection to "postgresql://sluice:pl4nted-value@db/sluice" failed'},
        {"problem": "Cookie: csrftoken=x; sessionid=pl4nted-value"},
        {"problem": "SLUICE_FACTOR_KEY=pl4nted-value is no key"},
        {"factor_key": "pl4nted-value"},
        {"problem": "Authorization: Bearer pl4nted-value"},
        {"problem": "{'aws_secret_access_key': 'pl4nted-value'}"},
        {"problem": "/accounts/oidc/company/login/callback/?code=pl4nted-value&state=1"},
        {"problem": "GET /invitations/pl4nted-value/"},
        {"problem": "-----BEGIN PRIVATE KEY-----\npl4nted-value\n-----END PRIVATE KEY-----"},
    ],
    ids=str,
)
def test_what_looks_like_a_secret_is_taken_out(lines: list[str], data: dict[str, Any]) -> None:
    structlog.get_logger().error("something", **data)
    logging.getLogger("others").error("%s", data)
    assert "something" in lines[0] and "[redacted]" in lines[0]
    assert "pl4nted-value" not in "".join(lines)


def test_this_processes_own_secrets_are_taken_out(
    lines: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SLUICE_AUDIT_KEY = "newest-audit-key,older-audit-key"
    settings.SLUICE_FACTOR_KEY = ["newest-factor-key", "older-factor-key"]
    # As it is read from a file that the environment names.
    settings.SLUICE_OIDC_CLIENT_SECRET = "only-the-provider-knows"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "aws+secret/of/worker")
    logs._own_secrets.cache_clear()
    told = f"{settings.SECRET_KEY} newest-audit-key older-audit-key aws+secret/of/worker"
    told += " newest-factor-key older-factor-key only-the-provider-knows"
    structlog.get_logger().info(told)
    logs._own_secrets.cache_clear()
    assert re.search(r"\[redacted\]( \[redacted\]){6}", lines[0])


def test_a_traceback_shows_no_values(lines: list[str]) -> None:
    local = "pl4nted-" + "value"
    try:
        raise ValueError(f"postgresql://sluice:{local}@db/ does not answer")
    except ValueError:
        structlog.get_logger().exception("job.failed")
    assert "Traceback" in lines[0] and "does not answer" in lines[0]
    assert local not in lines[0]


def test_plain_words_stay(lines: list[str]) -> None:
    structlog.get_logger().info("cron.recovered", count=3, key="tokens of R-1042: none; at 10:15")
    assert "tokens of R-1042: none; at 10:15" in lines[0]


@pytest.mark.django_db
def test_an_error_of_ours_is_logged_with_its_traceback(
    client_for: ClientFor, viewer: User, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any) -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr("releases.context.Shell.environments", property(broken))
    client = client_for(viewer)
    client.raise_request_exception = False
    client.get("/?password=pl4nted-value")
    (line,) = [line for line in lines if "Internal Server Error" in line]
    assert "RuntimeError: it broke" in line and "Traceback" in line
    assert "pl4nted-value" not in line


def test_loggers_of_others_are_taken_over() -> None:
    logger, handler = logging.getLogger("uvicorn.test"), logging.StreamHandler()
    logger.addHandler(handler)
    logs.take_over("uvicorn.test")
    record = logger.makeRecord("u", 20, "", 0, '"GET /?token=%s" %d', ("pl4nted-value", 200), None)
    assert handler.format(record).endswith('"GET /?token=[redacted]" 200 [u]')
