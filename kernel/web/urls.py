"""Addresses that are loaded when somebody asks for one of them."""

from django.urls.resolvers import RoutePattern, URLResolver


class DeferredResolver(URLResolver):
    """The addresses of a namespace, loaded by the first request for one of them, or when one of them is named.

    To name any address of the site, Django has each resolver collect its names; but what is in a namespace it looks up
    by the patterns of that namespace alone. So there is nothing to collect.
    """

    def __init__(self, route: str, urlconf: str, namespace: str) -> None:
        """`urlconf` is the name of the module with the patterns below the route."""
        pattern = RoutePattern(route, is_endpoint=False)
        super().__init__(pattern, urlconf, app_name=namespace, namespace=namespace)

    def _populate(self) -> None:
        """Collect nothing, and so load nothing."""
