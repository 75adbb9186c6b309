"""Who may use what of whom, where import-linter's contracts in pyproject.toml cannot say it."""

import ast
from pathlib import Path

import grimp

from marketplace.settings.env import BASE_DIR

APPS = ("accounts", "photos", "catalog", "bookings", "reviews", "notifications")
# What one app may use of another.
PUBLIC_MODULES = {"domain", "events", "queries", "services", "words"}
# The edge of the API.
SHOWING_MODULES = {"representation", "serializers", "api", "photo_api"}
# ministack takes its settings from the environment alone, and a child process is given one.
MAY_TOUCH_THE_ENVIRONMENT = {
    "marketplace/background/worker.py",
    "marketplace/operations/deploy/functions.py",
    "marketplace/operations/deploy/rehearsal.py",
    "marketplace/operations/deploy/zappa.py",
    "marketplace/settings/env.py",
    "marketplace/laptop/embedded_cloud/server.py",
    "marketplace/laptop/supervision.py",
    "marketplace/wsgi.py",
}


def test_apps_use_only_the_public_modules_of_other_apps() -> None:
    graph = grimp.build_graph(*APPS, cache_dir=None)
    private_uses = {
        f"{importer} imports {imported}"
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if importer.split(".")[0] != imported.split(".")[0] and not _may_use(importer, imported)
    }
    assert not private_uses


def _may_use(importer: str, imported: str) -> bool:
    module, using = f"{imported}.".split(".")[1], f"{importer}.".split(".")[1]
    # In the admin, an object of one app refers to those of others; what the API shows of one has others in it.
    is_shown = module in ("representation", "serializers") and using in SHOWING_MODULES
    return module in PUBLIC_MODULES or module == using == "admin" or is_shown


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        path.relative_to(BASE_DIR).as_posix()
        for package in ("marketplace", "pages", "kernel", *APPS)
        for path in (BASE_DIR / package).rglob("*.py")
        if _mentions_environment(path)
    }
    assert readers <= MAY_TOUCH_THE_ENVIRONMENT


def _mentions_environment(path: Path) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv", "putenv")
        for node in ast.walk(ast.parse(path.read_text()))
    )
