"""Versions of functions: MiniStack keeps the code of each, and gives out the newest whichever is asked for."""

from typing import Any


def enforce() -> None:
    """Let each version be had as it was published, as at Lambda; before MiniStack starts."""
    from ministack.services import lambda_svc

    describe, serve = lambda_svc._get_function, lambda_svc.serve_function_code

    def describe_version(name: str, qualifier: str | None = None) -> Any:
        status, headers, body = describe(name, qualifier)
        if qualifier:
            body = body.replace(f"/{name}?X-Amz-".encode(), f"/{name}:{qualifier}?X-Amz-".encode())
        return status, headers, body

    def serve_version(func_name: str, account_id: str | None = None, region: str | None = None) -> Any:
        name, _, qualifier = func_name.partition(":")
        function = lambda_svc._functions.get_scoped(account_id, region, name) if account_id and region else None
        version = (function or {}).get("versions", {}).get(qualifier)
        if version is None:
            return serve(name, account_id, region)
        return 200, {"Content-Type": "application/zip"}, version["code_zip"]

    lambda_svc._get_function, lambda_svc.serve_function_code = describe_version, serve_version
