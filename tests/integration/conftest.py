import pytest


@pytest.fixture(scope="session", autouse=True)
def _cloud(cloud: str) -> None:
    """Every test of this folder runs against the embedded cloud."""
