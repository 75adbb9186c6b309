import io
import zipfile
from collections.abc import Iterator

import pytest
from django.conf import settings

from kernel.aws import client
from marketplace.operations.deploy.names import events_function


@pytest.fixture
def function() -> Iterator[str]:
    """The name of an events function that does nothing, with nothing that feeds or calls it."""
    name = events_function(settings.STAGE)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as package:
        package.writestr("events.py", "def handle(event, context):\n    return {'batchItemFailures': []}\n")
    client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role="arn:aws:iam::000000000000:role/test-events-function",
        Handler="events.handle",
        Code={"ZipFile": code.getvalue()},
        Environment={"Variables": {"STAGE": "test"}},
    )
    yield name
    for mapping in client("lambda").list_event_source_mappings(FunctionName=name)["EventSourceMappings"]:
        client("lambda").delete_event_source_mapping(UUID=mapping["UUID"])
    client("lambda").delete_function(FunctionName=name)
