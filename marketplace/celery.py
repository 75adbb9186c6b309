"""Where `celery --app=marketplace.celery` finds the application."""

from marketplace.background.worker import app

__all__ = ["app"]
