"""The way to DynamoDB: by the proxy and certificates that the environment names, or the system check says why not."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from kernel.aws import client
from kernel.storage.checks import check_way_to_dynamodb
from kernel.storage.connections import BrokenConnectionError, Connections
from kernel.storage.proxies import Proxy, proxy_for
from kernel.storage.transport import endpoint_url
from tests.factories.servers import EchoServer, TunnellingProxy, certificate_for, tls_server

DYNAMODB = "https://dynamodb.us-east-1.amazonaws.com"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def server(tmp_path: Path, settings: Settings) -> Iterator[EchoServer]:
    certificate = certificate_for("localhost", tmp_path)
    settings.AWS_CA_BUNDLE = str(certificate)
    with tls_server(certificate) as server:
        yield server


@pytest.fixture
def proxy(request: pytest.FixtureRequest) -> Iterator[TunnellingProxy]:
    proxy = TunnellingProxy(getattr(request, "param", 200))
    yield proxy
    proxy.stop()


def connections_to(server: EchoServer) -> Connections:
    return Connections(server.url, connect_timeout=5, read_timeout=5, kept=5)


class TestTunnels:
    def test_requests_go_through_the_proxy_over_one_tunnel(
        self, server: EchoServer, proxy: TunnellingProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.netloc}")
        connections = connections_to(server)
        assert [connections.post(body, {}).content for body in (b"1", b"2")] == [b"1", b"2"]
        assert proxy.asked == [(f"localhost:{server.server_port}", None)]
        connections.close()

    def test_a_name_and_a_password_are_shown(
        self, server: EchoServer, proxy: TunnellingProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("https_proxy", f"http://me:p%40ss@{proxy.netloc}")
        connections = connections_to(server)
        connections.post(b"1", {})
        assert proxy.asked == [(f"localhost:{server.server_port}", f"Basic {b64encode(b'me:p@ss').decode()}")]
        connections.close()

    def test_a_host_of_no_proxy_is_reached_directly(
        self, server: EchoServer, proxy: TunnellingProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.netloc}")
        monkeypatch.setenv("NO_PROXY", "example.com,localhost")
        connections = connections_to(server)
        assert connections.post(b"1", {}).content == b"1"
        assert proxy.asked == []
        connections.close()

    @pytest.mark.parametrize("proxy", [407, 502], indirect=True)
    def test_a_proxy_that_refuses_is_a_broken_connection(
        self, server: EchoServer, proxy: TunnellingProxy, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.netloc}")
        with pytest.raises(BrokenConnectionError, match=f"the proxy answers {proxy.status}"):
            connections_to(server).post(b"1", {})
        assert server.connections == 0


class TestEnvironment:
    def test_without_a_scheme_a_proxy_is_of_http(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
        assert proxy_for(DYNAMODB) == Proxy("proxy.example", 3128, None)

    @pytest.mark.parametrize("address", ["socks5://proxy.example", "https://proxy.example", "http://", "http://p:x"])
    def test_other_kinds_are_refused_without_telling_the_password(
        self, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", address.replace("//", "//me:secret@"))
        with pytest.raises(ImproperlyConfigured) as refused:
            proxy_for(DYNAMODB)
        assert "secret" not in str(refused.value)

    def test_dynamodb_alone_may_be_elsewhere(self, settings: Settings) -> None:
        settings.AWS_ENDPOINT_URL = None
        assert endpoint_url() == DYNAMODB
        settings.AWS_ENDPOINT_URL = "http://127.0.0.1:4566"
        assert endpoint_url() == "http://127.0.0.1:4566"
        settings.AWS_ENDPOINT_URL_DYNAMODB = "http://127.0.0.1:8000"
        assert endpoint_url() == "http://127.0.0.1:8000"
        client.cache_clear()
        assert client("dynamodb").meta.endpoint_url == "http://127.0.0.1:8000"
        assert client("sqs").meta.endpoint_url == "http://127.0.0.1:4566"
        client.cache_clear()


class TestSystemCheck:
    @pytest.fixture(autouse=True)
    def _real_aws(self, settings: Settings) -> None:
        settings.AWS_ENDPOINT_URL = None

    def test_an_ordinary_environment_is_right(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
        assert check_way_to_dynamodb() == []

    def test_a_proxy_of_another_kind_is_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.example")
        assert [fault.id for fault in check_way_to_dynamodb()] == ["storage.E001"]

    @pytest.mark.parametrize("content", [None, "no certificate"])
    def test_certificates_that_are_none_are_an_error(
        self, settings: Settings, tmp_path: Path, content: str | None
    ) -> None:
        bundle = tmp_path / "bundle.pem"
        if content is not None:
            bundle.write_text(content)
        settings.AWS_CA_BUNDLE = str(bundle)
        assert [fault.id for fault in check_way_to_dynamodb()] == ["storage.E002"]

    @pytest.mark.parametrize("name", ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"])
    def test_what_is_not_obeyed_is_said(self, settings: Settings, name: str) -> None:
        setattr(settings, name, True)
        assert [fault.id for fault in check_way_to_dynamodb()] == ["storage.W002"]

    def test_a_proxy_for_http_is_not_used_and_said_so(
        self, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
        settings.AWS_ENDPOINT_URL = "http://dynamodb.example:8000"
        assert [fault.id for fault in check_way_to_dynamodb()] == ["storage.W001"]
        monkeypatch.setenv("NO_PROXY", "dynamodb.example")
        assert check_way_to_dynamodb() == []
        settings.AWS_ENDPOINT_URL = "http://127.0.0.1:4566"
        assert check_way_to_dynamodb() == []
