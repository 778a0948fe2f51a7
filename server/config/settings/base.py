"""Settings that all shapes share. Values come from the environment; each shape adds a small
overlay."""

from pathlib import Path
from typing import Any

import structlog
from csp.constants import NONE, SELF
from whitenoise.compress import Compressor

from server.config.settings import environment as env
from server.config.settings.public import public_url
from server.config.settings.social import providers

ROOT = Path(__file__).resolve().parents[3]

SECRET_KEY = env.text("SECRET_KEY")
# Former keys, which still open what they signed, while they are changed
# (docs/operations/secrets.md).
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", "")
SEAL_KEY = env.text("SEAL_KEY")  # a Fernet key; seals secrets whose clear text is needed again
SEAL_KEY_FALLBACKS = env.words("SEAL_KEY_FALLBACKS", "")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", "")
# The address that people and devices use, when a proxy stands in front: https://iot.example.com or
# https://example.com/iot. Hosts, cookies, links, live push and passkeys follow from it
# (docs/operations/proxy.md).
PUBLIC = public_url(env.text("PUBLIC_URL", ""))
WEB_PORT = env.integer("WEB_PORT", 8000)
SITE_ORIGIN = PUBLIC.origin if PUBLIC else f"http://localhost:{WEB_PORT}"  # of links in mails
PUBLIC_HOST = PUBLIC.netloc if PUBLIC else ""
FORCE_SCRIPT_NAME = (PUBLIC.path if PUBLIC else "") or None
if PUBLIC:
    ALLOWED_HOSTS += [PUBLIC.host, "127.0.0.1", "localhost", "[::1]"]  # a proxy may ask by either
    CSRF_TRUSTED_ORIGINS += [PUBLIC.origin]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC is not None and PUBLIC.is_https
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = FORCE_SCRIPT_NAME or "/"
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC and PUBLIC.is_https else 0
# How many proxies stand before us: only then do their headers say where a request came from.
NUM_PROXIES = env.integer("NUM_PROXIES", 1) if PUBLIC or env.is_set("NUM_PROXIES") else None
SITE_NAME = env.text("SITE_NAME", "Fieldline")
VAR_DIR = Path(env.text("FIELDLINE_VAR", str(ROOT / "var")))  # the state of the embedded shape
OWNER_EMAIL = env.text(
    "FIELDLINE_OWNER_EMAIL", "owner@fieldline.local"
)  # of the account that `prepare` makes

INSTALLED_APPS = [
    "webapp",  # first, so that its templates override those of packages
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.openid_connect",
    "corsheaders",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "server.core",
    "server.apps.activity",
    "server.apps.files",
    "server.apps.accounts",
    "server.apps.devices",
    "server.apps.streams",
    "server.apps.ingest",
    "server.apps.lifecycle",
    "worker",
]

MIDDLEWARE = [
    "server.core.metrics.requests.measure_requests",
    *(["server.core.public.PublicHostMiddleware"] if PUBLIC else []),
    "server.core.origin.OriginMiddleware",
    "server.core.rest.bodies.BodyMiddleware",
    "server.core.rest.slashes.SlashMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "server.core.content_policy.ContentPolicyMiddleware",
    "server.core.rest.conditional.ApiConditionalGet",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "webapp.middleware.UserTimeZoneMiddleware",
    "webapp.middleware.ExternalRedirectMiddleware",
    "server.core.rest.idempotency.IdempotencyMiddleware",
    "server.core.rest.conditional.IfMatchMiddleware",
    "server.api.staff_reads.StaffReadMiddleware",
    "server.core.rest.queries.QueryMiddleware",
]

# Live push holds connections open, so it runs in a separate process with its own URL map
# (server/config/asgi.py).
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

