"""`make rehearse` from the package to the mail."""

import shutil
import subprocess

import pytest

from marketplace.settings.env import BASE_DIR


@pytest.mark.timeout(1200)
def test_a_booking_lives_its_life_on_a_deployed_site() -> None:
    make = shutil.which("make")
    assert make
    done = subprocess.run([make, "rehearse"], cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for step in (
        "modules load from it alone",
        "it is confirmed",
        "the customer's mail is there, with a calendar entry",
        "its invoice INV-00001 downloaded",
        "the receipt is there, with the invoice",
        "lintel-rehearsal-events: removed",
    ):
        assert step in done.stdout
