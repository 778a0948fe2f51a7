"""What is the same in every shape. Values come from the environment; the overlays are a dozen lines each."""

from pathlib import Path
from typing import Any

import structlog
from csp.constants import NONE, SELF

from server.config.settings import environment as env

ROOT = Path(__file__).resolve().parents[3]

SECRET_KEY = env.text("SECRET_KEY")
SEAL_KEY = env.text("SEAL_KEY")  # a Fernet key; seals the secrets that a device must get back
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", "")
SITE_NAME = env.text("SITE_NAME", "Fieldline")
VAR_DIR = Path(env.text("FIELDLINE_VAR", str(ROOT / "var")))  # the state of the embedded shape
OWNER_EMAIL = env.text(
    "FIELDLINE_OWNER_EMAIL", "owner@fieldline.local"
)  # of the account that `prepare` makes

INSTALLED_APPS = [
    "webapp",  # first: its templates go before those of the packages
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "server.core",
    "server.apps.accounts",
    "server.apps.devices",
    "server.apps.streams",
    "server.apps.ingest",
    "worker",
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
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "webapp.middleware.UserTimeZoneMiddleware",
]

# Live push holds connections open, so it is a process of its own with its own map (server/config/asgi.py).
ROOT_URLCONF = (
    "server.config.live_urls" if env.text("FIELDLINE_PROCESS", "web") == "live" else "server.config.urls"
)
WSGI_APPLICATION = "server.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.context.site",
            ],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Two databases: `default` holds what people manage, `streamdata` what devices send (design, part 4).
DATABASES = {
    "default": env.database("DATABASE_DEFAULT_URL"),
    "streamdata": env.database("DATABASE_STREAMDATA_URL"),
}
DATABASE_ROUTERS = ["server.core.databases.StreamDataRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In the core database and not in Redis: pages must work while Redis is down.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "TIMEOUT": 300,
    }
}
REDIS_URL = env.text("CACHE_URL")

STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "server.core.storage.DurableFileStorage",
        "OPTIONS": {"location": env.text("OBJECTS_DIR", str(VAR_DIR / "objects"))},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_DIR", str(VAR_DIR / "static")))

QUEUE_BACKEND = env.text("QUEUE_BACKEND", "postgres")  # postgres | sqs | memory
SQS_URL = env.text("SQS_URL", "")  # endpoint of an SQS API that is not AWS
SQS_QUEUE_NAME = env.text("SQS_QUEUE_NAME", "fieldline")
AWS_REGION = env.text("AWS_REGION", "us-east-1")
USE_WORKER = env.boolean("USE_WORKER", default=True)

LIVE_URL = env.text("LIVE_URL", "/live/")  # where pages find live push; another port in the embedded shape
REPORT_MAX_BYTES = 16 * 1024 * 1024
DISK_RESERVE_BYTES = env.integer("DISK_RESERVE_BYTES", 256 * 1024 * 1024)

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "server.apps.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
SIGNUP_OPEN = env.boolean("SIGNUP_OPEN", default=False)

JWT_LIFETIME_DAYS = 7
JWT_REFRESH_DAYS = 180
API_TOKEN_LIFETIME_DAYS = 180

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "server.apps.accounts.api.authentication.JwtAuthentication",
        "server.apps.accounts.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "server.core.rest.pagination.StandardPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "server.core.rest.errors.answer",
    "DEFAULT_THROTTLE_RATES": {"sign-in": "20/min"},
    "ALLOWED_VERSIONS": ("1",),  # the schema would put any other that it is asked for into a header
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Fieldline API",
    "DESCRIPTION": "Devices, what they measured, and the reports that brought it here.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its icons as data: images
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    },
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_ENGINE = "server.core.sessions"
SESSION_COOKIE_NAME = "fieldline_session"
CSRF_COOKIE_NAME = "fieldline_csrf"

LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "fieldline@localhost")
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024 + 65536  # a report, with its multipart dressing
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(message)s"},
        "named": {"format": "%(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "named"},
        "structured": {"class": "logging.StreamHandler", "formatter": "plain"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "server": {"handlers": ["structured"], "level": "INFO", "propagate": False},
        "worker": {"handlers": ["structured"], "level": "INFO", "propagate": False},
        "webapp": {"handlers": ["structured"], "level": "INFO", "propagate": False},
    },
}
