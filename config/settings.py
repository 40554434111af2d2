"""Every setting of the product, in one file; what differs between machines comes from config.env."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from config import env

BASE_DIR = env.ROOT
VAR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

# Embedded: one machine, SQLite and Celery's filesystem broker. Full: DATABASE_URL and REDIS_URL.
DATABASE_URL = env.text("DATABASE_URL", "")
REDIS_URL = env.text("REDIS_URL", "")
EMBEDDED = not DATABASE_URL

# Local: nobody named a host, so only this machine is answered. Naming hosts is going into service: then a secret key of
# one's own is required, and cookies travel by HTTPS only unless HTTPS=0 says that something in front ends it.
HOSTS = env.names("ALLOWED_HOSTS", [])
LOCAL = not HOSTS

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret_key(VAR, local=LOCAL)
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS", [])  # former ones that still open what they sealed
ALLOWED_HOSTS = HOSTS or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env.names("TRUSTED_ORIGINS", [])
HTTPS = env.flag("HTTPS", default=not LOCAL)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "mptt",
    "axes",
    "csp",
    "django_htmx",
    "units",
    "indicators",
    "assessments",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "units.middleware.SignedInMiddleware",
    "units.middleware.BodyLimitMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

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
                "config.places.signed_in",
            ],
        },
    }
]

# ---- data --------------------------------------------------------------------------------------


def _database() -> dict[str, Any]:
    """SQLite that takes its write lock at the start of a transaction, or PostgreSQL with time limits."""
    if EMBEDDED:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR / "db.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    statement = env.number("STATEMENT_TIMEOUT_SECONDS", 15, least=1) * 1000
    return env.database(DATABASE_URL) | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": f"-c statement_timeout={statement} -c lock_timeout=5000"},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
MEDIA_ROOT = VAR / "media"
STORAGES = {
    "default": {"BACKEND": "units.storage.WholeFiles"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LEDGER_MAX_BYTES = env.number("LEDGER_MAX_MIB", 10, least=1) * 1024 * 1024
# how much a ledger file may hold; the names are those of indicators.reading.Limits
LEDGER_LIMITS: dict[str, Any] = {
    "entries": env.number("LEDGER_MAX_PARTS", 500, least=1),
    "entry_size": env.number("LEDGER_MAX_PART_MIB", 80, least=1) * 1024 * 1024,
    "inflated_size": env.number("LEDGER_MAX_INFLATED_MIB", 150, least=1) * 1024 * 1024,
    "ratio": env.number("LEDGER_MAX_RATIO", 100, least=1),
    "sheets": env.number("LEDGER_MAX_SHEETS", 50, least=1),
    "last_row": env.number("LEDGER_MAX_ROWS", 20_000, least=1),
    "columns": env.number("LEDGER_MAX_COLUMNS", 64, least=1),
    "cells": env.number("LEDGER_MAX_CELLS", 400_000, least=1),
    "text_length": env.number("LEDGER_MAX_CELL_LENGTH", 4_000, least=1),
    "merges": env.number("LEDGER_MAX_MERGES", 20_000),
    "merged_area": env.number("LEDGER_MAX_MERGED_CELLS", 200_000),
    "elements": env.number("LEDGER_MAX_ELEMENTS", 2_500_000, least=1),
    "cpu_seconds": env.number("LEDGER_GUARD_MILLISECONDS", 1_800, least=1) / 1000,
}
EVIDENCE_MAX_BYTES = env.number("EVIDENCE_MAX_MIB", 50, least=1) * 1024 * 1024
EVIDENCE_MAX_PER_ENTRY = env.number("EVIDENCE_MAX_PER_ENTRY", 20, least=1)
# what is announced to be larger is answered before any of it is read; without an account, as large as a form may be
REQUEST_MAX_BYTES = env.number("REQUEST_MAX_MIB", 200, least=1) * 1024 * 1024
EVIDENCE_MAX_UNIT_BYTES = env.number("EVIDENCE_MAX_UNIT_MIB", 2048, least=1) * 1024 * 1024

# ---- background work ---------------------------------------------------------------------------

CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = env.broker(VAR, REDIS_URL, local=LOCAL)
CELERY_BROKER_TRANSPORT = None if REDIS_URL else "config.whole_messages:Transport"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker outlives a broker that is away for long
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000  # KiB; the child is replaced after the task that passed it
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "rollups"
CELERY_TASK_ROUTES = {"indicators.tasks.*": {"queue": "imports"}}
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 15, least=1)
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "assessments.tasks.sweep",
        "schedule": timedelta(seconds=SWEEP_SECONDS),
        "options": {"expires": SWEEP_SECONDS * 2},
    },
    # hourly, so that a worker that slept over midnight tells it still; nobody is told twice
    "deadlines": {"task": "assessments.tasks.tell_deadlines", "schedule": timedelta(hours=1)},
    # hourly for the same reason; one a day is kept
    "anchors": {"task": "units.tasks.cast_anchors", "schedule": timedelta(hours=1)},
}
AUDIT_ANCHORS = VAR / "audit-anchors.jsonl"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
JOB_HEARTBEAT_LAPSE_SECONDS = env.number("JOB_HEARTBEAT_LAPSE_SECONDS", 45, least=1)
JOB_MAX_ATTEMPTS = 3

# ---- e-mail: without EMAIL_HOST notices stand in the product only ------------------------------

EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.number("EMAIL_PORT", 25, least=1)
EMAIL_HOST_USER = env.text("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_STARTTLS", default=False)
EMAIL_USE_SSL = env.flag("EMAIL_SSL", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.mail_sender("EMAIL_FROM", needed=bool(EMAIL_HOST))
# how the product is reached from outside, for the link in an e-mail
SITE_ADDRESS = env.text("SITE_ADDRESS", "").rstrip("/")

# ---- who is asking -----------------------------------------------------------------------------

AUTH_USER_MODEL = "units.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_MIN_LENGTH = env.number("PASSWORD_MIN_LENGTH", 10, least=8)
PASSWORD_MIN_KINDS = 3  # of four: lower case, upper case, digits, signs
# how long a password given by an administrator opens the account
PASSWORD_FIRST_HOURS = env.number("PASSWORD_FIRST_HOURS", 72, least=1)
PASSWORD_MAX_DAYS = env.number("PASSWORD_MAX_DAYS", 90)  # 0: passwords do not age
PASSWORD_NOTICE_DAYS = env.number("PASSWORD_NOTICE_DAYS", 7)
PASSWORD_HISTORY = env.number("PASSWORD_HISTORY", 5, least=1)  # the present one is one of them
# what anybody would try first in such an office
PASSWORD_CONTEXT_WORDS = env.names(
    "PASSWORD_CONTEXT_WORDS", ["zhengwu", "gongkai", "zwgk", "kaohe", "taizhang", "password", "admin"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "units.passwords.CharacterClassesValidator", "OPTIONS": {"least": PASSWORD_MIN_KINDS}},
    {"NAME": "units.passwords.ContextWordsValidator"},
    {"NAME": "units.passwords.NotUsedBeforeValidator"},
]
# 二次验证: which roles may set up a second factor, and whether the administrators have to have one
SECOND_FACTOR_ROLES = env.choices(
    "SECOND_FACTOR_ROLES", ["admin", "office", "reviewer", "leader", "auditor", "filler", "signer"]
)
SECOND_FACTOR_FOR_ADMINISTRATORS = env.flag("SECOND_FACTOR_FOR_ADMINISTRATORS", default=False)
SECOND_FACTOR_SECONDS = env.number("SECOND_FACTOR_MINUTES", 5, least=1) * 60  # between password and code
# Five failures lock the account for a quarter of an hour, and never the office's shared address.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_LOCKOUT_CALLABLE = "units.views.locked_out"
# an address is never locked: a whole office shares one
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # a quarter of an hour means that, whoever goes on trying
AXES_ENABLE_ADMIN = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code"]  # kept masked with a failed attempt
AXES_VERBOSE = False
AXES_IPWARE_PROXY_COUNT = env.number("PROXY_COUNT", 0)
AXES_IPWARE_META_PRECEDENCE_ORDER = (
    ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"] if AXES_IPWARE_PROXY_COUNT else ["REMOTE_ADDR"]
)

SESSION_COOKIE_AGE = 8 * 3600
SESSION_IDLE_SECONDS = env.number("SESSION_IDLE_MINUTES", 30, least=1) * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "units.views.csrf_failed"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if AXES_IPWARE_PROXY_COUNT else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# ---- words, numbers, time ----------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "celery.beat": {"level": "WARNING"}},
}
