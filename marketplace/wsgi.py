"""The WSGI application that gunicorn and the web function serve, loaded whole: no request waits for an import."""

import gc
import os

# Nothing that is loaded here is ever garbage: looking for some meanwhile is a tenth of a cold start, and looking
# through it all again later stops a request for 70 ms now and then.
gc.disable()

from django.core.wsgi import get_wsgi_application  # noqa: E402

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings.production")

application = get_wsgi_application()

from django.urls import get_resolver  # noqa: E402

from marketplace.kernel.aws import dynamodb_client  # noqa: E402

_ = get_resolver().url_patterns
dynamodb_client()

gc.freeze()
gc.enable()
