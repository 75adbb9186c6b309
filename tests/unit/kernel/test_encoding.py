"""JSON as the marketplace writes it."""

from datetime import UTC, datetime

import orjson
import pytest
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import to_rfc3339
from kernel.encoding import to_json


@given(st.datetimes(timezones=st.just(UTC)))
def test_instants_are_written_as_they_are_stored(instant: datetime) -> None:
    assert orjson.loads(to_json({"at": instant})) == {"at": to_rfc3339(instant)}


def test_text_that_is_translated_late_is_written_in_the_active_language() -> None:
    assert to_json([gettext_lazy("Close your account")], indent=True) == b'[\n  "Close your account"\n]'


def test_what_json_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json({"a": object()})
