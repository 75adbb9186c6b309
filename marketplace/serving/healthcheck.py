"""`python -m marketplace.serving.healthcheck [ADDRESS]`: exit code 0 if it answers 200, by default the web server here.

For containers, which need no other program for it.
"""

import http.client
import sys
from urllib.parse import urlsplit

from marketplace.settings.env import site_url

_WEB_SERVER = "http://127.0.0.1:8000/health"
_PATIENCE_SECONDS = 4


def main() -> None:
    address = urlsplit(sys.argv[1] if len(sys.argv) > 1 else _WEB_SERVER)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=_PATIENCE_SECONDS)
    # As the front asks: the site answers to its own name, and leads everybody else to HTTPS.
    headers = {"X-Forwarded-Proto": "https"}
    if address.path == urlsplit(_WEB_SERVER).path:
        headers["Host"] = urlsplit(site_url()).netloc
    try:
        connection.request("GET", address.path, headers=headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"no answer: {error}")
    if status != http.client.OK:
        sys.exit(f"the answer is {status}")


if __name__ == "__main__":
    main()
