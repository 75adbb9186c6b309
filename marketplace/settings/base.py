"""Settings shared by every environment: safe by default, nothing here knows about the embedded cloud."""

from pathlib import Path
from typing import Any

from marketplace.settings.env import BASE_DIR, drop_empty, env, media_bucket_name, resource_prefix

SITE_NAME = env.str("SITE_NAME", default="Lintel")
STAGE = env.str("STAGE", default="local")

DEBUG = False
ALLOWED_HOSTS: list[str] = []
ROOT_URLCONF = "marketplace.urls"
# Addresses that only some stages have, such as a laptop's inbox.
EXTRA_URLCONF: str | None = None
WSGI_APPLICATION = "marketplace.wsgi.application"
APPEND_SLASH = False

# From left to right, as they may import each other. What an app takes part in is found by the names of its modules
# (kernel/registry.py): adding an app is a line here.
APPS = ["accounts", "photos", "catalog", "bookings", "reviews", "notifications", "pages"]

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "kernel",
    "marketplace",
    *APPS,
]

MIDDLEWARE = [
    "kernel.web.middleware.PatienceMiddleware",
    "kernel.web.middleware.BodilessHeadMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kernel.web.security_headers.SecurityHeadersMiddleware",
    "kernel.web.middleware.UnreadableRequestMiddleware",
    "kernel.web.charsets.CharsetMiddleware",
    "kernel.web.maintenance.MaintenanceMiddleware",
    "accounts.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.SessionUserMiddleware",
    "accounts.middleware.MessageMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "accounts.middleware.ObservingMiddleware",
    "kernel.web.problems.DomainErrorMiddleware",
]

TEMPLATE_LOADERS = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                # A partial of a template has the address `template.html#partial`.
                (
                    "template_partials.loader.Loader",
                    [("django.template.loaders.cached.Loader", TEMPLATE_LOADERS)],
                ),
            ],
            "builtins": ["template_partials.templatetags.partials", "pages.parts"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kernel.web.context.site",
                "pages.navigation.navigation",
            ],
        },
    }
]

# All data is in DynamoDB: there is no SQL database, and nothing may ask for one.
DATABASES: dict[str, dict[str, object]] = {}

# --- People ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.CognitoBackend"]
LOGIN_URL = "accounts:sign-in"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.validators.CharacterKindsValidator"},
]

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
# Tells the browsers in which somebody signed in before from all others; it lets nobody in.
KNOWN_BROWSER_COOKIE_NAME = "known-browser"
CSRF_FAILURE_VIEW = "kernel.web.problems.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# How many proxies of our own stand before the application and append to X-Forwarded-For.
TRUSTED_PROXY_HOPS = env.int("TRUSTED_PROXY_HOPS", default=0)
# What the outermost of several proxies (CloudFront) sends in the header X-Front-Secret: only with it are all of them
# believed, for a client that calls the inner proxy itself could write anything before it.
FRONT_SECRET = env.str("FRONT_SECRET", default="")
# Multiplies what every rate limit allows: more for a load test or a large site.
RATE_LIMIT_SCALE = env.int("RATE_LIMIT_SCALE", default=1)
# Multiplies how many requests and bookings one customer may have: promises to providers, and no guard against load.
BOOKING_LIMIT_SCALE = 1

# Whether the admin is closed to those who sign in with a password alone.
ADMIN_NEEDS_SECOND_FACTOR = env.bool("ADMIN_NEEDS_SECOND_FACTOR", default=True)

# How far the clock of this process is ahead: for tests and journeys, which cannot wait for an appointment.
CLOCK_OFFSET_SECONDS = env.int("CLOCK_OFFSET_SECONDS", default=0)

# Whether the site is closed for a while: everything but the health checks is answered with 503, and how soon to come
# back.
MAINTENANCE = env.bool("MAINTENANCE", default=False)
MAINTENANCE_RETRY_SECONDS = env.int("MAINTENANCE_RETRY_SECONDS", default=600)

# --- What a request may be --------------------------------------------------------------------------------------------

