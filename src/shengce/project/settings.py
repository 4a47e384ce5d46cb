"""Settings: everything a deployment may change is an environment variable, and a wrong one fails loudly.

``NAME_FILE`` is read where ``NAME`` is a secret, so that secrets need not stand in the environment.
"""

from __future__ import annotations

import contextlib
import math
import os
import secrets
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("SHENGCE_DATA_DIR", "var")).resolve()


def _flag(name: str, default: bool) -> bool:
    text = os.environ.get(name)
    if text is None:
        return default
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{name} must be true or false, not {text!r}")


def _number(name: str, default: float) -> float:
    text = os.environ.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{name} must be a number, 0 or more, not {text!r}")
    return value


def _secret_key() -> str:
    if path := os.environ.get("SHENGCE_SECRET_KEY_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    if key := os.environ.get("SHENGCE_SECRET_KEY"):
        return key
    stored = DATA_DIR / "secret_key"
    if not stored.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        partial = DATA_DIR / f"secret_key.{os.getpid()}"
        partial.touch(mode=0o600)
        partial.write_text(secrets.token_urlsafe(50), encoding="utf-8")
        with contextlib.suppress(FileExistsError):
            os.link(partial, stored)  # the first process wins; the others read what it wrote
        partial.unlink()
    return stored.read_text(encoding="utf-8").strip()


def _smtp_security() -> str:
    chosen = os.environ.get("SHENGCE_SMTP_SECURITY", "starttls").lower()
    if chosen not in {"tls", "starttls", "none"}:
        raise ValueError(f"SHENGCE_SMTP_SECURITY must be tls, starttls or none, not {chosen!r}")
    return chosen


def _smtp_password() -> str:
    if path := os.environ.get("SHENGCE_SMTP_PASSWORD_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get("SHENGCE_SMTP_PASSWORD", "")


SECRET_KEY = _secret_key()
DEBUG = _flag("SHENGCE_DEBUG", False)
ALLOWED_HOSTS = os.environ.get("SHENGCE_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("SHENGCE_TRUSTED_ORIGINS", "").split(",") if o]
BEHIND_TLS = _flag("SHENGCE_BEHIND_TLS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "shengce.people",
    "shengce.catalogue",
    "shengce.customers",
    "shengce.recordings",
    "shengce.facts",
    "shengce.sales",
    "shengce.visits",
    "shengce.channel",
    "shengce.service",
    "shengce.targets",
    "shengce.attainment",
    "shengce.plans",
    "shengce.sheets",
    "shengce.cards",
    "shengce.inspection",
    "shengce.market",
    "shengce.claims",
    "shengce.proposals",
    "shengce.results",
    "shengce.exchange",
    "shengce.intake",
    "shengce.web",
    "shengce.demo",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "lucide",
    "axes",
    "ninja",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "shengce.people.scope.OneLookAtTheTree",
    "shengce.customers.redirects.MergedCustomers",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shengce.web.navigation.context",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

ROOT_URLCONF = "shengce.project.urls"
WSGI_APPLICATION = "shengce.project.wsgi.application"

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'shengce.sqlite3'}",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-20000;",
    }
    # Tests use a file too: an in-memory database has no second process, and workers are processes.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    # psycopg's automatic prepared statements can pin a bad plan for searches.
    DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 14 * 24 * 3600  # of an invitation
LOGIN_URL = "people:sign_in"
LOGIN_REDIRECT_URL = "web:home"
LOGOUT_REDIRECT_URL = "people:sign_in"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "people/locked_out.html"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("SHENGCE_TIME_ZONE", "Asia/Shanghai")
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns at every start where it is not there
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(DATA_DIR / "files")},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # no collectstatic step on one machine
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "incoming")
(DATA_DIR / "incoming").mkdir(parents=True, exist_ok=True)
FILE_UPLOAD_HANDLERS = ["shengce.recordings.uploading.GuardedUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF, "blob:"],
        "style-src": [SELF],
        "script-src": [SELF],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
    }
}

# Limits for what comes in. Sizes in bytes, times in seconds.
SHENGCE_MAX_FILE_BYTES = int(_number("SHENGCE_MAX_FILE_BYTES", 2 * 1024**3))
SHENGCE_MAX_DURATION_S = int(_number("SHENGCE_MAX_DURATION_S", 12 * 3600))
SHENGCE_CHILD_MEMORY_BYTES = int(_number("SHENGCE_CHILD_MEMORY_BYTES", 4 * 1024**3))
SHENGCE_MIN_FREE_BYTES = int(_number("SHENGCE_MIN_FREE_BYTES", 200 * 1024**2))
SHENGCE_MODEL = os.environ.get("SHENGCE_MODEL", "demo")
SHENGCE_LEASE_S = _number("SHENGCE_LEASE_S", 30)
SHENGCE_X_ACCEL_PREFIX = os.environ.get("SHENGCE_X_ACCEL_PREFIX", "")  # "/protected/" behind nginx

# Letters to customers go out through this server; without a host none do, and the pages say so.
EMAIL_HOST = os.environ.get("SHENGCE_SMTP_HOST", "")
EMAIL_USE_SSL = _smtp_security() == "tls"
EMAIL_USE_TLS = _smtp_security() == "starttls"
EMAIL_PORT = int(_number("SHENGCE_SMTP_PORT", {"tls": 465, "starttls": 587}.get(_smtp_security(), 25)))
EMAIL_HOST_USER = os.environ.get("SHENGCE_SMTP_USER", "")
EMAIL_HOST_PASSWORD = _smtp_password()
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = os.environ.get("SHENGCE_SMTP_FROM") or EMAIL_HOST_USER

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("SHENGCE_LOG_LEVEL", "INFO")},
    "loggers": {"axes": {"level": "WARNING"}},
}
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
