"""An app of a few lines, for tests: what an app needs to go from a write to an email.

It is no app of the site; `test_registry.py` adds it, and makes its table.
"""
