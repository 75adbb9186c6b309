"""Reviews of completed bookings and the provider's answers to them.

Public modules: `domain`, `services`, `queries`.
"""
