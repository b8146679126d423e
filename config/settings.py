"""Every setting of a running Sluice, read from the environment once; the README lists them."""

from pathlib import Path

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from environs import Env, validate

from config import logs

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- Django ---------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

INSTALLED_APPS = [
    # First, or Django's own commands that change an account would be found before ours.
    "accounts",
    # Without finding admin modules by itself: what it shows is in accounts.support.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_rq",
    "pgtrigger",
    "lucide",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "releases",
]

MIDDLEWARE = [
    "config.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignInMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.last_seen.LastSeenMiddleware",
    "releases.views.errors.RefusalMiddleware",
    "releases.views.plain_text.PlainTextMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "releases.context.csp_nonce",
                "releases.context.shell",
            ],
            "builtins": ["releases.templatetags.sluice"],
        },
    },
]

# --- PostgreSQL, Redis, the artifact store --------------------------------
# Without DATABASE_URL a system check says so: commands that need no database can still run.
NOWHERE = "postgresql://"
DATABASES = {
    "default": dj_database_url.parse(env.str("DATABASE_URL", "") or NOWHERE, conn_max_age=60)
    | {"CONN_HEALTH_CHECKS": True},
}
# Whose tables they are: only `manage.py migrate` is told. What else runs may neither change the
# history nor switch a trigger off.
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
REDIS_PREFIX = env.str("REDIS_PREFIX", "sluice")
CACHES = {
    # Counts attempts to sign in: so large that nobody pushes a count out by making many more.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # Rendered differences, by content: apart, so that they never push out what guards sign-in.
    "diffs": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_diffs",
        "TIMEOUT": 7 * 86_400,
        "OPTIONS": {"MAX_ENTRIES": 5_000},
    },
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
ARTIFACT_ROOT = env.path("ARTIFACT_ROOT", BASE_DIR / "var" / "artifacts")
# Our files are for our pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "artifacts": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ARTIFACT_ROOT},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- The queue ------------------------------------------------------------
# Three queues, so that neither a 250 MB inspection nor a poll ever stands before a release.
QUEUE_RELEASES = f"{REDIS_PREFIX}-releases"
QUEUE_INTAKE = f"{REDIS_PREFIX}-intake"
QUEUE_POLL = f"{REDIS_PREFIX}-poll"
JSON_JOBS = "rq.serializers.JSONSerializer"
RQ_QUEUES = {
    name: {
        "URL": REDIS_URL or "redis://",
        "DEFAULT_TIMEOUT": 900,
        # Not pickle: whoever can write to Redis must not be able to run code in a worker.
        "SERIALIZER": JSON_JOBS,
    }
    for name in (QUEUE_RELEASES, QUEUE_INTAKE, QUEUE_POLL)
}

# --- AWS ------------------------------------------------------------------
# Set only in the demo and the tests: every call then goes there with dummy credentials.
SLUICE_AWS_ENDPOINT = env.str("SLUICE_AWS_ENDPOINT", "")
SLUICE_AWS_CALLS_PER_SECOND = env.int("SLUICE_AWS_CALLS_PER_SECOND", 15)
SLUICE_DRY_RUN = env.bool("SLUICE_DRY_RUN", True)
# How long one step waits for a busy AWS (409, 429, an update under way) before it fails.
SLUICE_WAIT_SECONDS = env.int("SLUICE_WAIT_SECONDS", 900)
# Keys the digests of Lambda environment values, which are themselves never stored.
SLUICE_DIGEST_KEY = env.str("SLUICE_DIGEST_KEY")
# Encrypts second factors in the database; several with commas, the newest first.
SLUICE_FACTOR_KEY: list[str] = env.list("SLUICE_FACTOR_KEY", validate=validate.Length(min=1))
# Seals the history: several with commas, newest first; or in a file, one a line. Only cron and
# `manage.py verify_audit` need it.
SLUICE_AUDIT_KEY = (
    env.path("SLUICE_AUDIT_KEY_FILE").read_text()
    if env.str("SLUICE_AUDIT_KEY_FILE", "")
    else env.str("SLUICE_AUDIT_KEY", "")
)
# Where the head of the sealed history is kept outside the database: a directory or s3://….
SLUICE_AUDIT_ANCHOR = env.str("SLUICE_AUDIT_ANCHOR", "")
SLUICE_APPROVAL_DAYS = env.int("SLUICE_APPROVAL_DAYS", 7)

