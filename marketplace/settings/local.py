"""A laptop: debug pages, the embedded cloud, demo accounts."""

from marketplace.settings.env import data_dir, env, read_stack_outputs

read_stack_outputs(data_dir() / "stack.env")

from marketplace.settings.base import *  # noqa: E402, F403

DEBUG = True
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
# Signs only cursors and cookies of a laptop's demo data.
SECRET_KEY = env.str("SECRET_KEY", default="insecure-key-of-the-local-stage-only-0123456789abcdef")
