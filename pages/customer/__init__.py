"""A customer's own pages: their bookings."""
