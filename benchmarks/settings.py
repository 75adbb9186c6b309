"""The test settings for processes that are served: the environment names their cloud and who signs their tokens."""

from marketplace.settings.env import env
from marketplace.settings.test import *  # noqa: F403

# A function has none of the laptop's own pages.
EXTRA_URLCONF = None
AWS_ENDPOINT_URL = env.str("AWS_ENDPOINT_URL")
COGNITO_API_CLIENT_ID = env.str("COGNITO_API_CLIENT_ID", default="")
COGNITO_ISSUER = env.str("COGNITO_ISSUER", default="")
COGNITO_JWKS_URL = env.str("COGNITO_JWKS_URL", default="")