FILE_UPLOAD_HANDLERS = ["kernel.web.uploads.NoUploads"]
# Of a form; the API has a limit of its own.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# --- Headers --------------------------------------------------------------------------------------------------------

# Nothing from elsewhere, and no script or style inside of a page.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
# Swagger UI is others' page, with style attributes and images of its own; still no scripts.
API_PAGES_CSP = SECURE_CSP | {"style-src": ["'self'", "'unsafe-inline'"], "img-src": ["'self'", "data:"]}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = "camera=(), display-capture=(), geolocation=(self), microphone=(), payment=(), usb=()"

# --- Languages and time ---------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
# A stranger's choice outlives the browser's session.
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
# Before the catalogues of other packages, which say some of the same words in their own sense.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "pages" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

# --- AWS -----------------------------------------------------------------------------------------------------------

AWS_REGION = env.str("AWS_REGION", default="us-east-1")
# None means AWS itself. A laptop and the tests name the embedded cloud here; nothing else tells the two apart.
AWS_ENDPOINT_URL: str | None = env.str("AWS_ENDPOINT_URL", default=None)
# Where DynamoDB alone is, if not there.
AWS_ENDPOINT_URL_DYNAMODB: str | None = env.str("AWS_ENDPOINT_URL_DYNAMODB", default=None)
# Who vouches for AWS, where a proxy looks into what is encrypted. botocore's clients read these variables themselves.
drop_empty("AWS_ENDPOINT_URL_DYNAMODB", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
AWS_CA_BUNDLE = env.str("AWS_CA_BUNDLE", default="") or env.str("REQUESTS_CA_BUNDLE", default="")
AWS_USE_FIPS_ENDPOINT = env.bool("AWS_USE_FIPS_ENDPOINT", default=False)
AWS_USE_DUALSTACK_ENDPOINT = env.bool("AWS_USE_DUALSTACK_ENDPOINT", default=False)
# Tables, topics and queues carry the stage as a prefix outside production.
RESOURCE_PREFIX = resource_prefix(STAGE)
# And behind the names of tables that were restored stands of when they are; nothing behind the first ones'.
TABLES_GENERATION = env.str("TABLES_GENERATION", default="")
# Whom terms and privacy name.
OPERATOR_NAME = env.str("OPERATOR_NAME", default="")
OPERATOR_ADDRESS = env.str("OPERATOR_ADDRESS", default="")
# Who is told of alarms; empty for nobody.
OPERATOR_EMAIL = env.str("OPERATOR_EMAIL", default="")
# For `manage.py deploy`: the zone of Route 53 that gets the records of the site's own name, and whether a firewall
# stands before the site.
HOSTED_ZONE_ID = env.str("HOSTED_ZONE_ID", default="")
WITH_FIREWALL = env.bool("WITH_FIREWALL", default=False)
# The same: whether the web function starts from a snapshot (SnapStart), requests are traced (X-Ray), and the functions
# are in a network of their own (VPC).
WITH_SNAPSTART = env.bool("WITH_SNAPSTART", default=False)
WITH_TRACING = env.bool("WITH_TRACING", default=False)
WITH_NETWORK = env.bool("WITH_NETWORK", default=False)
# Dollars that the account may cost in a month before the operator is told; 0 for no limit.
MONTHLY_BUDGET = env.int("MONTHLY_BUDGET", default=0)
# Called with the name and the template of each stack after `manage.py provision` has deployed it.
AFTER_STACK_UPDATE: str | None = None

# A request lives at most 29 s behind API Gateway: give up early enough to answer with a clear 503.
DYNAMODB_CONNECT_TIMEOUT_SECONDS = 1.0
# From connecting to the last byte of an answer.
DYNAMODB_READ_TIMEOUT_SECONDS = 2.0
DYNAMODB_MAX_ATTEMPTS = 2
# For all that one request of a visitor reads and writes.
DYNAMODB_PATIENCE_SECONDS = 6.0
DYNAMODB_MAX_POOL_CONNECTIONS = 50

COGNITO_USER_POOL_ID = env.str("COGNITO_USER_POOL_ID", default="")
# The site's own client at the pool: it has a secret, and its tokens never leave the server.
COGNITO_CLIENT_ID = env.str("COGNITO_CLIENT_ID", default="")
COGNITO_CLIENT_SECRET = env.str("COGNITO_CLIENT_SECRET", default="")
# The client of programs that call the API, the only one whose tokens the API accepts.
COGNITO_API_CLIENT_ID = env.str("COGNITO_API_CLIENT_ID", default="")
COGNITO_ISSUER = f"https://cognito-idp.{AWS_REGION}.amazonaws.com/{COGNITO_USER_POOL_ID}"
COGNITO_JWKS_URL = (
    f"{AWS_ENDPOINT_URL}/{COGNITO_USER_POOL_ID}/.well-known/jwks.json"
    if AWS_ENDPOINT_URL
    else f"{COGNITO_ISSUER}/.well-known/jwks.json"
)

# What `manage.py provision` made for events and tasks. Only the functions that use one need it.
BOOKING_EVENTS_TOPIC_ARN = env.str("BOOKING_EVENTS_TOPIC_ARN", default="")
NOTIFICATIONS_QUEUE_ARN = env.str("NOTIFICATIONS_QUEUE_ARN", default="")
TASKS_QUEUE_ARN = env.str("TASKS_QUEUE_ARN", default="")
STREAM_FAILURES_QUEUE_ARN = env.str("STREAM_FAILURES_QUEUE_ARN", default="")
EMAIL_FEEDBACK_QUEUE_ARN = env.str("EMAIL_FEEDBACK_QUEUE_ARN", default="")

# Private files such as invoices.
DOCUMENTS_BUCKET_NAME = env.str("DOCUMENTS_BUCKET_NAME", default="")
# Photos, and what browsers upload.
MEDIA_BUCKET_NAME = media_bucket_name()
STORAGES = {
    "documents": {"BACKEND": "kernel.documents.DocumentStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# --- Mail ----------------------------------------------------------------------------------------------------------

# The public address of the site, which links in emails lead to.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000")
EMAIL_BACKEND = "notifications.emails.mail.SesBackend"
EMAIL_FROM_ADDRESS = env.str("EMAIL_FROM_ADDRESS", default="no-reply@lintel.example")
# Through it SES reports bounces and complaints.
AWS_SES_CONFIGURATION_SET: str | None = env.str("EMAIL_CONFIGURATION_SET", default=None)
# django-ses would ask SES for its limits and sleep; SES's refusal goes through the queue's retry instead.
AWS_SES_AUTO_THROTTLE = None

# Where a laptop's embedded cloud leaves the emails that it takes, for the page /inbox; None: there is no such page.
INBOX_DIR: Path | None = None

# --- API -----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.CognitoAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["kernel.web.throttling.ApiThrottle"],
    "DEFAULT_PERMISSION_CLASSES": ["kernel.web.permissions.DenyAll"],
    "DEFAULT_RENDERER_CLASSES": [
        "kernel.web.json_format.ORJSONRenderer",
        "kernel.web.browsable_api.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["kernel.web.json_format.ORJSONParser"],
    "EXCEPTION_HANDLER": "kernel.web.problems.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "kernel.web.schema.ProblemAutoSchema",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
    "URL_FORMAT_OVERRIDE": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": "Find local service providers, book an appointment and follow it to payment.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    # Paths begin at the root of whichever host answers.
    "SERVERS": [{"url": "/"}],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Enumerations stay with the fields that have them; naming each of them is the default hook's work.
    "POSTPROCESSING_HOOKS": ["marketplace.api_examples.add_examples"],
    "PREPROCESSING_HOOKS": ["accounts.openapi.keep_endpoints"],
}

# Whether events are counted in the log, in the form that CloudWatch makes metrics of.
COUNTS_EVENTS = False
# Where a laptop keeps these lines in place of the log, for the page /metrics; None: they are in the log.
METRICS_DIR: Path | None = None

# --- Logs ----------------------------------------------------------------------------------------------------------

# botocore and PynamoDB print whole requests, personal data included, at DEBUG: they are never let below INFO.
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "botocore": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "pynamodb": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
