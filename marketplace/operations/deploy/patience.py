"""Asking Lambda for what takes longer than a request of the site may wait: a first start, a package on a slow line."""

from functools import cache
from typing import Any

from botocore.config import Config
from django.conf import settings

from kernel.aws import client_config, make_client

# How long a package is sent counts as connecting. No function of ours works for longer than the second.
_PATIENCE = Config(connect_timeout=60, read_timeout=170)


@cache
def patient_lambda() -> Any:
    """A client of Lambda's that asks once: what is asked for might have begun."""
    return make_client(
        "lambda",
        region=settings.AWS_REGION,
        endpoint_url=settings.AWS_ENDPOINT_URL,
        config=client_config(attempts=1).merge(_PATIENCE),
    )
