"""What the API's pages make of documents and bodies."""

from kernel.web.browsable_api import _example, _linked
from kernel.web.rest import PageQuery


def test_addresses_of_the_api_are_links_and_everything_is_escaped() -> None:
    shown = _linked('{"next": "/api/v1/bookings?cursor=a&limit=2", "name": "<b>", "other": "/elsewhere"}')

    assert '"<a href="/api/v1/bookings?cursor=a&amp;limit=2">/api/v1/bookings?cursor=a&amp;limit=2</a>"' in shown
    assert "&lt;b&gt;" in shown
    assert "<a" not in shown.partition("other")[2]


def test_a_body_to_begin_with_has_every_field() -> None:
    assert _example(PageQuery) == '{\n  "limit": 20,\n  "cursor": null\n}'
    assert _example(None) == "{}"
