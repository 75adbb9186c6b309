"""Access tokens: what is believed, and what never is."""

import base64
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import orjson
import pytest
import time_machine
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import RequestFactory
from pytest_django import Settings
from rest_framework.request import Request

from accounts import authentication
from accounts.services import ensure_account, sign_in_for_token
from accounts.tokens import SigningKeys, UserPool, verify_access_token
from kernel.actors import Actor, Role
from kernel.clock import now
from kernel.errors import BusyError
from kernel.web.permissions import AnyOne, DenyAll, HasRole, SignedIn
from kernel.web.rest import ApiView
from tests.factories.accounts import TokenIssuer, make_admin, make_customer, make_provider

CUSTOMER = make_customer()


class WhoAmI(ApiView):
    permission_classes: Any = (SignedIn,)

    def get(self, request: Request) -> Any:
        actor = self.actor(request)
        return self.detail({"user_id": actor.user_id, "role": actor.role})


def get(authorization: str | None, view: type[ApiView] = WhoAmI) -> Any:
    headers = {"Authorization": authorization} if authorization is not None else None
    return view.as_view()(RequestFactory().get("/who", headers=headers))


@pytest.fixture
def issuer(settings: Settings) -> Iterator[TokenIssuer]:
    issuer = TokenIssuer()
    settings.COGNITO_ISSUER = issuer.issuer
    settings.COGNITO_API_CLIENT_ID = issuer.client_id
    settings.COGNITO_JWKS_URL = issuer.jwks_url
    yield issuer
    issuer.stop()


# --- Who is believed -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [make_customer(), make_provider(), make_admin()], ids=lambda actor: actor.role)
def test_a_token_of_the_pool_says_who_and_in_which_role(issuer: TokenIssuer, actor: Actor) -> None:
    response = get(f"Bearer {issuer.token(actor)}")

    assert response.status_code == 200
    assert orjson.loads(response.content) == {"user_id": actor.user_id, "role": actor.role}


def test_a_token_of_the_embedded_cognito() -> None:
    email = f"{CUSTOMER.user_id}@example.com"
    user_id = ensure_account(email=email, password="Test-Password-1", name="Ada", role=Role.PROVIDER, now=now())

    response = get(f"Bearer {sign_in_for_token(email=email, password='Test-Password-1')}")

    assert orjson.loads(response.content) == {"user_id": user_id, "role": "provider"}


def test_the_strongest_group_gives_the_role(issuer: TokenIssuer) -> None:
    claims = issuer.claims(CUSTOMER) | {"cognito:groups": ["customers", "admins"]}

    assert orjson.loads(get(f"Bearer {issuer.sign(claims)}").content)["role"] == "admin"


@pytest.mark.parametrize("groups", [[], ["somebody-elses"], None])
def test_an_account_without_a_role_is_told_so(issuer: TokenIssuer, groups: list[str] | None) -> None:
    claims = issuer.claims(CUSTOMER) | {"cognito:groups": groups}

    response = get(f"Bearer {issuer.sign(claims)}")

    assert response.status_code == 403
    assert orjson.loads(response.content)["code"] == "no_role"


def test_a_token_is_checked_once_and_its_time_always(issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    authorization = f"Bearer {issuer.token(CUSTOMER)}"
    assert get(authorization).status_code == 200
    monkeypatch.setattr(authentication, "verify_access_token", None)

    assert get(authorization).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=16), tick=False):
        response = get(authorization)

    assert response.status_code == 401
    assert orjson.loads(response.content)["detail"] == "The token has expired."


# --- Who is not ------------------------------------------------------------------------------------------------------


def part(data: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(data)).rstrip(b"=").decode()


def unsigned(issuer: TokenIssuer, algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'kid': issuer.key_id})}.{part(issuer.claims(CUSTOMER))}."


