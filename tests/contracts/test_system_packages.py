"""What `make test` installs on a bare machine, as root: a browser, if only the one that there is."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.settings.env import BASE_DIR

SHELL = "chromium-headless-shell"
# Writes down what it is asked to install, and does not know the package that is refused.
APT = """#!/bin/sh
case "$*" in *update*) exit 0;; esac
echo "$@" | sed 's/.*--yes //' >> "{log}"
case "$*" in *{refused}*) exit 100;; esac
"""


@pytest.mark.parametrize(
    ("there", "refused", "asked"),
    [
        ((SHELL,), "none", []),
        ((), "none", [SHELL]),
        (("chromium",), SHELL, [SHELL]),
        ((), SHELL, [SHELL, "chromium"]),
    ],
    ids=["is there", "is installed", "cannot be had and another is there", "cannot be had"],
)
def test_a_browser_is_installed_unless_there_is_one(
    tmp_path: Path, there: tuple[str, ...], refused: str, asked: list[str]
) -> None:
    log = tmp_path / "asked"
    log.touch()
    for tool in ("make", "curl", "sh", "sed"):
        found = shutil.which(tool)
        if found:
            (tmp_path / tool).symlink_to(found)
    write(tmp_path / "id", "#!/bin/sh\necho 0\n")
    write(tmp_path / "apt-get", APT.format(log=log, refused=refused))
    for browser in there:
        write(tmp_path / browser, "#!/bin/sh\n")

    environment = {"PATH": str(tmp_path)}
    make = ["make", "--no-print-directory", "system-packages", f"PYTHON={sys.executable}"]
    done = subprocess.run(make, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert log.read_text().splitlines() == asked


def write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
