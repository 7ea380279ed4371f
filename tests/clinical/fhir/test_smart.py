"""SMART launches: everything that must be refused, and what must pass."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwk, jwt

from clinical.errors import LaunchRefused, SourceError
from clinical.fhir import smart
from clinical.fhir.smart import Answer, Question

from .conftest import connection_to
from .fake_ehr import FakeEhr, Reply

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
BASE = "https://ehr.example/fhir"
CONFIGURATION: dict[str, Any] = {
    "issuer": "https://ehr.example",
    "authorization_endpoint": "https://ehr.example/authorize",
    "token_endpoint": "https://ehr.example/token",
    "jwks_uri": "https://ehr.example/jwks",
    "revocation_endpoint": "https://ehr.example/revoke",
    "code_challenge_methods_supported": ["S256"],
    "capabilities": ["launch-ehr", "permission-v2"],
}
SECRET = "s3cret"
KEY = smart.new_key("key-1")


class Wire:
    """An HTTP function that answers from a table and remembers what it was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[Question] = []

    def __call__(self, question: Question) -> Answer:
        self.asked.append(question)
        answer = self.answers[urlsplit(question.url).path.rpartition("/")[2].replace("-", "_")]
        if isinstance(answer, Answer):
            return answer
        return Answer(200, {}, json.dumps(answer).encode())

    def form(self) -> dict[str, str]:
        body = self.asked[-1].body or b""
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def discovered(changes: dict[str, Any] | None = None, **kind: Any) -> smart.SmartConfiguration:
    content = {**CONFIGURATION, **(changes or {})}
    content = {name: value for name, value in content.items() if value is not None}
    return smart.discover(Wire(smart_configuration=content), BASE, name="Mercy", **kind)


def registration(**kind: Any) -> smart.Registration:
    return smart.Registration(
        name="Mercy", client_id="lens", redirect_uri="https://lens.example/callback/mercy/", **kind
    )


def client(wire: Wire, **kind: Any) -> smart.TokenClient:
    unique = iter("abcdefgh")
    return smart.TokenClient(
        wire, discovered(), registration(**kind), lambda: NOW, lambda: next(unique)
    )


# ---- whom to trust


@pytest.mark.parametrize(
    ("iss", "known"),
    [
        (BASE, True),
        (BASE + "/", True),
        ("HTTPS://EHR.example:443/fhir", True),
        ("http://ehr.example/fhir", False),
        ("https://ehr.example:8443/fhir", False),
        ("https://ehr.example/fhir//", False),
        ("https://ehr.example/fhir/../fhir", False),
        ("https://ehr.example/FHIR", False),
        ("https://ehr.example/fhir?x=1", False),
        ("https://ehr.example/fhir#x", False),
        ("https://ehr.example@evil.example/fhir", False),
        ("https://ehr.example.evil.example/fhir", False),
        ("https://evil.example/fhir", False),
        ("ehr.example/fhir", False),
        ("javascript:alert(1)", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_only_an_issuer_on_the_list_is_known(iss: str, known: bool) -> None:
    assert smart.known_issuer(iss, ["https://other.example/fhir", BASE]) == (
        BASE if known else None
    )


@pytest.mark.parametrize(
    ("url", "here", "elsewhere"),
    [
        (BASE, True, True),
        ("http://ehr.example/fhir", False, False),
        ("http://127.0.0.1:9001/fhir", True, False),
        ("http://localhost:9001/fhir", True, False),
        ("https://[::1]/fhir", True, False),
        ("https://10.1.2.3/fhir", False, False),
        ("https://169.254.169.254/latest", False, False),
        ("https://[::ffff:10.0.0.1]/", False, False),
        ("https://2130706433/fhir", False, False),
        ("https://intranet/fhir", False, False),
        ("ftp://ehr.example/", False, False),
    ],
)
def test_addresses_inside_the_house_are_not_asked(url: str, here: bool, elsewhere: bool) -> None:
    assert smart.is_safe_address(url, allow_loopback=True) is here
    assert smart.is_safe_address(url, allow_loopback=False) is elsewhere


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_methods_supported": None},
        {"code_challenge_methods_supported": ["plain"]},
        {"code_challenge_methods_supported": "S256"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "https://evil.example/authorize"},
        {"authorization_endpoint": "http://ehr.example/authorize"},
        {"token_endpoint": "https://evil.example/token"},
        {"token_endpoint": "//evil.example/token"},
        {"jwks_uri": "https://evil.example/jwks"},
        {"revocation_endpoint": "file:///etc/passwd"},
    ],
)
def test_a_configuration_that_must_not_be_used(changes: dict[str, Any]) -> None:
    with pytest.raises(LaunchRefused, match="Mercy"):
        discovered(changes)


def test_a_sign_in_host_may_be_put_on_the_list() -> None:
    changes = {"token_endpoint": "https://login.example/token"}
    found = discovered(changes, trusted_hosts=["login.example"])
    assert found.token_endpoint == "https://login.example/token"


def test_a_system_needs_no_authorization_endpoint() -> None:
    changes = {"authorization_endpoint": None, "code_challenge_methods_supported": None}
    assert discovered(changes, for_launch=False).token_endpoint


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"token_endpoint":7}', b"\xff"])
def test_an_unreadable_configuration_is_a_sentence(body: bytes) -> None:
    wire = Wire(smart_configuration=Answer(200, {}, body))
    with pytest.raises(SourceError, match="no readable SMART configuration"):
        smart.discover(wire, BASE, name="Mercy")


