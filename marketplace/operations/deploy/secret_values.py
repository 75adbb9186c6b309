"""A stage's secrets: made here once, kept in the Parameter Store, and changed without ending anybody's session."""

import contextlib
import secrets

from kernel.aws import client
from marketplace.settings.env import resource_prefix
from marketplace.settings.secret_store import NAMES


def secrets_path(stage: str) -> str:
    """Where the stage's functions find them."""
    return f"/{resource_prefix(stage)}marketplace"


def ensure_secret(stage: str, setting: str) -> str:
    """The secret by the name of its setting, made now if there is none."""
    parameters, name = client("ssm"), _name(stage, setting)
    with contextlib.suppress(parameters.exceptions.ParameterAlreadyExists):
        parameters.put_parameter(Name=name, Value=secrets.token_urlsafe(48), Type="SecureString", Overwrite=False)
    return str(parameters.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


def keep_secret(stage: str, setting: str, value: str) -> None:
    """Write the secret down, in the place of another one."""
    client("ssm").put_parameter(Name=_name(stage, setting), Value=value, Type="SecureString", Overwrite=True)


def rotate_key(stage: str) -> None:
    """Make another signing key; what the present one has signed still counts, until the next rotation."""
    keep_secret(stage, "SECRET_KEY_BEFORE", ensure_secret(stage, "SECRET_KEY"))
    keep_secret(stage, "SECRET_KEY", secrets.token_urlsafe(48))


def _name(stage: str, setting: str) -> str:
    return f"{secrets_path(stage)}/{NAMES[setting]}"
