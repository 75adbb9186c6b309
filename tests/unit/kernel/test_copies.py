"""A process that is a copy of another has nothing in common with it that would be two's."""

import random

from kernel import copies
from kernel.aws import client
from kernel.storage import shared_transport


def test_a_copy_has_clients_a_transport_and_chances_of_its_own() -> None:
    chances, queues, tables = random.getstate(), client("sqs"), shared_transport()
    copies.begin_anew()
    assert random.getstate() != chances
    assert client("sqs") is not queues
    assert shared_transport() is not tables
    # Other tests are to find none that this one has made.
    copies.begin_anew()
