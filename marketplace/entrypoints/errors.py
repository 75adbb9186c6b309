"""What the functions' entrypoints refuse."""


class UnknownSourceError(Exception):
    """The event comes from nowhere that this function serves. Raising keeps it: its source will try again."""
