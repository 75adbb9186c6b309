from pathlib import Path

import orjson
import pytest

from benchmarks.report import Figure, table, write_json


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [(1.5, "stretch"), (1.51, "met"), (2.0, "met"), (2.01, "MISSED")],
)
def test_a_budget_is_an_upper_limit(measured: float, verdict: str) -> None:
    assert Figure("ratio", measured, "times", budget=2.0, stretch=1.5).verdict == verdict


def test_an_exact_budget_allows_nothing_less() -> None:
    assert Figure("units", 3, "units", budget=4, exact=True).verdict == "MISSED"
    assert Figure("units", 4, "units", budget=4, exact=True).verdict == "met"


def test_a_figure_without_budget_is_not_judged() -> None:
    assert Figure("modules", 900, "modules").verdict == ""


def test_the_table_has_a_line_per_figure_and_its_detail_below() -> None:
    lines = table([Figure("ratio", 1.234, "times", 2.0, detail="of 10 pairs"), Figure("calls", 1, "calls")])
    assert lines.splitlines()[2].split() == ["ratio", "1.23", "times", "2", "times", "met"]
    assert lines.splitlines()[3].strip() == "of 10 pairs"
    assert lines.splitlines()[4].split() == ["calls", "1", "calls"]


def test_the_file_says_what_was_measured_where(tmp_path: Path) -> None:
    path = tmp_path / "results" / "latest.json"
    write_json(path, [Figure("ratio", 3.0, "times", 2.0)], {"cores": "2"})
    content = orjson.loads(path.read_bytes())
    assert content["machine"] == {"cores": "2"}
    assert content["figures"][0]["verdict"] == "MISSED"
