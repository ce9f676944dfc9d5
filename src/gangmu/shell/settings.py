"""Django's settings. Everything that differs between installations comes from the environment or GANGMU_HOME."""

import os
from pathlib import Path
from typing import Any

from gangmu.foundation.settings import home as gangmu_home
from gangmu.foundation.settings.postgres import Cluster, database_url_override
from gangmu.shell.sites import settings_at
from gangmu.shell.sites.networks import read_networks

PACKAGE = Path(__file__).resolve().parent.parent

GANGMU_HOME = gangmu_home.home()
globals().update(settings_at(os.environ.get("GANGMU_SITE", "")))
DEMONSTRATION = os.environ.get("GANGMU_DEMONSTRATION") == "1"
DEBUG = False
SECRET_KEY = gangmu_home.secret("django")
ALLOWED_HOSTS = os.environ.get("GANGMU_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
TRUSTED_PROXIES = read_networks(os.environ.get("GANGMU_TRUSTED_PROXIES", ""), "GANGMU_TRUSTED_PROXIES")
OFFICE_NETWORKS = read_networks(os.environ.get("GANGMU_OFFICE_NETWORKS", ""), "GANGMU_OFFICE_NETWORKS")

ROOMS = [
    "gangmu.foundation.settings",
    "gangmu.foundation.periods",
    "gangmu.foundation.parties",
    "gangmu.foundation.accounts",
    "gangmu.foundation.access",
    "gangmu.foundation.records",
    "gangmu.foundation.jobs",
    "gangmu.foundation.documents",
    "gangmu.foundation.notices",
    "gangmu.foundation.ui",
    "gangmu.foundation.approvals",
    "gangmu.foundation.inbox",
    "gangmu.foundation.boards",
    "gangmu.figures.indicators",
    "gangmu.figures.analysis",
    "gangmu.figures.filing",
    "gangmu.figures.cube",
    "gangmu.figures.tiles",
    "gangmu.figures.studies",
    "gangmu.figures.pivots",
    "gangmu.figures.curves",
    "gangmu.figures.publications",
    "gangmu.figures.scopes",
    "gangmu.figures.reports",
    "gangmu.figures.designs",
    "gangmu.figures.moving",
    "gangmu.duties.norms",
    "gangmu.duties.resources",
    "gangmu.duties.grading",
    "gangmu.business.power",
    "gangmu.business.grading",
    "gangmu.shell.signin",
    "gangmu.shell.people",
    "gangmu.shell.organisations",
    "gangmu.shell.figures",
    "gangmu.shell.formulas",
    "gangmu.shell.documents",
    "gangmu.shell.notices",
    "gangmu.shell.records",
    "gangmu.shell.roles",
    "gangmu.shell.office",
    "gangmu.shell.limits",
    "gangmu.shell",
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "django_tables2",
    "django_filters",
    "procrastinate.contrib.django",
    *ROOMS,
]
MIDDLEWARE = [
    "gangmu.foundation.ui.middleware.ContentSecurityPolicyMiddleware",
    "gangmu.shell.sites.addresses.ClientAddressMiddleware",
    "gangmu.shell.sites.addresses.OfficeNetworksMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "gangmu.foundation.accounts.sessions.UnattendedMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "gangmu.foundation.ui.middleware.PageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gangmu.foundation.access.middleware.ScopeMiddleware",
    "gangmu.foundation.access.middleware.SignInRequiredMiddleware",
    "gangmu.shell.limits.middleware.RateLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
WSGI_APPLICATION = "gangmu.shell.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "gangmu.foundation.ui.context.shell",
            ],
        },
    }
]


def database_as(role: str) -> dict[str, Any]:
    """Django's settings of the database for one of its roles: owner, system or web."""
    dsn = dict((database_url_override() or Cluster(GANGMU_HOME)).dsn(role))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": dsn.pop("host", ""),
        "PORT": dsn.pop("port", ""),
        "USER": dsn.pop("user"),
        "PASSWORD": dsn.pop("password", ""),
        "NAME": dsn.pop("dbname"),
        "OPTIONS": dsn,
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASE_ROLE = os.environ.get("GANGMU_DB_ROLE", "system")
DATABASES = {"default": database_as(DATABASE_ROLE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["gangmu.foundation.accounts.backend.PasswordBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "gangmu.foundation.accounts.passwords.RulesValidator"}]
SMS_SENDER = os.environ.get("GANGMU_SMS_SENDER", "")
EMAIL_HOST = os.environ.get("GANGMU_MAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("GANGMU_MAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("GANGMU_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("GANGMU_MAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("GANGMU_MAIL_TLS") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("GANGMU_MAIL_FROM", "gangmu@localhost")
CERTIFICATE_PORT = os.environ.get("GANGMU_CERTIFICATE_PORT", "")
LOGIN_URL = "accounts:sign-in"
LOGOUT_URL = "accounts:sign-out"
ACCOUNT_URL = "accounts:account"
PROVE_URL = "accounts:prove"
WHY_URL = "roles:why"
FIGURES_URL = "figures:lookup"
# Where the browser finds the signing program of its own computer, such as http://127.0.0.1:17321; none: sign by file.
SIGNING_AGENT = os.environ.get("GANGMU_SIGNING_AGENT", "").rstrip("/")
EXPLAIN_URL = "figures:explain"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign-in"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 300
WHITENOISE_AUTOREFRESH = False
STATIC_ROOT = None
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]


def WHITENOISE_IMMUTABLE_FILE_TEST(path: str, url: str) -> bool:
    """Whether a file's name carries its content's hash, so that browsers may keep it for ever."""
    return "/gangmu/assets/" in url


SESSION_ENGINE = "gangmu.foundation.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "gangmu.foundation.ui.errors.csrf_failure"
HTTPS = os.environ.get("GANGMU_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
RATE_LIMITS = True  # tests ask more in a moment than anybody does in a day
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "gangmu.foundation.ui.uploads.Gate",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FORMAT_MODULE_PATH = None
DJANGO_TABLES2_TEMPLATE = "ui/table.html"
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("GANGMU_LOG_LEVEL", "WARNING")},
}
