"""A laptop: the embedded cloud, demo accounts, and pages that are the site's own when something fails, too."""

from marketplace.settings.env import (
    BASE_DIR,
    EMBEDDED_ACCOUNT,
    cloud_port,
    data_dir,
    env,
    local_media_bucket_name,
    read_env_file,
    set_defaults,
    web_port,
)

read_env_file(BASE_DIR / ".env")
# What `manage.py run` learned when it provisioned the embedded cloud.
read_env_file(data_dir() / "stack.env")
# The embedded cloud takes any credentials; an access key of 12 digits is the account's number.
set_defaults(
    AWS_ENDPOINT_URL=f"http://127.0.0.1:{cloud_port()}",
    AWS_ACCESS_KEY_ID=EMBEDDED_ACCOUNT,
    AWS_SECRET_ACCESS_KEY="embedded-cloud",  # noqa: S106
)
# Known before it is there: the embedded cloud opens its door to pages that upload, and to this bucket alone.
set_defaults(MEDIA_BUCKET_NAME=local_media_bucket_name())

from marketplace.settings.base import *  # noqa: E402, F403

# Django's debug pages tell any website that is open in the browser about this machine; tracebacks are in the log.
DEBUG = env.bool("DEBUG", default=False)
# Files, too: where it is deployed, they are compressed by what is in front.
MIDDLEWARE = ["kernel.web.middleware.CompressionMiddleware", *MIDDLEWARE]  # noqa: F405
# The reloader watches code, not templates: each is compiled again once its file has changed.
TEMPLATES[0]["OPTIONS"]["loaders"] = [  # noqa: F405
    (
        "template_partials.loader.Loader",
        [("marketplace.laptop.template_loader.FreshTemplatesLoader", TEMPLATE_LOADERS)],  # noqa: F405
    ),
]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
# Signs only cursors and cookies of a laptop's demo data.
SECRET_KEY = env.str("SECRET_KEY", default="insecure-key-of-the-local-stage-only-0123456789abcdef")
SITE_URL = env.str("SITE_URL", default=f"http://localhost:{web_port()}")
INBOX_DIR = data_dir() / "inbox"
COUNTS_EVENTS = True
METRICS_DIR = data_dir() / "metrics"
EXTRA_URLCONF = "marketplace.laptop.urls"
AFTER_STACK_UPDATE = "marketplace.laptop.embedded_cloud.gaps.close_gaps"
# The demo's admin has no authenticator app; the admin says on every page that it is open.
ADMIN_NEEDS_SECOND_FACTOR = env.bool("ADMIN_NEEDS_SECOND_FACTOR", default=False)
# Of the demo accounts, which exist on a laptop only.
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="Demo-Password-1")
# One person at one laptop plays everybody, and tries what many do at once.
RATE_LIMIT_SCALE = env.int("RATE_LIMIT_SCALE", default=100)
# For whoever fills a calendar by a program.
BOOKING_LIMIT_SCALE = env.int("BOOKING_LIMIT_SCALE", default=1)
