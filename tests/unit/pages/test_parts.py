"""Template tags: what they write of what they are given."""

from pages.parts import Slot, slot_choices


def test_each_time_is_a_choice_and_one_is_chosen() -> None:
    first, second = slot_choices("start", [Slot("T09:00Z", "9:00"), Slot("T09:15Z", "9:15", True)]).splitlines()
    assert first == '<label class="slot"><input type="radio" name="start" value="T09:00Z" required /> 9:00</label>'
    assert 'value="T09:15Z" checked required' in second


def test_words_of_a_time_are_no_markup() -> None:
    assert "<b>" not in slot_choices("<b>", [Slot("<b>", "<b>")])
