"""Ids: derived, composite, recognisable."""

import re

from hypothesis import given
from hypothesis import strategies as st

from kernel import ids


@given(st.text())
def test_a_user_always_owns_the_same_provider_id(user_id: str) -> None:
    provider_id = ids.provider_id_for(user_id)
    assert provider_id == ids.provider_id_for(user_id)
    assert ids.is_provider_id(provider_id)


def test_the_derivation_never_changes_because_stored_ids_depend_on_it() -> None:
    assert ids.provider_id_for("x") == "tknczbv6dzq3"
    assert ids.derived_child_id("tknczbv6dzq3", "a") == ids.derived_child_id("tknczbv6dzq3", "a")
    assert ids.derived_child_id("tknczbv6dzq3", "a") != ids.derived_child_id("tknczbv6dzq3", "b")


def test_a_child_id_names_its_provider() -> None:
    provider_id = ids.provider_id_for("someone")
    for child_id in (ids.new_child_id(provider_id), ids.derived_child_id(provider_id, "seed")):
        assert ids.parent_provider_id(child_id) == provider_id


def test_fresh_child_ids_differ() -> None:
    provider_id = ids.provider_id_for("someone")
    assert len({ids.new_child_id(provider_id) for _ in range(1000)}) == 1000


@given(st.text(max_size=40))
def test_other_text_is_no_child_id(text: str) -> None:
    well_formed = re.fullmatch(r"[0-9a-hjkmnp-tv-z]{12}-[0-9a-hjkmnp-tv-z]{14}", text)
    assert (ids.parent_provider_id(text) is not None) == (well_formed is not None)


def test_a_trailing_newline_is_no_part_of_an_id() -> None:
    provider_id = ids.provider_id_for("someone")
    assert not ids.is_provider_id(provider_id + "\n")
    assert ids.parent_provider_id(ids.new_child_id(provider_id) + "\n") is None
