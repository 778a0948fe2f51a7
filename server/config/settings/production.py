"""Production: behind a TLS-terminating proxy, with external services."""

from server.config.settings import environment as env
from server.config.settings.base import *

if PUBLIC is None:
    SITE_ORIGIN = f"https://{ALLOWED_HOSTS[0]}"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^metrics$"]  # Prometheus connects from inside, not through the proxy
# Empty by default: requests through a proxy on this machine come from the loopback address.
METRICS_ALLOWED = env.words("METRICS_ALLOWED", "")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# The number of proxies before us: without it their headers cannot be trusted for a client's
# address.
REST_FRAMEWORK["NUM_PROXIES"] = env.integer("NUM_PROXIES", 1)
ALLAUTH_TRUSTED_PROXY_COUNT = REST_FRAMEWORK["NUM_PROXIES"]
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.integer("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL = env.boolean("EMAIL_USE_SSL", default=False)  # TLS from the first byte, at port 465
# By STARTTLS, unless the mail server is on this machine, where nobody listens in and few
# certificates say "localhost".
EMAIL_USE_TLS = env.boolean(
    "EMAIL_USE_TLS", default=not EMAIL_USE_SSL and EMAIL_HOST not in {"localhost", "127.0.0.1", "::1"}
)
EMAIL_TIMEOUT = env.integer(
    "EMAIL_TIMEOUT", 10
)  # seconds; without it a silent mail server holds a worker forever