def test_discovery_over_the_network(start: Callable[..., FakeEhr]) -> None:
    ehr = start()
    content = dict.fromkeys(("authorization_endpoint", "token_endpoint"), ehr.base)
    body = json.dumps({**content, "code_challenge_methods_supported": ["S256"]}).encode()
    ehr.hook = lambda ehr, asked: Reply(200, body)
    found = smart.discover(smart.http_for(connection_to(ehr)), ehr.base, name="Mercy")
    assert found.token_endpoint == ehr.base
    assert ehr.paths() == [".well-known/smart-configuration"]


# ---- the way to the EHR and back


def pending(launch: str = "xyz") -> smart.Pending:
    numbers = iter([b"a" * 32, b"b" * 48, b"c" * 32])
    return smart.begin(
        discovered(),
        registration(),
        iss=BASE + "/",
        scopes=smart.launch_scopes(discovered()),
        random_bytes=lambda size: next(numbers)[:size],
        now=NOW,
        launch=launch,
    )


def test_the_way_there_carries_what_smart_asks_for() -> None:
    begun = pending()
    query = {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}
    assert begun.url.startswith("https://ehr.example/authorize?")
    assert query["aud"] == BASE + "/"
    assert query["launch"] == "xyz"
    assert query["state"] == begun.state
    assert query["code_challenge"] == smart.challenge(begun.verifier)
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == "https://lens.example/callback/mercy/"
    assert "launch openid fhirUser online_access patient/" in query["scope"]
    assert begun.state not in repr(begun)
    assert begun.verifier not in repr(begun)


