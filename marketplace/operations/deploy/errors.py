"""What a deployment raises, whichever part of it does not succeed."""


class DeploymentError(Exception):
    """A step did not succeed; the message says which, and what was said about it."""
