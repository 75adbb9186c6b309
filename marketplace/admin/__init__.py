"""The admin of the marketplace: the site that every app's admin classes are registered at, and what no app owns.

Loaded by the first request to `/admin/`, and by nothing else: see `marketplace.urls`.
"""
