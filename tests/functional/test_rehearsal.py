"""`make rehearse`, from the package to the mail and back to nothing."""

import re
import shutil
import subprocess

import pytest

from marketplace.operations.deploy.packaging import BUDGET_MB, EVENTS_BUDGET_MB, THIS_PYTHON
from marketplace.operations.deploy.zappa import resolved
from marketplace.settings.env import BASE_DIR


@pytest.mark.timeout(1200)
def test_a_booking_lives_its_life_on_a_deployed_site(is_torture: bool) -> None:
    make = shutil.which("make")
    assert make
    verb = ["rehearse", "REHEARSAL=--long"] if is_torture else ["rehearse"]
    done = subprocess.run([make, *verb], cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    for step in (
        "modules load from it alone",
        "lintel-rehearsal-events: updated",
        "loads on Lambda",
        # The update has left the rules alone.
        "rehearsal-marketplace-schedules: up to date",
        'rehearsal-reconcile calls with {"job": "reconcile"}, which did 0',
        "all that the site stands on answers",
        "it is confirmed",
        "the customer's mail is there, with a calendar entry",
        "its invoice INV-00001 downloaded",
        "the receipt is there, with the invoice",
        "a booking was made on pages",
        "and confirmed there; its mail is there, too",
        "the functions' logs tell of nobody",
        "nothing else is allowed but what permissions.py tells",
        "files that it loads are there",
        "rollback: lintel-rehearsal-events: runs the release of",
        "status: rehearsal-marketplace-edge: ",
        "lintel-rehearsal-events: removed",
        "the cloud is empty",
    ):
        assert step in done.stdout
    # What has never run is silent, and would be told of.
    assert done.stdout.index("a job has run") < done.stdout.index("rehearsal-marketplace-alarms: CREATE_COMPLETE")
    if is_torture:
        assert "updated under load: nothing was lost" in done.stdout
        assert "restored: a booking lived on the restored tables" in done.stdout
    assert "not whole" not in done.stdout
    packages = re.findall(r"package: functions\S*: ([\d.]+) MB, ([\d.]+) MB unpacked, for (\S+)", done.stdout)
    lambda_python = resolved("production")["runtime"]
    assert [runtime for _, _, runtime in packages] == [THIS_PYTHON, THIS_PYTHON, lambda_python, lambda_python]
    # The web function's, then the events function's.
    for (zipped_mb, unpacked_mb, _), budget_mb in zip(packages, [BUDGET_MB, EVENTS_BUDGET_MB] * 2, strict=True):
        assert 0 < float(zipped_mb) <= budget_mb[0]
        assert 0 < float(unpacked_mb) <= budget_mb[1]
