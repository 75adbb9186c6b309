"""Settings of processes whose cloud is behind the proxy of faults, but for S3: it spoils answers without a body."""

from benchmarks.settings import *  # noqa: F403
from marketplace.settings.env import env

STORAGES = {
    **STORAGES,  # noqa: F405
    "documents": {
        "BACKEND": "kernel.documents.DocumentStorage",
        "OPTIONS": {"endpoint_url": env.str("DOCUMENTS_ENDPOINT_URL")},  # type: ignore[dict-item]
    },
}
