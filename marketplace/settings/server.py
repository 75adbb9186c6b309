"""A server of one's own beside AWS: a deployed stage whose queues, clock and static files are served by processes."""

from marketplace.settings.env import env
from marketplace.settings.production import *  # noqa: F403

# Read by the pump, in the place of Lambda.
NOTIFICATIONS_QUEUE_ARN = env.str("NOTIFICATIONS_QUEUE_ARN")
STREAM_FAILURES_QUEUE_ARN = env.str("STREAM_FAILURES_QUEUE_ARN")
EMAIL_FEEDBACK_QUEUE_ARN = env.str("EMAIL_FEEDBACK_QUEUE_ARN")

# No bucket and no edge has them: the web server answers for them itself.
EXTRA_URLCONF = "marketplace.serving.urls"