# Two databases: `default` holds what people manage, `streamdata` what devices send (design, part
# 4).
DATABASES = {
    "default": env.database("DATABASE_DEFAULT_URL"),
    "streamdata": env.database("DATABASE_STREAMDATA_URL"),
}
PREPARED_STATEMENTS = env.boolean(
    "PREPARED_STATEMENTS", default=True
)  # false where connections are pooled by transaction
DATABASE_ROUTERS = ["server.core.databases.StreamDataRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("CACHE_URL")
CACHES = {
    # May forget at any time, and is a miss for everything while Redis is down.
    "default": {
        "BACKEND": "server.core.soft_cache.SoftRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "TIMEOUT": 300,
    },
    # Counters, used codes, locks: what may not be forgotten, in the core database.
    "durable": {"BACKEND": "server.core.durable.DurableCache"},
}

STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "server.core.storage.DurableFileStorage",
        "OPTIONS": {"location": env.text("OBJECTS_DIR", str(VAR_DIR / "objects"))},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Source maps too: they are most of the bytes, and only a debugger loads them.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
STATIC_URL = f"{FORCE_SCRIPT_NAME or ''}/static/"
STATIC_ROOT = Path(env.text("STATIC_DIR", str(VAR_DIR / "static")))

QUEUE_BACKEND = env.text("QUEUE_BACKEND", "postgres")  # postgres | sqs | memory
SQS_URL = env.text("SQS_URL", "")  # endpoint of an SQS API that is not AWS
SQS_QUEUE_NAME = env.text("SQS_QUEUE_NAME", "fieldline")
AWS_REGION = env.text("AWS_REGION", "us-east-1")
LONGEST_WAIT_MINUTES = env.integer("LONGEST_WAIT_MINUTES", 10)  # of a due job; beyond it staff get a mail
USE_WORKER = env.boolean("USE_WORKER", default=True)
WORKER_LOG = env.text("WORKER_LOG", "postgres")  # postgres | dynamodb
WORKER_LOG_TABLE = env.text("WORKER_LOG_TABLE", "fieldline-worker-log")  # in DynamoDB
DYNAMODB_URL = env.text("DYNAMODB_URL", "")  # endpoint of a DynamoDB API that is not AWS

# /metrics may be read with the token, or from one of these networks without a proxy in between.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
# With a proxy in front nobody unless named: on this machine it makes strangers look like
# neighbours.
METRICS_ALLOWED = env.words("METRICS_ALLOWED", "" if PUBLIC else "127.0.0.0/8,::1/128")
METRICS_PORT = env.integer("METRICS_PORT", 0)  # of a worker; 0: none
METRICS_HOST = env.text("METRICS_HOST", "127.0.0.1")

# URL of live push for pages; another port in the embedded shape without a proxy.
LIVE_URL = env.text("LIVE_URL", f"{FORCE_SCRIPT_NAME or ''}/live/")
REPORT_MAX_BYTES = 16 * 1024 * 1024
# Mails about devices: how long one must report before it is back, and the most about one on a day;
# 0: no limit.
HEALTH_HOLD_MINUTES = env.integer("HEALTH_HOLD_MINUTES", 10)
HEALTH_MAILS_A_DAY = env.integer("HEALTH_MAILS_A_DAY", 6)
UPLOAD_REPORTS_A_DAY = env.integer("UPLOAD_REPORTS_A_DAY", 1_000_000)  # of one organisation; 0: no limit
UPLOAD_BYTES_A_DAY = env.integer("UPLOAD_BYTES_A_DAY", 20 * 1024**3)
# Requests of the API: of an organisation's devices and programs together, and of each person; 0: no
# limit, and nothing is counted.
REQUESTS_A_DAY = env.integer("REQUESTS_A_DAY", 5_000_000)
QUOTA_DAYS_KEEP_DAYS = env.integer("QUOTA_DAYS_KEEP_DAYS", 90)  # of what quotas counted; 0: forever
REPORT_FILES_KEEP_DAYS = env.integer("REPORT_FILES_KEEP_DAYS", 0)  # of processed reports; 0: forever
# Reports up to this size are kept in a row of the core database, not in a file; 0: none.
SMALL_REPORT_BYTES = env.integer("SMALL_REPORT_BYTES", 8 * 1024)
DISK_RESERVE_BYTES = env.integer("DISK_RESERVE_BYTES", 256 * 1024 * 1024)
# Servers outside the public internet that users may still forward reports to: host, host:port or a
# network.
OUTBOUND_ALLOWED = env.words("OUTBOUND_ALLOWED", "")

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = env.integer("PASSWORD_RESET_MINUTES", 60) * 60  # of the mailed link
ACCOUNT_ADAPTER = "server.apps.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
# An address must be confirmed before its owner can sign in, unless the installation trusts
# everybody who can sign up.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if env.boolean("SIGNUP_CONFIRM_EMAIL", default=True) else "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = (
    ""  # all mails begin with the product's name; allauth would take the Host header
)
ACCOUNT_EMAIL_NOTIFICATIONS = True  # mails on a new password or second factor
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # counted by our adapter and forms, together with the API
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_FORMS = {"login": "webapp.forms.sign_in.SignInForm", "signup": "webapp.forms.sign_up.SignUpForm"}
CSRF_FAILURE_VIEW = "webapp.views.errors.csrf_failure"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
SIGNUP_OPEN = env.boolean("SIGNUP_OPEN", default=False)
MFA_ADAPTER = "server.apps.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "webapp.forms.second_factors.AuthenticateForm",
    "authenticate_webauthn": "webapp.forms.second_factors.AuthenticatePasskeyForm",
    "login_webauthn": "webapp.forms.second_factors.PasskeySignInForm",
    "reauthenticate": "webapp.forms.second_factors.ReauthenticateForm",
    "reauthenticate_webauthn": "webapp.forms.second_factors.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # clocks differ: the previous and the next code are valid too
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = env.boolean("PASSKEYS_WITHOUT_TLS", default=False)
SOCIALACCOUNT_ADAPTER = "server.apps.accounts.adapter.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = providers()
SOCIALACCOUNT_EMAIL_AUTHENTICATION = (
    True  # signs in to the account of an address that both sides have confirmed
)
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = ACCOUNT_EMAIL_VERIFICATION
SOCIALACCOUNT_QUERY_EMAIL = True