# --- People ---------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
# How long ago somebody may have signed in who approves or changes what is asked for approval, and
# who rolls back. Whoever did longer ago is asked once more, in place.
SLUICE_STEP_UP_MINUTES = env.int("SLUICE_STEP_UP_MINUTES", 15)
SLUICE_ROLL_BACK_STEP_UP_HOURS = env.int("SLUICE_ROLL_BACK_STEP_UP_HOURS", 12)
MFA_ADAPTER = "accounts.factor_adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = "Sluice"
# A clock that is half a minute off is not worth a locked door; each code counts once.
MFA_TOTP_TOLERANCE = 1
# Addresses are not used to sign in here, so none has to be verified before.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "activate_totp": "accounts.factor_forms.AddAppForm",
    "authenticate": "accounts.factor_forms.SecondCodeForm",
    "add_webauthn": "accounts.factor_forms.AddPasskeyForm",
    "authenticate_webauthn": "accounts.factor_forms.SecondPasskeyForm",
    "login_webauthn": "accounts.factor_forms.SignInPasskeyForm",
}
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Whether people may sign in with a password; off only beside an identity provider.
SLUICE_PASSWORDS = env.bool("SLUICE_PASSWORDS", True)

# --- The identity provider, by OpenID Connect -----------------------------
SOCIALACCOUNT_ADAPTER = "accounts.oidc.adapter.SocialAccountAdapter"
SLUICE_OIDC_ISSUER = env.str("SLUICE_OIDC_ISSUER", "")
SLUICE_OIDC_CLIENT_ID = env.str("SLUICE_OIDC_CLIENT_ID", "")
SLUICE_OIDC_CLIENT_SECRET = (
    env.path("SLUICE_OIDC_CLIENT_SECRET_FILE").read_text().strip()
    if env.str("SLUICE_OIDC_CLIENT_SECRET_FILE", "")
    else env.str("SLUICE_OIDC_CLIENT_SECRET", "")
)
# What people call it: on the button, and as a way to sign in.
SLUICE_OIDC_NAME = env.str("SLUICE_OIDC_NAME", "single sign-on")
SLUICE_OIDC_SCOPES = env.str("SLUICE_OIDC_SCOPES", "openid profile").split()
SLUICE_OIDC_GROUPS_CLAIM = env.str("SLUICE_OIDC_GROUPS_CLAIM", "groups")
# group=role;another group=role. With it, roles are taken from the groups at each sign-in.
SLUICE_OIDC_GROUP_ROLES = env.str("SLUICE_OIDC_GROUP_ROLES", "")
# Hosts of it on private networks, which are not talked to otherwise.
SLUICE_OIDC_PRIVATE_HOSTS: list[str] = env.list("SLUICE_OIDC_PRIVATE_HOSTS", [])
# Only in the settings of the demo and the tests: a provider on loopback, without TLS.
SLUICE_OIDC_LOOPBACK = False

# --- Logs ----------------------------------------------------------------
LOGGING_CONFIG = "config.logs.configure"
LOGGING: dict[str, object] = logs.LOGGING

# --- Hardening ------------------------------------------------------------
SECURE_COOKIES = env.bool("SECURE_COOKIES", True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_COOKIES
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
# Sluice speaks for its own host name only; what else runs under the domain is not its to decide.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_COOKIES else None
CSRF_FAILURE_VIEW = "releases.views.errors.forged"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        # Not even a script from here runs that the page itself did not name.
        "script-src": [NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
