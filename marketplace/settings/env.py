"""The only reader of the process environment.

Every value that a deployment may set is declared here, with its type and, where one is safe, its default.
A value without a default that is missing stops the start with an error that names it. `.env.example` lists
them all; a test keeps the two together.
"""

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parents[2]

# Of the embedded cloud.
EMBEDDED_ACCOUNT = "000000000000"

env = environ.Env()


def data_dir() -> Path:
    """The folder where a laptop's embedded cloud keeps its data (`DATA_DIR`), absolute."""
    return Path(BASE_DIR, env.str("DATA_DIR", default=".localcloud")).resolve()


def cloud_port() -> int:
    """The port of a laptop's embedded cloud (`CLOUD_PORT`)."""
    return _port(env.str("CLOUD_PORT", default="4566"), "CLOUD_PORT")


def cloud_bind() -> str:
    """The address on which a laptop's embedded cloud listens (`CLOUD_BIND`): any but the loopback is for containers."""
    return str(env.str("CLOUD_BIND", default="127.0.0.1"))


def cloud_hosts() -> list[str]:
    """Names, beside the loopback's, by which a laptop's embedded cloud may be spoken to (`CLOUD_HOSTS`)."""
    names: list[str] = env.list("CLOUD_HOSTS", default=[])
    return names


def media_bucket_name() -> str:
    """The bucket that the site's pages upload to (`MEDIA_BUCKET_NAME`); empty for none."""
    return str(env.str("MEDIA_BUCKET_NAME", default=""))


def local_media_bucket_name() -> str:
    """The media bucket's name in a laptop's embedded cloud, as `infrastructure/storage.yaml` makes it."""
    stage = env.str("STAGE", default="local")
    return f"{resource_prefix(stage)}media-{EMBEDDED_ACCOUNT}-{env.str('AWS_REGION', default='us-east-1')}"


def site_url() -> str:
    """The public address of the site (`SITE_URL`)."""
    return str(env.str("SITE_URL", default=f"http://localhost:{web_port()}"))


def web_port() -> int:
    """The port where `manage.py run` serves pages and API (`WEB_PORT`)."""
    return _port(env.str("WEB_PORT", default="8000"), "WEB_PORT")


def _port(text: str, name: str) -> int:
    if text.isdecimal() and 0 < int(text) < 65_536:
        return int(text)
    raise ImproperlyConfigured(f"{name} is {text!r}: give the number of a port, 1 to 65535")


def given(*names: str) -> dict[str, str]:
    """Those of the variables that the environment gives, as they are written there."""
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def starts_from_snapshot() -> bool:
    """Whether Lambda starts this process once for many: others will be restored from a snapshot of its memory."""
    # Set by Lambda.
    return os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"


def resource_prefix(stage: str) -> str:
    """What stands before every resource name, so that stages can share an account; production has none."""
    return "" if stage == "production" else f"{stage}-"


def set_defaults(**values: str) -> None:
    """Set what the environment leaves open, for libraries that read it themselves, as the AWS SDK does."""
    for name, value in values.items():
        os.environ.setdefault(name, value)


def drop_empty(*names: str) -> None:
    """Take variables that are set but empty out of the environment: to botocore, an empty AWS_CA_BUNDLE means that any
    certificate will do.
    """
    for name in names:
        if os.environ.get(name) == "":
            del os.environ[name]


def read_env_file(path: Path) -> None:
    """Take over NAME=value lines, if the file exists; what the environment already says wins."""
    if path.is_file():
        env.read_env(path, overwrite=False)