JWT_LIFETIME_DAYS = 7
JWT_REFRESH_DAYS = 180
API_TOKEN_LIFETIME_DAYS = 180
DEVICE_TOKEN_LIFETIME_DAYS = 90  # of an `a-jwt`
API_TOKENS_OF_SIGN_IN = 50  # valid ones per person; a new one replaces the oldest
API_TOKENS_NAMED = 50  # valid ones per person that were created on the account page; they stay until revoked

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "server.api.authentication.JwtAuthentication",
        "server.api.authentication.TokenAuthentication",
        "server.api.authentication.DeviceKeyAuthentication",
        "server.api.authentication.DeviceTokenAuthentication",
        "server.api.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "server.core.rest.json_parser.CountedJsonParser",
        "server.core.rest.forms.UrlEncodedParser",
        "server.core.rest.forms.FormDataParser",
        "server.core.rest.msgpack_parser.MessagePackParser",
        "server.core.rest.msgpack_parser.OldNameParser",
    ],
    "DEFAULT_PAGINATION_CLASS": "server.core.rest.pagination.StandardPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "server.core.rest.errors.answer",
    "DEFAULT_THROTTLE_CLASSES": ["server.api.quota.RequestQuota"],
    "DEFAULT_THROTTLE_RATES": {
        "sign-in": "20/min",  # tries for one account from one address
        "sign-in-address": "100/min",  # tries from one address
        "sign-in-login": "100/hour",  # failures for one account from everywhere
        "second-factor": "10/hour",  # wrong codes for one account from everywhere
        "sign-up": "20/hour",
        "reset": "20/hour",
        "mail-target": "5/hour",  # mails to one address that strangers can trigger
        "password": "10/min",
        "claim": "60/min",
        "key": "60/min",
        "upload": None,  # devices report as fast as they can
    },
    "NUM_PROXIES": NUM_PROXIES,
    "SCHEMA_COERCE_PATH_PK": False,  # paths in the documentation are those of the URL map
    "ALLOWED_VERSIONS": ("1",),  # otherwise any requested version ends up in a header of the schema
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
IDEMPOTENT_CALLER_RIGHTS = "server.api.caller_rights.rights_of"  # what a repeated request must still have
SPECTACULAR_SETTINGS = {
    "TITLE": "Fieldline API",
    "DESCRIPTION": (ROOT / "server" / "config" / "introduction.md").read_text(encoding="utf-8"),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none"},  # collapsed to the nouns
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PARSER_WHITELIST": [  # the introduction says once that forms and MessagePack are accepted as well
        "server.core.rest.json_parser.CountedJsonParser",
        "server.core.rest.tables.CsvParser",
    ],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {  # fields of one name that mean different sets
        "RoleEnum": "server.apps.accounts.models.Role.choices",
        "GivenRoleEnum": "server.apps.accounts.models.roles.GIVEN_ROLES",
        "OperationStateEnum": "server.apps.activity.models.Operation.State",
        "ComponentTypeEnum": "server.apps.devices.models.Component.Kind",
        "DeviceStateEnum": "server.apps.devices.models.DeviceState.choices",
        "HealthStateEnum": "server.apps.devices.models.HealthState.choices",
        "PropertyTypeEnum": "server.apps.devices.models.PropertyType.choices",
        "DataTypeEnum": "server.apps.streams.models.VarType.DataType",
        "KeyTypeEnum": ["USR", "SSH", "X-API-KEY", "A-JWT-KEY", "MQTT"],
        "RepairKindEnum": "server.apps.lifecycle.models.Repair.Kind",
        "ReportKeyKindEnum": ["user", "device"],
        "RowStatusEnum": ["claimed", "created", "failed"],
        "WidgetTypeEnum": "server.apps.streams.models.DisplayWidgetTemplate.Type",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "server.config.schema.complete",
    ],
}

