"""The booking: from request to payment, its claims on the provider's time, its history.

Public modules: `domain`, `services`, `queries`.
"""
