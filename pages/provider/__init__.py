"""A provider's working day."""
