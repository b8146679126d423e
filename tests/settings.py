"""Settings of the test suite: the sandbox's, with test names and fast passwords."""

import os

os.environ.setdefault("REDIS_PREFIX", f"test-{os.getpid()}")
# The sandbox has no limit; the tests of the budget set their own.
os.environ.setdefault("SLUICE_AWS_CALLS_PER_SECOND", "1000")

from sandbox.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
# Static files are found where they lie; nothing has to be collected first.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Tests kill workers, never the database: nothing has to reach a disk.
DATABASES["default"]["OPTIONS"] = {"options": "-c synchronous_commit=off"}  # noqa: F405
