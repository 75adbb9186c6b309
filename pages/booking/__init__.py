"""Booking an appointment, and following it: the pages of both sides."""
