"""What is logged and how: one line an event, to standard error, without any secret.

Names that call something a secret are redacted where they are logged as data. The finished line is
then searched once more, traceback included, for what looks like a secret and for our own.
"""

from __future__ import annotations

import logging
import logging.config
import os
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"
# Shorter ones could be any word; a secret that short is none.
SHORTEST = 8

_NAMES = re.compile(
    r"passw(or)?d|passphrase|secret|token|authorization|cookie|session_?(id|key)|csrf|credential"
    r"|signature|(api|private|access|digest|audit|factor)_?key",
    re.IGNORECASE,
)
_PATTERNS = (
    # What a query, a cookie, a header, a dict or an assignment gives such a name to.
    re.compile(
        r"""(?ix)(?P<kept>\b[\w-]*(?:passw(?:or)?d|passphrase|secret|token|signature|credential
        |session_?id|session_?key|csrf\w*|authorization|api_?key|(?:private|access|digest|audit|factor)_?key)
        ["']?\s*(?:=|:)\s*["']?(?:(?:bearer|basic)\s+)?)[^\s"'&;,)}\]]+"""
    ),
    re.compile(r"(?i)(?P<kept>\b(?:set-)?cookie[\"']?\s*:\s*[\"']?)[^\"'\n]+"),
    # postgresql://sluice:…@host
    re.compile(r"(?P<kept>://[^\s/:@]*:)[^\s/@]+(?=@)"),
    # What a provider sends back, and what an invitation consists of, stands in the address.
    re.compile(r"(?P<kept>/callback/\?)[^\s\"']+"),
    re.compile(r"(?P<kept>/invitations?/)[^\s/?\"']+"),
    re.compile(r"(?s)(?P<kept>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?=-----END|$)"),
    re.compile(r"(?P<kept>)\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
)
_OWN = (
    "SECRET_KEY",
    "SLUICE_DIGEST_KEY",
    "SLUICE_AUDIT_KEY",
    "SLUICE_FACTOR_KEY",
    "SLUICE_OIDC_CLIENT_SECRET",
)
_ADDRESSES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


def redact(logger: WrappedLogger | None, method: str, event: EventDict) -> EventDict:
    """structlog's processor: values by the names they are logged under, however deep."""
    return {name: _redacted(name, value) for name, value in event.items()}


def _redacted(name: object, value: Any) -> Any:
    if isinstance(name, str) and _NAMES.search(name) and value not in (None, ""):
        return REDACTED
    if isinstance(value, Mapping):
        return {key: _redacted(key, each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted("", each) for each in value]
    return value


def redact_text(text: str) -> str:
    """`text` without what looks like a secret, or is one of this process's own."""
    for secret in _own_secrets():
        text = text.replace(secret, REDACTED)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<kept>{REDACTED}", text)
    return text


@cache
def _own_secrets() -> tuple[str, ...]:
    found = {part for name in _OWN for part in _parts(getattr(settings, name, ""))}
    found |= {settings.DATABASES["default"].get("PASSWORD") or ""}
    found |= {urlsplit(os.environ.get(name, "")).password or "" for name in _ADDRESSES}
    found |= {value for name, value in os.environ.items() if _NAMES.search(name)}
    # The longest first: one may be part of another.
    return tuple(sorted((each for each in found if len(each) >= SHORTEST), key=len, reverse=True))


def _parts(setting: str | list[str]) -> list[str]:
    """Where several keys are set, each is one."""
    return re.split(r"[,\s]+", setting) if isinstance(setting, str) else setting


class _Line:
    """The finished line, searched once more."""

    def __init__(self, render: Processor) -> None:
        self._render = render

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        return redact_text(str(self._render(logger, method, event)))


_ABOUT: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def formatter() -> logging.Formatter:
    """For every handler: our own lines, and those of Django, RQ and uvicorn."""
    # A traceback with the values of variables would be a list of secrets.
    render = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_ABOUT,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact,
            _Line(render),
        ],
    )


LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "config.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # Django shows errors to its developers only, or mails them. Each 404 is no news.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},
    },
}


def configure(config: dict[str, Any]) -> None:
    """Django calls this as it is set up."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[*_ABOUT, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def take_over(*names: str) -> None:
    """Have loggers that were set up before write as ours do: uvicorn's know nothing of secrets."""
    for name in names:
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(formatter())
