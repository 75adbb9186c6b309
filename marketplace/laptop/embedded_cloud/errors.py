"""What can go wrong with the embedded cloud."""


class CloudError(Exception):
    """The embedded cloud cannot start or go on; the message is one line for the person at the keyboard."""
