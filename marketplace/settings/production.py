"""Any deployed stage: every value that must be chosen has no default and stops the start when it is missing."""

from django.core.exceptions import ImproperlyConfigured

from marketplace.settings.base import *  # noqa: F403
from marketplace.settings.base import AWS_ENDPOINT_URL, AWS_REGION, CLOCK_OFFSET_SECONDS, LOGGING, MIDDLEWARE, STORAGES
from marketplace.settings.env import env
from marketplace.settings.secret_store import read_secrets

if CLOCK_OFFSET_SECONDS:
    raise ImproperlyConfigured("CLOCK_OFFSET_SECONDS is for tests: a deployed stage lives in the present")

# Where the Parameter Store has what nobody may read in an environment; empty where that is the only place.
SECRETS_PATH = env.str("SECRETS_PATH", default="")
_SECRETS = read_secrets(SECRETS_PATH, region=AWS_REGION, endpoint_url=AWS_ENDPOINT_URL) if SECRETS_PATH else {}

STAGE = env.str("STAGE")
SECRET_KEY = _SECRETS.get("SECRET_KEY") or env.str("SECRET_KEY")
# What was signed with the key before still counts: sessions, cursors, links in emails.
_KEY_BEFORE = _SECRETS.get("SECRET_KEY_BEFORE") or env.str("SECRET_KEY_BEFORE", default="")
SECRET_KEY_FALLBACKS = [_KEY_BEFORE] if _KEY_BEFORE else []
FRONT_SECRET = _SECRETS.get("FRONT_SECRET") or env.str("FRONT_SECRET", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
SITE_URL = env.str("SITE_URL")
EMAIL_FROM_ADDRESS = env.str("EMAIL_FROM_ADDRESS")
AWS_SES_CONFIGURATION_SET = env.str("EMAIL_CONFIGURATION_SET")
COGNITO_USER_POOL_ID = env.str("COGNITO_USER_POOL_ID")
COGNITO_CLIENT_ID = env.str("COGNITO_CLIENT_ID")
COGNITO_CLIENT_SECRET = _SECRETS.get("COGNITO_CLIENT_SECRET") or env.str("COGNITO_CLIENT_SECRET")
COGNITO_API_CLIENT_ID = env.str("COGNITO_API_CLIENT_ID")
BOOKING_EVENTS_TOPIC_ARN = env.str("BOOKING_EVENTS_TOPIC_ARN")
TASKS_QUEUE_ARN = env.str("TASKS_QUEUE_ARN")
DOCUMENTS_BUCKET_NAME = env.str("DOCUMENTS_BUCKET_NAME")
MEDIA_BUCKET_NAME = env.str("MEDIA_BUCKET_NAME")

TRUSTED_PROXY_HOPS = env.int("TRUSTED_PROXY_HOPS")

COUNTS_EVENTS = True
# A line is an object, which queries of logs can ask for a request, an event or a booking.
# Zappa would write down for each request from where it came and what was asked, signed links included.
LOGGING = LOGGING | {
    "formatters": {"line": {"()": "kernel.logs.JsonFormatter"}},
    "loggers": LOGGING["loggers"] | {name: {"level": "WARNING"} for name in ("zappa", "zappa.handler", "zappa.wsgi")},
}
MIDDLEWARE = ["kernel.web.middleware.CompressionMiddleware", *MIDDLEWARE]
# Pages name each file by its content, from a list that `manage.py deploy` or `collect_files` has made.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# Browsers take a cookie of such a name only from this very host, over HTTPS: no neighbouring host can plant one.
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
KNOWN_BROWSER_COOKIE_NAME = "__Host-known-browser"
