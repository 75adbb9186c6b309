"""Cells of an export."""

from datetime import UTC, datetime

import pytest

from kernel.dynamo_admin.exports import cell, csv_lines


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t",
        "\r1",
        "\n1",
        "  =1",
        "|calc",
        "%x",
        "＝1",  # noqa: RUF001
        "=HYPERLINK(1)",
    ],
)
def test_a_text_that_a_spreadsheet_would_calculate_is_a_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Lawn;=1+1", "Lawn;'=1+1"),
        ("Lawn; @SUM(A1)", "Lawn;' @SUM(A1)"),
        ("Lawn\r\n-1", "Lawn\r\n'-1"),
        ("\t=1", "'\t'=1"),
        ("Lawn;hedge\n\nand more", "Lawn;hedge\n\nand more"),
    ],
)
def test_nor_does_one_that_divides_cells_elsewhere(text: str, expected: str) -> None:
    assert cell(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-5, "-5"),
        (None, ""),
        (True, "True"),
        ("Ada Park", "Ada Park"),
        ("", ""),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
    ],
)
def test_other_values_stand_as_they_are(value: object, expected: str) -> None:
    assert cell(value) == expected


def test_lines_quote_what_csv_would_misread() -> None:
    assert list(csv_lines([["a,b", 'say "hi"']])) == ['"a,b","say ""hi"""\r\n']