# Pages of any origin may call the API with a token; cookies are never accepted from them.
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOWED_ORIGINS = env.words("CORS_ALLOWED_ORIGINS", "")
CORS_ALLOW_ALL_ORIGINS = not CORS_ALLOWED_ORIGINS
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = [
    *("accept", "authorization", "cache-control", "content-type", "idempotency-key"),
    *("if-match", "if-none-match", "x-otp"),
]
CORS_EXPOSE_HEADERS = ["content-disposition", "etag", "idempotent-replayed", "retry-after"]
CORS_PREFLIGHT_MAX_AGE = 86400

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
SESSION_COOKIE_AGE = env.integer("SESSION_DAYS", 14) * 86_400  # after the sign-in, however much it is used
# Since its last use: from Friday's evening to Monday's morning nobody has to sign in again.
SESSION_IDLE_HOURS = env.integer("SESSION_IDLE_HOURS", 72)
CSRF_COOKIE_NAME = "fieldline_csrf"

ALLAUTH_TRUSTED_PROXY_COUNT = NUM_PROXIES or 0

LANGUAGE_CODE = "en"
USE_TZ = True
TIME_ZONE = "UTC"

# Mails that people cause; services count them. By kind: invitations, messages to members, questions
# to recipients outside.
MAILS_TO_ONE_ADDRESS_AN_HOUR = 5
MAILS_OF_ORG_AN_HOUR = {"invitation": 100, "message": 20, "recipient": 100}
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "fieldline@localhost")
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024 + 65536  # a report in its multipart form
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
    "filters": {"refusals": {"()": "server.core.refusal_logs.RefusalFilter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "named", "filters": ["refusals"]},
        "structured": {"class": "logging.StreamHandler", "formatter": "plain"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "server": {"handlers": ["structured"], "level": "INFO", "propagate": False},
        "worker": {"handlers": ["structured"], "level": "INFO", "propagate": False},
        "webapp": {"handlers": ["structured"], "level": "INFO", "propagate": False},
    },
}
