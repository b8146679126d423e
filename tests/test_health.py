"""/healthz/ answers a probe that knows neither the site's host name nor TLS."""

import os
import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).parent.parent
ASK = """
import asyncio
from config.asgi import application

said = []

async def send(message):
    said.append(message)

scope = {"type": "http", "method": "GET", "path": "/healthz/", "query_string": b"",
         "headers": [(b"host", b"127.0.0.1:8000")], "scheme": "http"}
asyncio.run(application(scope, None, send))
print(said[0]["status"], dict(said[0]["headers"])[b"content-type"].decode(), said[1]["body"])
"""


def test_a_container_of_production_is_healthy() -> None:
    url = re.sub(r"/[^/]*$", f"/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    environ = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "x" * 60,
        "SLUICE_DIGEST_KEY": "digest",
        "SLUICE_FACTOR_KEY": "factor",
        "DATABASE_URL": url,
        "REDIS_URL": settings.REDIS_URL,
        "ALLOWED_HOSTS": "sluice.example.com",
    }
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.stdout.strip() == "200 text/plain; charset=utf-8 b'ok'", done.stderr
