"""The test run: as production where it can be, on an embedded cloud of its own that the run starts and names."""

from marketplace.settings.base import *  # noqa: F403

STAGE = "test"
RESOURCE_PREFIX = "test-"
# Nobody listens there: the fixture `cloud` starts the embedded cloud and names it.
AWS_ENDPOINT_URL = "http://127.0.0.1:9"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SECRET_KEY = "insecure-key-of-the-test-stage-only-0123456789abcdefgh"  # noqa: S105
# The tests all come from one address; those of the limits themselves set it to 1.
RATE_LIMIT_SCALE = BOOKING_LIMIT_SCALE = 1000
EXTRA_URLCONF = "marketplace.laptop.urls"
AFTER_STACK_UPDATE = "marketplace.laptop.embedded_cloud.gaps.close_gaps"
DEMO_PASSWORD = "Demo-Password-1"  # noqa: S105
# A busy machine is no reason for an answer of 503 in a test that is about something else.
DYNAMODB_READ_TIMEOUT_SECONDS = 20.0
DYNAMODB_PATIENCE_SECONDS = 120.0
