"""Settings of the server that test_asgi.py starts: the tests', with a few probing addresses."""

from tests.settings import *  # noqa: F403
from tests.settings import MIDDLEWARE

ROOT_URLCONF = "tests.probe_urls"
MIDDLEWARE = [name for name in MIDDLEWARE if not name.startswith("releases.")]
