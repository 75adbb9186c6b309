"""The web server of a laptop and of the server profile: gunicorn's configuration, and its worker."""
