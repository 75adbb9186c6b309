"""Providers, their services, working hours, availability and rating; the search over them.

Public modules: `domain`, `services`, `queries`. The provider is the aggregate: every change of its profile, hours or
services raises the provider's `version`, which a booking's transaction checks.
"""
