"""Fonts for the scripts of invoices: kept in the documents bucket by a command, read when a document needs them."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import bookings.invoices
from bookings.services import fonts

# It has Hebrew and Arabic.
PACKAGED = Path(bookings.invoices.__file__).with_name("fonts") / "DejaVuSansCondensed.ttf"


def keep(*given: str) -> str:
    told = StringIO()
    call_command("fonts", *given, stdout=told)
    return told.getvalue()


def test_a_font_is_kept_replaced_and_found(cloud: object) -> None:
    assert "kept fonts/hebrew.ttf" in keep(f"hebrew={PACKAGED}")
    assert "kept fonts/hebrew-bold.ttf" in keep(f"hebrew={PACKAGED}", f"hebrew-bold={PACKAGED}")

    assert fonts.find_font("fonts/hebrew.ttf") == PACKAGED.read_bytes()
    assert fonts.find_font("fonts/thai.ttf") is None


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (f"klingon={PACKAGED}", "The scripts are"),
        (f"thai={PACKAGED}", "The font lacks"),
        (f"thai={__file__}", "TrueType"),
        ("thai=/nowhere.ttf", "No such file"),
        ("thai", "directory"),
    ],
)
def test_what_is_no_font_of_a_script_is_refused(cloud: object, given: str, refusal: str) -> None:
    with pytest.raises(CommandError, match=refusal):
        keep(given)
