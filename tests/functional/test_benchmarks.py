"""`python -m benchmarks` works from end to end. Its timings are not judged here: other tests run beside it."""

import subprocess
import sys
from pathlib import Path

import orjson

from marketplace.settings.env import BASE_DIR


def test_the_benchmarks_measure_every_figure_and_count_exactly(tmp_path: Path) -> None:
    results = tmp_path / "latest.json"

    process = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", f"--output={results}"],
        cwd=BASE_DIR,
        check=False,
        capture_output=True,
        text=True,
        timeout=280,
    )

    assert process.returncode in (0, 1), process.stderr
    assert "round trips and capacity" in process.stdout
    figures = {figure["name"]: figure for figure in orjson.loads(results.read_bytes())["figures"]}
    assert {"POST bookings ÷ raw TransactWriteItems", "cold start ÷ bare boto3 function"} <= figures.keys()
    assert "write → both emails in the inbox, p95" in figures
    counted = [name for name in figures if name.startswith(("round trips: ", "write capacity: "))]
    assert len(counted) > 20
    assert [name for name in counted if figures[name]["verdict"] != "met"] == []
    # Any missed budget, and nothing else, makes the exit code 1.
    assert process.returncode == any(figure["verdict"] == "MISSED" for figure in figures.values())
