"""The embedded shape of `./inv up`: everything on this machine, plain HTTP on the loopback
address."""

from server.config.settings import environment as env
from server.config.settings.base import *

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = env.text("MAIL_DIR", str(VAR_DIR / "mail"))
LIVE_PORT = env.integer("LIVE_PORT", 8001)
if PUBLIC is None and not env.is_set("LIVE_URL"):
    LIVE_URL = f":{LIVE_PORT}/live/"  # the same host on another port; webapp.context fills in the host
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = (
    PUBLIC is None or not PUBLIC.is_https
)  # the loopback address needs no TLS
