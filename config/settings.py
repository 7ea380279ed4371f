"""All settings, in one file. What differs between installations comes from the environment (see docs)."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("VISIT_LENS_VAR") or BASE_DIR / "var")

# ---- this installation ----------------------------------------------------------------------------------------
DEBUG = env.flag("VISIT_LENS_DEBUG")
VISIT_LENS_DEMO = env.flag("VISIT_LENS_DEMO")
VISIT_LENS_BASE_URL = env.text("VISIT_LENS_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
VISIT_LENS_ZONE = env.text("VISIT_LENS_ZONE", "UTC")
VISIT_LENS_UNITS = env.pairs("VISIT_LENS_UNITS")  # units that people here prefer to read
VISIT_LENS_KEYS = env.secret_words("VISIT_LENS_KEYS")
SECRET_KEY = env.secret("VISIT_LENS_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.secret_words("VISIT_LENS_SECRET_KEY_FALLBACKS")

VISIT_LENS_IDLE_MINUTES = env.number("VISIT_LENS_IDLE_MINUTES", 15, least=5, most=30)
VISIT_LENS_SNAPSHOT_HOURS = env.number("VISIT_LENS_SNAPSHOT_HOURS", 72, least=1, most=168)
VISIT_LENS_PREPARE_MINUTES = env.number("VISIT_LENS_PREPARE_MINUTES", 30, least=5, most=720)
# Processes beside each web process that read the EHRs for it; of no use where there is one processor only.
VISIT_LENS_PULL_PROCESSES = env.number(
    "VISIT_LENS_PULL_PROCESSES", 2 if env.processors() > 1 else 0, least=0, most=16
)
VISIT_LENS_DAYS_KEPT = env.number("VISIT_LENS_DAYS_KEPT", 7, least=1, most=30)

_site = urlsplit(VISIT_LENS_BASE_URL)
HTTPS = _site.scheme == "https"
ALLOWED_HOSTS = [_site.hostname or "127.0.0.1", *env.words("VISIT_LENS_HOSTS")]
if VISIT_LENS_DEMO:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [VISIT_LENS_BASE_URL]

# ---- application ----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "csp",
    "summary_app",
]
if find_spec(
    "django_linear_migrations"
):  # a maintainer's tool; not installed where the product only runs
    INSTALLED_APPS.append("django_linear_migrations")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "summary_app.summary.waiting.NothingNew",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.PrivateResponses",
    "config.headers.PartitionedCookies",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "summary_app.access.logoff.IdleLogoff",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "summary_app.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/"
APPEND_SLASH = False

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
            ]
        },
    }
]

# ---- data -----------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", VAR / "visit-lens.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Threads of the tests share one file; every test process has its own.
    DATABASES["default"]["TEST"] = {
        "NAME": str(Path(tempfile.gettempdir()) / f"visit-lens-test-{os.getpid()}.sqlite3")
    }

BROKER_URL = env.secret("BROKER_URL") or "filesystem://"
BROKER_FOLDER = VAR / "broker"

# ---- sessions and cookies: Secure exactly where the site is reached by https ------------------------------------
SESSION_COOKIE_AGE = 12 * 3600  # absolute; IdleLogoff ends an unused session earlier
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
# Inside an EHR's frame a cookie arrives only when it says SameSite=None, and that needs https.
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "None" if HTTPS else "Lax"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "visit-lens-session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "visit-lens-csrf"
LAUNCH_COOKIE_NAME = "__Host-launch" if HTTPS else "visit-lens-launch"
CSRF_COOKIE_HTTPONLY = True

# ---- headers --------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.flag("VISIT_LENS_BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SILENCED_SYSTEM_CHECKS = ["security.W002"]  # X-Frame-Options knows no list; frame-ancestors does

_EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"  # plotly.js fills an empty <style> by script
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "connect-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "style-src": ["'self'", _EMPTY_STYLE],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-src": ["'self'"],  # notes and reports, each from its own address with its own policy
        "frame-ancestors": [
            "'none'"
        ],  # a connection's own EHR may frame its charts: see summary views
    }
}

# ---- language and time: stored in UTC, shown in the site's zone (VISIT_LENS_ZONE) -------------------------------
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# ---- static files ---------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.plotly_file.PlotlyFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# ---- API ------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Visit Lens",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

# ---- logs: what happened, never to whom -------------------------------------------------------------------------
# fhirclient writes launch contexts (patient, id_token) at DEBUG, urllib3 whole URLs: both stay at WARNING.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "summary_app": {"level": "INFO"},
        "fhirclient": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},  # its warnings repeat addresses
        "django.server": {"level": "WARNING", "handlers": ["console"], "propagate": False},
    },
}
