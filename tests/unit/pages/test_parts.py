"""Template tags: what they write of what they are given."""

from pages.parts import Day, Slot, day_choices, slot_choices


def test_each_time_is_a_choice_and_one_is_chosen() -> None:
    first, second = slot_choices("start", [Slot("T09:00Z", "9:00"), Slot("T09:15Z", "9:15", True)]).splitlines()
    assert first == '<label class="slot"><input type="radio" name="start" value="T09:00Z" required /> 9:00</label>'
    assert 'value="T09:15Z" checked required' in second


def test_words_of_a_time_are_no_markup() -> None:
    assert "<b>" not in slot_choices("<b>", [Slot("<b>", "<b>")])


def build_day(**values: object) -> Day:
    defaults: dict[str, object] = {"weekday": "Mon", "number": "7", "label": "Monday 7 June", "note": "3 free"}
    return Day(**{"value": "2027-06-07", "is_disabled": False, "is_chosen": False, **defaults, **values})  # type: ignore[arg-type]


def test_a_day_without_free_times_cannot_be_chosen_and_the_chosen_one_is_marked() -> None:
    free, full = day_choices(
        "day", [build_day(is_chosen=True), build_day(value="2027-06-08", is_disabled=True)]
    ).splitlines()
    assert 'id="day-2027-06-07" name="day" value="2027-06-07" checked />' in free
    assert 'id="day-2027-06-08" name="day" value="2027-06-08" disabled />' in full


def test_a_day_is_read_out_with_its_whole_date_and_what_is_free() -> None:
    row = day_choices("day", [build_day()])
    assert '<span class="visually-hidden">Monday 7 June,</span> <span class="day-free">3 free</span>' in row
    assert row.count('aria-hidden="true"') == 2


def test_words_of_a_day_are_no_markup() -> None:
    assert "<b>" not in day_choices("<b>", [build_day(weekday="<b>", number="<b>", label="<b>", note="<b>")])
