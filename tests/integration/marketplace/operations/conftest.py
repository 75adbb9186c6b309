import io
import zipfile
from collections.abc import Iterator

import pytest
from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.names import events_function, web_function

_EVENTS = "def handle(event, context):\n    return {'batchItemFailures': []}\n"
_WEB = "def handle(event, context):\n    return {'statusCode': 200, 'body': event['path']}\n"


@pytest.fixture
def function() -> Iterator[str]:
    """The name of an events function that does nothing, with nothing that feeds or calls it."""
    yield from _function(events_function(settings.STAGE), _EVENTS)


@pytest.fixture
def web() -> Iterator[str]:
    """The name of a web function that answers the path that was asked for."""
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
