"""Photos of providers, services and jobs: taken in by their bucket, checked, made small, and removed with their owners.

A photo is claimed for an owner in the transaction that adds it to the owner's item; what becomes of it is an event,
which the owner's item follows. Which owner may have which photos, and who sees them, is for the owners' apps.

Public modules: `domain`, `events`, `services`, `queries`.
"""
