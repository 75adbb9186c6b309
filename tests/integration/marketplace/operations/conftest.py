import io
import zipfile
from collections.abc import Iterator

import pytest
from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.names import events_function, web_function

_EVENTS = "def handle(event, context):\n    return 0 if 'job' in event else {'batchItemFailures': []}\n"
_WEB = """
import json
def handle(event, context):
    if event["path"] == "/picture":
        picture = {"body": "iVBORw==", "isBase64Encoded": True, "headers": {"Content-Type": "image/png"}}
        return {"statusCode": 200, **picture}
    headers = {name.lower(): values for name, values in event["multiValueHeaders"].items()}
    seen = {name: event[name] for name in ("path", "httpMethod", "body", "multiValueQueryStringParameters")}
    answer = {"Content-Type": ["application/json"], "Set-Cookie": ["a=1", "b=2"], "Cache-Control": ["no-store"]}
    return {"statusCode": 200, "body": json.dumps(seen | {"headers": headers}), "multiValueHeaders": answer}
"""


@pytest.fixture
def function() -> Iterator[str]:
    """The name of an events function that does nothing, with nothing that feeds or calls it."""
    yield from _function(events_function(settings.STAGE), _EVENTS)


@pytest.fixture
def web() -> Iterator[str]:
    """The name of a web function that answers what it was asked."""
    yield from _function(web_function(settings.STAGE), _WEB)


@pytest.fixture(scope="module")
def lasting_web(cloud: str) -> Iterator[str]:
    """The same, for tests of a module that leave it as it is."""
    yield from _function(web_function(settings.STAGE), _WEB)


def _function(name: str, source: str) -> Iterator[str]:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("function.py", source)
    client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=f"arn:aws:iam::000000000000:role/{name}",
        Handler="function.handle",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"STAGE": "test"}},
    )
    yield name
    for mapping in client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
        client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    client("lambda").delete_function(FunctionName=name)
