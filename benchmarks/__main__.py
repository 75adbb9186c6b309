"""`python -m benchmarks`: measure everything and say whether the budgets hold."""

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import django

from benchmarks.report import Figure, table, write_json
from marketplace.laptop.embedded_cloud.client import endpoint_url, free_port, start_cloud
from marketplace.laptop.embedded_cloud.errors import CloudError

DEFAULT_RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> int:
    """Exit code 1 if a budget is missed."""
    options = _parse_arguments()
    _stay_on_one_processor()
    port = free_port()
    with tempfile.TemporaryDirectory() as inbox_dir:
        try:
            cloud = start_cloud(port=port, inbox_dir=Path(inbox_dir))
        except CloudError as error:
            sys.exit(f"benchmarks: {error}")
        try:
            figures = _measure(endpoint_url(port), Path(inbox_dir), quick=options.quick)
        finally:
            cloud.stop()
    print(f"\n{table(figures)}\n")
    write_json(options.output, figures, _machine())
    missed = [figure.name for figure in figures if figure.verdict == "MISSED"]
    budgets = sum(figure.budget is not None for figure in figures)
    print(f"{len(missed)} of {budgets} budgets missed", *missed, sep="\n  ")
    return 1 if missed else 0


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure the product's claims about speed and cost against an embedded cloud of its own.",
        epilog="docs/performance.md says what each figure means. Exit code 1: a budget was missed.",
    )
    parser.add_argument("--quick", action="store_true", help="a few rounds only: shows that it works, proves nothing")
    parser.add_argument("--output", type=Path, default=DEFAULT_RESULTS, help="where the figures go as JSON")
    return parser.parse_args()


def _stay_on_one_processor() -> None:
    """Client, server and cloud take turns, so that they need one; to wake another costs what its hypervisor takes."""
    if hasattr(os, "sched_setaffinity"):
        # The processes that are started from here stay on it, too.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _measure(cloud_url: str, inbox_dir: Path, *, quick: bool) -> list[Figure]:
    # Settings are read once, at setup, and need the cloud's address.
    os.environ.update(
        DJANGO_SETTINGS_MODULE="benchmarks.settings",
        AWS_ENDPOINT_URL=cloud_url,
        AWS_ACCESS_KEY_ID="000000000000",
        AWS_SECRET_ACCESS_KEY="embedded-cloud",  # noqa: S106
    )
    django.setup()
    from benchmarks.cold_start import measure_cold_start
    from benchmarks.hot_paths import measure_hot_paths
    from benchmarks.inbox import measure_inbox
    from benchmarks.pages import measure_pages
    from benchmarks.round_trips import measure_round_trips
    from benchmarks.site import running_site
    from benchmarks.working_day import measure_working_day

    rounds, warm_up, cold_rounds, inbox_rounds = (10, 2, 2, 2) if quick else (200, 30, 9, 40)
    figures: list[Figure] = []
    with running_site(cloud_url) as site:
        steps: dict[str, Callable[[], list[Figure]]] = {
            # First: what the others leave in the stream would be told, too.
            "inbox": lambda: measure_inbox(site, inbox_dir=inbox_dir, rounds=inbox_rounds),
            "working day": lambda: measure_working_day(site, rounds=rounds, warm_up=warm_up, live_rounds=inbox_rounds),
            "hot paths": lambda: measure_hot_paths(site, rounds=rounds, warm_up=warm_up),
            "pages": lambda: measure_pages(site, rounds=rounds, warm_up=warm_up),
            "round trips and capacity": lambda: measure_round_trips(site),
            "cold start": lambda: measure_cold_start(site, rounds=cold_rounds),
        }
        for number, (name, measure) in enumerate(steps.items(), start=1):
            started = time.monotonic()
            print(f"[{number}/{len(steps)}] {name} …", end=" ", flush=True)
            figures += measure()
            print(f"{time.monotonic() - started:.0f} s", flush=True)
    return figures


def _machine() -> dict[str, str]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
    }


if __name__ == "__main__":
    sys.exit(main())
