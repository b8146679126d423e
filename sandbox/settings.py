"""Settings of the demo and of `manage.py sandbox`: everything local, nothing real."""

import os

os.environ.setdefault("SECRET_KEY", "sandbox-only-not-a-secret")
os.environ.setdefault("SLUICE_DIGEST_KEY", "sandbox-only-not-a-secret")
os.environ.setdefault("SLUICE_FACTOR_KEY", "sandbox-only-not-a-secret")
os.environ.setdefault("SLUICE_AUDIT_KEY", "sandbox-only-not-a-secret-but-long-enough")
os.environ.setdefault("SECURE_COOKIES", "false")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost")

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS += ["sandbox"]
# A provider on this machine may be tried.
SLUICE_OIDC_LOOPBACK = True
