"""Finding a service: search and its results."""
