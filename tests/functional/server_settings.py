"""The server profile's settings for a test, whose static files are in a folder of its own."""

from marketplace.settings.env import env
from marketplace.settings.server import *  # noqa: F403

STATIC_ROOT = env.str("STATIC_FOLDER")
# Files that the test's own processes are given; a busy machine is no reason for an answer of 503.
DYNAMODB_READ_TIMEOUT_SECONDS = 20.0
DYNAMODB_PATIENCE_SECONDS = 120.0