def test_the_challenge_is_that_of_the_standard() -> None:
    """The example of RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert smart.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert hashlib.sha256(verifier.encode()).digest()


def test_state_and_verifier_are_long_enough() -> None:
    begun = pending()
    assert len(begun.state) >= 43
    assert 43 <= len(begun.verifier) <= 128


@pytest.mark.parametrize(
    "query",
    [
        {"iss": [BASE]},
        {"launch": ["x"]},
        {"iss": [BASE, BASE], "launch": ["x"]},
        {"iss": [BASE], "launch": ["x", "y"]},
        {"iss": [""], "launch": ["x"]},
        {},
    ],
)
def test_a_launch_names_issuer_and_launch_exactly_once(query: dict[str, list[str]]) -> None:
    with pytest.raises(LaunchRefused, match="once more"):
        smart.launch_parameters(query)


def test_a_complete_launch() -> None:
    assert smart.launch_parameters({"iss": [BASE], "launch": ["x"]}) == (BASE, "x")


def test_the_way_back_gives_the_code() -> None:
    begun = pending()
    query = {"code": ["c0de"], "state": [begun.state], "iss": ["https://ehr.example"]}
    assert smart.returned_code(query, begun, discovered(), now=NOW) == "c0de"


@pytest.mark.parametrize(
    "changes",
    [
        {"state": []},
        {"state": ["other"]},
        {"state": ["a", "b"]},
        {"state": ["ü"]},
        {"code": []},
        {"code": ["c0de", "c0de"]},
        {"code": [""]},
        {"iss": ["https://evil.example"]},
        {"iss": ["https://ehr.example", "https://ehr.example"]},
        {"error": ["access_denied"], "code": []},
        {"error": ["<script>"]},
        {"error": ["login_required"]},
    ],
)
def test_a_way_back_that_is_not_ours(changes: dict[str, list[str]]) -> None:
    begun = pending()
    query = {"code": ["c0de"], "state": [begun.state], **changes}
    with pytest.raises(LaunchRefused) as caught:
        smart.returned_code(query, begun, discovered(), now=NOW)
    assert "once more" in str(caught.value)
    assert not {"c0de", begun.state, "<script>"} & set(str(caught.value).split())


def test_a_way_back_without_a_launch_or_too_late() -> None:
    begun = pending()
    query = {"code": ["c0de"], "state": [begun.state]}
    with pytest.raises(LaunchRefused, match="this browser"):
        smart.returned_code(query, None, discovered(), now=NOW)
    with pytest.raises(LaunchRefused, match="ten minutes"):
        smart.returned_code(query, begun, discovered(), now=NOW + timedelta(minutes=11))


# ---- tokens

RESPONSE: dict[str, Any] = {
    "access_token": "t0ken",
    "token_type": "Bearer",
    "expires_in": 900,
    "scope": "launch openid patient/Patient.r patient/Observation.rs",
    "patient": "p1",
    "encounter": "e1",
    "refresh_token": "r3fresh",
}


def exchanged(wire: Wire, **kind: Any) -> smart.Tokens:
    return client(wire, **kind).for_code("c0de", verifier="v", requested=("patient/Patient.r",))


def test_a_code_becomes_tokens_with_the_launch_context() -> None:
    wire = Wire(token=RESPONSE)
    tokens = exchanged(wire)
    assert (tokens.access, tokens.patient, tokens.encounter) == ("t0ken", "p1", "e1")
    assert tokens.expires == NOW + timedelta(seconds=900)
    assert tokens.show_banner
    assert wire.form() == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": "https://lens.example/callback/mercy/",
        "code_verifier": "v",
        "client_id": "lens",
    }
    assert "t0ken" not in repr(tokens)
    assert "r3fresh" not in repr(tokens)


@pytest.mark.parametrize(
    "changes",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 7},
        {"access_token": "a\r\nX-Evil: 1"},
        {"token_type": None},
        {"token_type": "DPoP"},
        {"patient": None},
        {"patient": ["p1"]},
    ],
)
def test_a_token_response_that_is_not_accepted(changes: dict[str, Any]) -> None:
    with pytest.raises(LaunchRefused, match="Mercy"):
        exchanged(Wire(token={**RESPONSE, **changes}))


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"\xff"])
def test_an_unreadable_token_response(body: bytes) -> None:
    with pytest.raises(LaunchRefused, match="unreadable"):
        exchanged(Wire(token=Answer(200, {}, body)))


@pytest.mark.parametrize(
    ("life", "seconds"),
    [(None, 300), ("600", 600), ("soon", 300), (True, 300), (-5, 0), (10**9, 86_400)],
)
def test_a_token_always_has_an_end(life: Any, seconds: int) -> None:
    tokens = exchanged(Wire(token={**RESPONSE, "expires_in": life}))
    assert tokens.expires == NOW + timedelta(seconds=seconds)


def test_no_scope_in_the_response_means_what_was_asked() -> None:
    assert exchanged(Wire(token={**RESPONSE, "scope": None})).scopes == ("patient/Patient.r",)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (400, "invalid_client", "registration"),
        (401, "", "registration"),
        (400, "unauthorized_client", "registration"),
        (400, "invalid_grant", "sign-in code"),
        (500, "", "HTTP 500"),
    ],
)
def test_a_refused_code_says_why(status: int, error: str, words: str) -> None:
    body = json.dumps({"error": error, "error_description": "for Mr Smith"}).encode()
    with pytest.raises(LaunchRefused, match=words) as caught:
        exchanged(Wire(token=Answer(status, {}, body)))
    assert "Smith" not in str(caught.value)
    assert "c0de" not in str(caught.value)


def test_the_secret_goes_into_the_header_only() -> None:
    wire = Wire(token=RESPONSE)
    exchanged(wire, auth="client_secret_basic", secret=SECRET)
    assert wire.asked[0].headers["Authorization"] == "Basic bGVuczpzM2NyZXQ="
    assert "client_id" not in wire.form()
    assert SECRET not in repr(wire.asked[0])


@pytest.mark.parametrize("grant", ["code", "refresh", "system"])
def test_the_key_signs_every_kind_of_token_request(grant: str) -> None:
    wire = Wire(token={**RESPONSE, "scope": "system/Patient.rs"})
    tokens = client(wire, auth="private_key_jwt", key=KEY)
    if grant == "code":
        tokens.for_code("c0de", verifier="v", requested=())
    elif grant == "refresh":
        tokens.renewed(exchanged(Wire(token=RESPONSE)))
    else:
        tokens.for_system(("system/Patient.rs",))
    form = wire.form()
    assert form["client_assertion_type"].endswith("jwt-bearer")
    public = jwk.KeySet.import_key_set(smart.public_keys([KEY]))  # type: ignore[arg-type]
    signed = jwt.decode(form["client_assertion"], public, algorithms=["ES384"])
    assert signed.header["kid"] == "key-1"
    assert signed.claims["iss"] == signed.claims["sub"] == "lens"
    assert signed.claims["aud"] == "https://ehr.example/token"
    assert 0 < signed.claims["exp"] - NOW.timestamp() <= 300
    assert signed.claims["jti"] == "a"


def test_published_keys_hold_no_private_part() -> None:
    published = smart.public_keys([KEY, smart.new_key("key-2")])
    assert [key["kid"] for key in published["keys"]] == ["key-1", "key-2"]
    assert not any("d" in key for key in published["keys"])


def test_a_refresh_keeps_the_context_and_never_widens_the_rights() -> None:
    answer = {
        "access_token": "n3w",
        "token_type": "bearer",
        "scope": "patient/Patient.r patient/Condition.rs",
    }
    before = exchanged(Wire(token=RESPONSE))
    after = client(Wire(token=answer)).renewed(before)
    assert after.scopes == ("patient/Patient.r",)
    assert (after.access, after.refresh, after.patient) == ("n3w", "r3fresh", "p1")


def test_a_refresh_may_bring_a_new_refresh_token() -> None:
    before = exchanged(Wire(token=RESPONSE))
    after = client(Wire(token={**RESPONSE, "refresh_token": "next"})).renewed(before)
    assert after.refresh == "next"


def test_a_refresh_for_another_patient_ends_the_context() -> None:
    before = exchanged(Wire(token=RESPONSE))
    with pytest.raises(LaunchRefused, match="another patient"):
        client(Wire(token={**RESPONSE, "patient": "p2"})).renewed(before)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refresh_that_is_refused_asks_for_a_new_sign_in(status: int) -> None:
    before = exchanged(Wire(token=RESPONSE))
    with pytest.raises(SourceError) as caught:
        client(Wire(token=Answer(status, {}, b'{"error":"invalid_grant"}'))).renewed(before)
    assert "Sign in again" in caught.value.remedy


def test_no_refresh_token_asks_for_a_new_sign_in() -> None:
    before = exchanged(Wire(token={**RESPONSE, "refresh_token": None}))
    wire = Wire(token=RESPONSE)
    with pytest.raises(SourceError):
        client(wire).renewed(before)
    assert not wire.asked


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(400, {}, b'{"error":"invalid_client"}'), "registration"),
        (Answer(400, {}, b'{"error":"invalid_scope"}'), "scopes"),
        (Answer(503, {}, b""), "HTTP 503"),
        (Answer(200, {}, b"{}"), "access token"),
    ],
)
def test_a_refused_system_token_says_why(answer: Answer, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        client(Wire(token=answer)).for_system(("system/Patient.rs",))


def test_a_token_is_given_back_where_there_is_a_place_for_it() -> None:
    wire = Wire(revoke=Answer(200, {}, b""))
    assert client(wire).revoke("t0ken")
    assert wire.form()["token"] == "t0ken"
    assert not client(Wire(revoke=Answer(503, {}, b""))).revoke("t0ken")


# ---- who signed in

SIGNER = jwk.RSAKey.generate_key(2048, {"kid": "sig-1", "use": "sig"})
OTHER = jwk.RSAKey.generate_key(2048, {"kid": "sig-1", "use": "sig"})
PUBLISHED: dict[str, Any] = {"keys": [{"kty": "zzz"}, 7, dict(SIGNER.as_dict(private=False))]}
CLAIMS: dict[str, Any] = {
    "iss": "https://ehr.example",
    "aud": "lens",
    "sub": "u-77",
    "exp": int(NOW.timestamp()) + 300,
    "iat": int(NOW.timestamp()) - 5,
    "nonce": "n0nce",
    "fhirUser": f"{BASE}/Practitioner/5",
    "name": "Dr A",
}


def id_token(*, key: Any = SIGNER, alg: str = "RS256", kid: str = "sig-1", **changes: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value != "drop"}
    return jwt.encode({"alg": alg, "kid": kid}, claims, key, algorithms=[alg])


def validated(token: str) -> smart.Who:
    return smart.validate(
        token,
        PUBLISHED,
        issuer="https://ehr.example",
        client_id="lens",
        nonce="n0nce",
        fhir_base=BASE,
        now=NOW,
        name="Mercy",
    )


@pytest.mark.parametrize("user", [f"{BASE}/Practitioner/5", "Practitioner/5"])
def test_a_clinician_is_recognised(user: str) -> None:
    who = validated(id_token(fhirUser=user))
    assert (who.reference, who.subject, who.name) == ("Practitioner/5", "u-77", "Dr A")


def unsigned() -> str:
    _, claims, _ = id_token().split(".")
    return f"eyJhbGciOiJub25lIn0.{claims}."


BAD_TOKENS: dict[str, Callable[[], str]] = {
    "signed by another key": lambda: id_token(key=OTHER),
    "unknown key id": lambda: id_token(kid="sig-9"),
    "symmetric": lambda: id_token(key=jwk.OctKey.import_key("x" * 40), alg="HS256"),
    "alg none": unsigned,
    "an algorithm that is not pinned": lambda: id_token(alg="RS512"),
    "cut": lambda: id_token()[:-10],
    "changed": lambda: id_token().replace(".", ".x", 1),
    "not a token": lambda: "a.b.c",
    "empty": lambda: "",
    "another issuer": lambda: id_token(iss="https://evil.example"),
    "no issuer": lambda: id_token(iss="drop"),
    "another audience": lambda: id_token(aud="other"),
    "audience in bad company": lambda: id_token(aud=["lens", "other"], azp="other"),
    "expired": lambda: id_token(exp=int(NOW.timestamp()) - 61),
    "no end": lambda: id_token(exp="drop"),
    "an end in words": lambda: id_token(exp="tomorrow"),
    "of the future": lambda: id_token(iat=int(NOW.timestamp()) + 61),
    "another nonce": lambda: id_token(nonce="other"),
    "no nonce": lambda: id_token(nonce="drop"),
    "no subject": lambda: id_token(sub="drop"),
    "a patient": lambda: id_token(fhirUser=f"{BASE}/Patient/5"),
    "a relative": lambda: id_token(fhirUser="RelatedPerson/5"),
    "a clinician of another server": lambda: id_token(
        fhirUser="https://evil.example/Practitioner/5"
    ),
    "a base that only looks alike": lambda: id_token(fhirUser=f"{BASE}.evil/Practitioner/5"),
    "nobody": lambda: id_token(fhirUser="drop"),
    "a path": lambda: id_token(fhirUser="Practitioner/5/../../Patient/1"),
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_proof_of_identity_that_does_not_hold(name: str) -> None:
    token = BAD_TOKENS[name]()
    with pytest.raises(LaunchRefused) as caught:
        validated(token)
    assert "Mercy" in str(caught.value)
    assert not token or token not in str(caught.value)


def test_several_audiences_with_us_as_the_party() -> None:
    assert validated(id_token(aud=["lens", "other"], azp="lens")).subject == "u-77"


def test_a_clock_that_is_a_little_off_is_forgiven() -> None:
    assert validated(id_token(exp=int(NOW.timestamp()) - 59)).subject == "u-77"


def test_published_keys_are_read_or_missed_in_a_sentence() -> None:
    assert smart.fetch_keys(Wire(jwks=PUBLISHED), "https://ehr.example/jwks", name="Mercy")["keys"]
    for answer in (Answer(404, {}, b""), Answer(200, {}, b"<html>"), Answer(200, {}, b"{}")):
        with pytest.raises(SourceError, match="Mercy"):
            smart.fetch_keys(Wire(jwks=answer), "https://ehr.example/jwks", name="Mercy")