def signed_with_the_public_key(issuer: TokenIssuer) -> str:
    """The confusion of HS256 with RS256: the published key as the shared secret."""
    public_key = issuer.private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signing_input = f"{part({'alg': 'HS256', 'kid': issuer.key_id})}.{part(issuer.claims(CUSTOMER))}"
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        signing_input.encode(), public_key
    )
    return f"{signing_input}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def foreign_key(issuer: TokenIssuer, **header: Any) -> str:
    """Signed by somebody else, under a header of their choice."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(issuer.claims(CUSTOMER), key, "RS256", headers={"kid": issuer.key_id, **header})


def with_own_key_in_the_header(issuer: TokenIssuer) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return jwt.encode(issuer.claims(CUSTOMER), key, "RS256", headers={"kid": issuer.key_id, "jwk": jwk})


def claiming(**claims: Any) -> Callable[[TokenIssuer], str]:
    return lambda issuer: issuer.sign(issuer.claims(CUSTOMER) | claims)


def lacking(claim: str) -> Callable[[TokenIssuer], str]:
    return lambda issuer: issuer.sign({k: v for k, v in issuer.claims(CUSTOMER).items() if k != claim})


def headed(**header: Any) -> Callable[[TokenIssuer], str]:
    return lambda issuer: issuer.sign(issuer.claims(CUSTOMER), **header)


def tampered(issuer: TokenIssuer) -> str:
    header, _, signature = issuer.token(CUSTOMER).split(".")
    return f"{header}.{part(issuer.claims(make_admin()))}.{signature}"


def without_key_id(issuer: TokenIssuer) -> str:
    return jwt.encode(issuer.claims(CUSTOMER), issuer.private_key, "RS256")


def id_token(issuer: TokenIssuer) -> str:
    claims = issuer.claims(CUSTOMER) | {"token_use": "id", "aud": issuer.client_id}
    del claims["client_id"]
    return issuer.sign(claims)


ATTACKS: dict[str, Callable[[TokenIssuer], str]] = {
    "alg none": lambda issuer: unsigned(issuer, "none"),
    "alg None": lambda issuer: unsigned(issuer, "None"),
    "alg RS256, no signature": lambda issuer: unsigned(issuer, "RS256"),
    "HS256 with the public key": signed_with_the_public_key,
    "RS512 with the right key": lambda issuer: jwt.encode(
        issuer.claims(CUSTOMER), issuer.private_key, "RS512", headers={"kid": issuer.key_id}
    ),
    "foreign key": foreign_key,
    "jku": lambda issuer: foreign_key(issuer, jku="https://attacker.example/jwks.json"),
    "jku on a good token": headed(jku="https://attacker.example/jwks.json"),
    "x5u": headed(x5u="https://attacker.example/cert.pem"),
    "x5c": headed(x5c=["MIIB"]),
    "jwk": with_own_key_in_the_header,
    "crit unknown": headed(crit=["exp"], exp=1),
    "crit b64": headed(crit=["b64"]),
    "kid missing": without_key_id,
    "kid unknown": headed(kid="key-of-nobody"),
    "kid traversal": headed(kid="../../dev/null"),
    "foreign issuer": claiming(iss="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other"),
    "issuer with a suffix": claiming(iss=TokenIssuer.issuer + "/"),
    "foreign client": claiming(client_id="another-client"),
    "ID token": id_token,
    "refresh token": claiming(token_use="refresh"),
    "for an audience": claiming(aud="somebody"),
    "expired": claiming(exp=int(time.time()) - 60),
    "not yet valid": claiming(nbf=int(time.time()) + 86_400),
    "issued in the future": claiming(iat=int(time.time()) + 86_400),
    "expiry not a number": claiming(exp="never"),
    "without exp": lacking("exp"),
    "without iss": lacking("iss"),
    "without sub": lacking("sub"),
    "without client_id": lacking("client_id"),
    "without token_use": lacking("token_use"),
    "subject not text": claiming(sub=7),
    "tampered": tampered,
    "cut": lambda issuer: issuer.token(CUSTOMER)[:-8],
    "one part": lambda issuer: "eyJhbGciOiJSUzI1NiJ9",
    "not a token": lambda issuer: "x",
    "too long": lambda issuer: "x" * 100_000,
    "header not an object": lambda issuer: f"{part([1])}.{part({})}.AAAA",
    "ES256 with an empty signature": lambda issuer: unsigned(issuer, "ES256"),
    "kid a list": lambda issuer: f"{part({'alg': 'RS256', 'kid': [issuer.key_id]})}.{part(issuer.claims(CUSTOMER))}.AA",
    "not ASCII": lambda issuer: "\u00e9.\u00e9.\u00e9",
}


def test_there_are_forty_attacks() -> None:
    assert len(ATTACKS) >= 40


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_forged_and_misused_tokens_are_refused(issuer: TokenIssuer, attack: Callable[[TokenIssuer], str]) -> None:
    response = get(f"Bearer {attack(issuer)}")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert orjson.loads(response.content)["code"] == "invalid_token"
    # No request went where a header pointed: the published keys were fetched, if anything.
    assert issuer.fetches <= 1


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic YTpi", "Token abc"])
def test_other_schemes_are_refused(issuer: TokenIssuer, authorization: str) -> None:
    assert get(authorization).status_code == 401


def test_the_scheme_may_be_in_any_case(issuer: TokenIssuer) -> None:
    assert get(f"bearer {issuer.token(CUSTOMER)}").status_code == 200


def test_a_stranger_is_challenged_without_an_error(issuer: TokenIssuer) -> None:
    response = get(None)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert orjson.loads(response.content)["code"] == "not_authenticated"


# --- The pool's keys -------------------------------------------------------------------------------------------------


def pool() -> UserPool:
    return UserPool.for_api()


def test_unknown_keys_cause_one_fetch_in_thirty_seconds(issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("accounts.tokens.time.monotonic", lambda: clock[0])
    keys = SigningKeys(issuer.jwks_url)
    assert keys.find(issuer.key_id)

    for number in range(10_000):
        clock[0] += 0.002
        assert keys.find(f"unknown-{number}") is None
    assert issuer.fetches == 1

    clock[0] += 30
    assert keys.find("unknown") is None
    assert keys.find("unknown") is None
    assert issuer.fetches == 2


def test_a_new_key_is_found_after_a_rotation(issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("accounts.tokens.time.monotonic", lambda: clock[0])
    keys = SigningKeys(issuer.jwks_url)
    assert keys.find("key-1")
    issuer.rotate("key-2")

    clock[0] += 31

    assert keys.find("key-2")
    assert keys.find("key-1") is None


def test_nobody_is_refused_while_the_pool_rotates_its_keys_under_load(
    issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("accounts.tokens.time.monotonic", lambda: clock[0])
    signed: list[str] = [issuer.token(CUSTOMER)]
    rotating = threading.Lock()

    def ask(number: int) -> int:
        if number % 200 != 199:
            return int(get(f"Bearer {signed[-1 - number % len(signed)]}").status_code)
        with rotating:
            # The new key is published beside the old ones before it signs, as Cognito does it.
            issuer.rotate(f"key-{number}", keep_old=True)
            clock[0] += 31
            token = issuer.token(CUSTOMER)
            status = int(get(f"Bearer {token}").status_code)
        signed.append(token)
        return status

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(1000))) == {200}
    assert issuer.fetches <= 6


def test_the_last_keys_stay_in_use_during_an_outage(issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("accounts.tokens.time.monotonic", lambda: clock[0])
    keys = SigningKeys(issuer.jwks_url)
    assert keys.find("key-1")
    issuer.is_reachable = False

    clock[0] += 3 * 3600

    assert keys.find("key-1")
    assert issuer.fetches == 2
    assert keys.find("key-1")
    assert issuer.fetches == 2


def test_a_set_without_a_usable_key_changes_nothing(issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("accounts.tokens.time.monotonic", lambda: clock[0])
    keys = SigningKeys(issuer.jwks_url)
    assert keys.find("key-1")
    published = issuer.jwks()
    published["keys"][0]["alg"] = "RS512"
    monkeypatch.setattr(issuer, "jwks", lambda: published)

    clock[0] += 2 * 3600

    assert keys.find("key-1")
    assert issuer.fetches == 2


def test_without_any_key_sign_in_is_busy_and_recovers(issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("accounts.tokens.time.monotonic", lambda: clock[0])
    issuer.is_reachable = False
    keys = SigningKeys(issuer.jwks_url)

    for _ in range(10):
        with pytest.raises(BusyError):
            keys.find("key-1")
    assert issuer.fetches == 1

    issuer.is_reachable = True
    clock[0] += 1.1
    assert keys.find("key-1")


def test_an_outage_is_a_503_with_retry_after(issuer: TokenIssuer) -> None:
    issuer.is_reachable = False

    response = get(f"Bearer {issuer.token(CUSTOMER)}")

    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"


def test_many_first_requests_share_one_fetch(issuer: TokenIssuer) -> None:
    keys = SigningKeys(issuer.jwks_url)
    barrier = threading.Barrier(16)

    def find(_: int) -> bool:
        barrier.wait()
        return keys.find("key-1") is not None

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(find, range(16)))
    assert issuer.fetches == 1


def test_a_published_key_of_another_algorithm_is_not_taken(
    issuer: TokenIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = issuer.jwks()
    published["keys"][0]["alg"] = "RS512"
    published["keys"].append({"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "kid": "shared"})
    monkeypatch.setattr(issuer, "jwks", lambda: published)
    keys = SigningKeys(issuer.jwks_url)

    with pytest.raises(BusyError):
        keys.find("key-1")
    with pytest.raises(BusyError):
        keys.find("shared")


# --- Permissions -----------------------------------------------------------------------------------------------------


class NobodysView(WhoAmI):
    permission_classes: Any = ApiView.permission_classes


class ProvidersView(WhoAmI):
    permission_classes = (HasRole(Role.PROVIDER, Role.ADMIN),)


class PublicView(ApiView):
    permission_classes = (AnyOne,)

    def get(self, request: Request) -> Any:
        return self.detail({"stranger": self.optional_actor(request) is None})


def test_a_view_without_permissions_refuses_even_admins(issuer: TokenIssuer) -> None:
    assert ApiView.permission_classes == [DenyAll]
    assert get(f"Bearer {issuer.token(make_admin())}", NobodysView).status_code == 403
    assert get(None, NobodysView).status_code == 401


@pytest.mark.parametrize(("make_actor", "status"), [(make_customer, 403), (make_provider, 200), (make_admin, 200)])
def test_roles_decide(issuer: TokenIssuer, make_actor: Callable[[], Actor], status: int) -> None:
    assert get(f"Bearer {issuer.token(make_actor())}", ProvidersView).status_code == status


def test_public_views_know_strangers_from_people_but_refuse_bad_tokens(issuer: TokenIssuer) -> None:
    assert orjson.loads(get(None, PublicView).content) == {"stranger": True}
    assert orjson.loads(get(f"Bearer {issuer.token(CUSTOMER)}", PublicView).content) == {"stranger": False}
    assert get("Bearer x", PublicView).status_code == 401


def test_verification_needs_nothing_but_token_and_pool(issuer: TokenIssuer) -> None:
    assert verify_access_token(issuer.token(CUSTOMER), pool())["sub"] == CUSTOMER.user_id
