"""Secrets of a deployed stage: in the Parameter Store alone, and read from there once, when a process starts.

By one signed request: the client of a service takes ten times as long to make, and is needed for nothing else.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.session import get_session
from django.core.exceptions import ImproperlyConfigured

# By the names of their settings. The second is there once the first was changed.
NAMES = {
    "SECRET_KEY": "secret-key",
    "SECRET_KEY_BEFORE": "secret-key-before",
    "FRONT_SECRET": "front-secret",
    "COGNITO_CLIENT_SECRET": "cognito-client-secret",
}
_TRIES = 4
_PAUSE_SECONDS = 0.2


def read_secrets(path: str, *, region: str, endpoint_url: str | None) -> dict[str, str]:
    """The secrets under the path, such as `/marketplace`, by the names of their settings; those that there are.

    Raises `ImproperlyConfigured` if the Parameter Store does not give them.
    """
    url = f"{endpoint_url or f'https://ssm.{region}.amazonaws.com'}/"
    names = {f"{path}/{name}": setting for setting, name in NAMES.items()}
    body = json.dumps({"Names": list(names), "WithDecryption": True})
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM.GetParameters"}
    session, credentials = URLLib3Session(timeout=3), get_session().get_credentials()
    if credentials is None:
        raise ImproperlyConfigured("SECRETS_PATH: there are no credentials to ask the Parameter Store with")
    problem = ""
    for attempt in range(_TRIES):
        request = AWSRequest("POST", url, data=body, headers=headers)
        SigV4Auth(credentials, "ssm", region).add_auth(request)
        try:
            answer = session.send(request.prepare())
        except BotoCoreError as error:
            problem = str(error)
        else:
            if answer.status_code == 200:
                return _found(json.loads(answer.content), names)
            # What was said names the role and what it may not do, and no secret.
            problem = answer.text
            if answer.status_code < 500 and "Throttl" not in problem:
                break
        time.sleep(_PAUSE_SECONDS * 2**attempt)
    raise ImproperlyConfigured(f"SECRETS_PATH: the Parameter Store does not give what is under {path}: {problem}")


def _found(answer: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    return {names[each["Name"]]: each["Value"] for each in answer["Parameters"]}
