"""The WSGI application that gunicorn and the web function serve.

A server loads it whole: no request waits for an import. A function answers one request, for which somebody waits, from
nothing: pages and the API of each app are loaded when one of their addresses is asked for, so that no other call pays.
"""

import gc
import os

# Nothing that is loaded here is ever garbage: looking for some meanwhile is a tenth of a cold start, and looking
# through it all again later stops a request for 70 ms now and then.
gc.disable()

from django.core.wsgi import get_wsgi_application  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.production")

from kernel.web.charsets import without_other_charsets  # noqa: E402
from marketplace.settings.env import starts_from_snapshot  # noqa: E402

application = without_other_charsets(get_wsgi_application())

from django.urls import get_resolver, reverse  # noqa: E402

from kernel.storage import shared_transport  # noqa: E402

_ = get_resolver().url_patterns
if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ or starts_from_snapshot():
    # To name one address Django loads all but the admin. Nobody waits while a snapshot is made.
    reverse("home")
    reverse("admin:index")
shared_transport()

gc.freeze()
gc.enable()
