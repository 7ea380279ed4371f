from __future__ import annotations

import gc
import gzip
import ssl
import threading
import weakref
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clinical.errors import SourceError
from clinical.fhir import exchange
from clinical.fhir.connection import Connection, Limits
from clinical.fhir.faults import Answered
from clinical.fhir.session import Session

from .conftest import connection_to
from .fake_ehr import Asked, FakeEhr, Reply, outcome, reply

Start = Callable[..., FakeEhr]
ONE = reply({"resourceType": "Patient", "id": "1"})


def always(answer: Reply) -> Callable[[FakeEhr, Asked], Reply]:
    return lambda ehr, asked: answer


def in_turn(*answers: Reply) -> Callable[[FakeEhr, Asked], Reply]:
    waiting = list(answers)
    return lambda ehr, asked: waiting.pop(0) if len(waiting) > 1 else waiting[0]


def failure(connection: Connection, path: str = "Patient/1", **kind: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        Session(connection, **kind).fetch(path)
    assert caught.value.reason.startswith("Mercy Hospital ")
    assert caught.value.reason.endswith(".")
    return caught.value


def test_a_request_carries_the_token_and_asks_for_fhir(start: Start) -> None:
    ehr = start()
    Session(connection_to(ehr, token=lambda: "t0ken")).fetch("Patient/1")
    headers = ehr.asked[0].headers
    assert headers["authorization"] == "Bearer t0ken"
    assert headers["accept"] == "application/fhir+json"


def test_no_token_no_header(start: Start) -> None:
    ehr = start()
    Session(connection_to(ehr)).fetch("Patient/1")
    assert "authorization" not in ehr.asked[0].headers


def test_cookies_are_not_kept(start: Start) -> None:
    ehr = start(hook=always(Reply(200, b"{}", {"Set-Cookie": "who=doctor; Path=/"})))
    session = Session(connection_to(ehr))
    session.fetch("Patient/1")
    session.fetch("Patient/1")
    assert all("cookie" not in asked.headers for asked in ehr.asked)


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:9/x",
        "https://ehr.example/fhir?page=2",
        "//evil.example/fhir",
        "http://user@127.0.0.1/fhir",
        "file:///etc/passwd",
        "http://2130706433/fhir",
    ],
)
def test_a_link_to_another_origin_is_refused_before_anything_is_sent(
    start: Start, link: str
) -> None:
    ehr = start()
    error = failure(connection_to(ehr, token=lambda: "t0ken"), link)
    assert "another server" in error.reason
    assert not ehr.asked


def test_a_redirection_is_not_followed(start: Start) -> None:
    other = start()
    ehr = start(hook=always(Reply(302, b"", {"Location": other.base + "/Patient/1"})))
    error = failure(connection_to(ehr, token=lambda: "t0ken"))
    assert "another address" in error.reason
    assert not other.asked


def test_a_base_url_that_is_none_says_so() -> None:
    connection = Connection("mercy", "Mercy Hospital", "ehr.example/fhir")
    with pytest.raises(SourceError, match="no usable FHIR base URL"):
        Session(connection)


def test_nothing_answers_at_the_address(start: Start) -> None:
    ehr = start()
    gone = connection_to(ehr)
    ehr.stop()
    assert "nothing answers at its address" in failure(gone).reason


def test_an_unknown_name_is_told_from_a_closed_door(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    connection = Connection("mercy", "Mercy Hospital", "http://nowhere.invalid/fhir")
    error = failure(connection)
    assert "not known to the network" in error.reason
    assert "administrator" in error.remedy


def certificate(folder: Path, *, days: int, name: str = "localhost") -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    began = datetime.now(UTC) - timedelta(days=30)  # noqa: TID251  # TLS compares with the real clock
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=30 + days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(
    ("days", "name", "trusted", "words"),
    [
        (10, "localhost", False, "signed by itself"),
        (-1, "localhost", True, "expired"),
        (10, "elsewhere.example", True, "another name"),
    ],
)
def test_a_certificate_that_does_not_hold_is_named_and_never_passed_over(
    start: Start, tmp_path: Path, days: int, name: str, trusted: bool, words: str
) -> None:
    ehr = start(tls=certificate(tmp_path, days=days, name=name))
    base = ehr.base.replace("http://127.0.0.1", "https://localhost")
    bundle = str(tmp_path / "cert.pem") if trusted else ""
    error = failure(Connection("mercy", "Mercy Hospital", base, ca_bundle=bundle))
    assert "could not be reached safely" in error.reason
    assert words in error.reason
    assert error.permanent
    assert not ehr.asked


def with_own_authority(start: Start, folder: Path) -> tuple[FakeEhr, Connection]:
    """An EHR by https, and a connection that trusts the authority in "cert.pem" of this folder."""
    ehr = start(tls=certificate(folder, days=10))
    base = ehr.base.replace("http://127.0.0.1", "https://localhost")
    bundle = str(folder / "cert.pem")
    return ehr, Connection("mercy", "Mercy Hospital", base, ca_bundle=bundle)


def test_a_certificate_of_an_authority_of_ones_own_is_accepted(
    start: Start, tmp_path: Path
) -> None:
    _, own = with_own_authority(start, tmp_path)
    assert b'"Patient"' in Session(own).fetch("Patient/1")


def test_tls_where_there_is_none(start: Start) -> None:
    base = start().base.replace("http://", "https://")
    assert "safely" in failure(Connection("mercy", "Mercy Hospital", base)).reason


def test_a_slow_drip_ends_at_the_deadline_not_with_the_last_byte(start: Start) -> None:
    stopped = threading.Event()
    ehr = start(hook=always(Reply(200, b" " * 10_000, drip=0.05, stopped=stopped)))
    error = failure(connection_to(ehr, limits={"request_seconds": 0.4}))
    assert "did not answer in full within 0.4 seconds" in error.reason
    assert stopped.wait(10), "the server was left sending"


def test_a_server_that_accepts_and_says_nothing(start: Start) -> None:
    release = threading.Event()

    def wait(ehr: FakeEhr, asked: Asked) -> Reply:
        release.wait(10)
        return ONE

    ehr = start(hook=wait)
    error = failure(connection_to(ehr, limits={"request_seconds": 0.3}))
    release.set()
    assert "did not answer" in error.reason
    assert not error.permanent


def test_a_body_shorter_than_announced_is_broken_off(start: Start) -> None:
    ehr = start(hook=always(Reply(200, b"x" * 500, cut=100)))
    assert "broke off" in failure(connection_to(ehr)).reason
    assert len(ehr.asked) == 2, "one further attempt is made"


def test_a_connection_that_breaks_once_is_tried_once_more(start: Start) -> None:
    ehr = start(hook=in_turn(Reply(200, b"x" * 500, cut=100), ONE))
    assert Session(connection_to(ehr)).fetch("Patient/1") == ONE.body


def test_a_job_that_nobody_waits_for_tries_once(start: Start) -> None:
    ehr = start(hook=always(Reply(503)))
    failure(connection_to(ehr), background=True)
    assert len(ehr.asked) == 1


@pytest.mark.parametrize("announced", [True, False])
def test_a_page_beyond_the_cap_is_a_sentence(start: Start, announced: bool) -> None:
    headers = {} if announced else {"Connection": "close", "Content-Length": ""}
    ehr = start(hook=always(Reply(200, b" " * 2_000_000, headers)))
    error = failure(connection_to(ehr, limits={"page_bytes": 1_000_000}))
    assert "more than 1 MB" in error.reason
    assert "page size" in error.remedy


def test_gzip_is_read(start: Start) -> None:
    packed = gzip.compress(ONE.body[:5]) + gzip.compress(ONE.body[5:])
    ehr = start(hook=always(Reply(200, packed, {"Content-Encoding": "gzip"})))
    assert Session(connection_to(ehr)).fetch("Patient/1") == ONE.body


def test_a_decompression_bomb_stops_at_the_cap(start: Start) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    ehr = start(hook=always(Reply(200, bomb, {"Content-Encoding": "gzip"})))
    assert "more than 2 MB" in failure(connection_to(ehr, limits={"page_bytes": 2_000_000})).reason


@pytest.mark.parametrize(
    ("body", "encoding", "words"),
    [
        (gzip.compress(b"x" * 5000, mtime=0)[:-20], "gzip", "breaks off"),
        (b"not gzip at all", "gzip", "breaks off"),
        (b"whatever", "br", "compression"),
    ],
)
def test_bad_compression(start: Start, body: bytes, encoding: str, words: str) -> None:
    ehr = start(hook=always(Reply(200, body, {"Content-Encoding": encoding})))
    assert words in failure(connection_to(ehr)).reason


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (Reply(401), "failed", "does not accept your sign-in"),
        (Reply(403), "restricted", "does not let you see"),
        (Reply(404), "failed", "does not have"),
        (Reply(501), "not_supported", "does not offer"),
        (Reply(400, b"plain words about Mr Smith"), "failed", "refused the request (HTTP 400)"),
        (Reply(500, b"<html>stack trace</html>"), "failed", "fault of its own (HTTP 500)"),
        (Reply(204), "failed", "HTTP 204"),
        (reply(outcome("error", "suppressed"), 404), "restricted", "does not let you see"),
        (
            reply(outcome("fatal", "processing", details={"coding": [{"code": "4130"}]}), 400),
            "restricted",
            "does not let you see",
        ),
    ],
)
def test_a_refusal_says_what_happened_and_what_to_do(
    start: Start, answer: Reply, state: str, words: str
) -> None:
    error = failure(connection_to(start(hook=always(answer))), background=True)
    assert error.state == state
    assert words in error.reason
    assert "Smith" not in error.reason + error.remedy


def test_a_refused_token_is_renewed_once(start: Start) -> None:
    def guard(ehr: FakeEhr, asked: Asked) -> Reply | None:
        return None if asked.headers["authorization"] == "Bearer new" else Reply(401)

    ehr = start(hook=guard)
    refused: list[str] = []

    def renew(old: str) -> str:
        refused.append(old)
        return "new"

    Session(connection_to(ehr, token=lambda: "old", renew=renew)).fetch("Patient/1")
    assert refused == ["old"]


def test_a_token_that_is_refused_again_is_given_up(start: Start) -> None:
    ehr = start(hook=always(Reply(401)))
    connection = connection_to(ehr, token=lambda: "old", renew=lambda old: old + "x")
    error = failure(connection)
    assert "Sign in again" in error.remedy
    assert len(ehr.asked) == 2


def test_a_short_pause_is_kept_and_then_the_answer_comes(start: Start) -> None:
    ehr = start(hook=in_turn(Reply(429, b"", {"Retry-After": "0"}), ONE))
    assert Session(connection_to(ehr)).fetch("Patient/1") == ONE.body
    assert len(ehr.asked) == 2


def test_whoever_keeps_the_pause_is_answered_in_the_end(start: Start) -> None:
    pause = Reply(429, b"", {"Retry-After": "0"})
    ehr = start(hook=in_turn(pause, pause, pause, ONE))
    assert Session(connection_to(ehr)).fetch("Patient/1") == ONE.body


def test_a_server_that_names_pauses_for_ever_is_not_asked_for_ever(start: Start) -> None:
    ehr = start(hook=always(Reply(429, b"", {"Retry-After": "0"})))
    asking = Session(connection_to(ehr))
    for _ in range(10):
        with pytest.raises(Answered):
            asking.fetch("Patient/1")
    assert len(ehr.asked) <= 2 * 10 + 6


def test_a_pause_longer_than_the_pull_is_said_and_not_waited_for(start: Start) -> None:
    ehr = start(hook=always(Reply(429, b"", {"Retry-After": "90"})))
    connection = connection_to(ehr)
    error = failure(connection)
    assert isinstance(error, Answered)
    assert error.retry_after == 90
    assert "90 seconds" in error.remedy
    assert "cannot be asked" in failure(connection).reason
    assert len(ehr.asked) == 1, "the pause holds for the next reader too"


def test_a_retry_after_that_is_a_date_counts_from_the_servers_own_clock(start: Start) -> None:
    dates = {
        "Date": "Mon, 15 Jun 2026 12:00:00 GMT",
        "Retry-After": "Mon, 15 Jun 2026 12:01:30 GMT",
    }
    error = failure(connection_to(start(hook=always(Reply(503, b"", dates)))))
    assert error.retry_after == 90


def test_the_budget_of_a_connection_is_shared_and_said(start: Start) -> None:
    ehr = start()
    connection = connection_to(ehr, limits={"requests_per_minute": 2})
    Session(connection).fetch("Patient/1")
    Session(connection).fetch("Patient/1")
    assert "allows only so many requests" in failure(connection).reason
    assert len(ehr.asked) == 2


def test_jobs_leave_part_of_the_budget_to_people(start: Start) -> None:
    connection = connection_to(start(), limits={"requests_per_minute": 2})
    Session(connection, background=True).fetch("Patient/1")
    failure(connection, background=True)
    assert Session(connection).fetch("Patient/1")


def test_secrets_do_not_stand_in_a_repr(start: Start) -> None:
    connection = Connection(
        "m", "M", "http://127.0.0.1:1/", token=lambda: "t0ken", headers=(("X-Key", "hidden"),)
    )
    assert "hidden" not in repr(connection)
    assert Limits() == connection.limits


def test_a_proxy_is_told_the_whole_address_and_its_own_password(start: Start) -> None:
    """The name of the EHR is known to the proxy alone."""
    proxy = start(hook=always(ONE))
    address = f"http://anna:s%40fe@127.0.0.1:{urlsplit(proxy.base).port}"
    ehr = Connection("mercy", "Mercy Hospital", "http://ehr.example/fhir", proxy=address)
    assert Session(ehr).fetch("Patient/1") == ONE.body
    assert proxy.asked[0].headers["host"] == "ehr.example"
    assert proxy.asked[0].headers["proxy-authorization"] == "Basic YW5uYTpzQGZl"


def test_a_token_that_cannot_stand_in_a_header_is_not_sent(start: Start) -> None:
    ehr = start()
    found = failure(connection_to(ehr, token=lambda: "one\r\nX-Other: two"))
    assert "gave a sign-in that cannot be sent" in found.reason
    assert not ehr.asked


def test_a_file_of_authorities_that_is_not_there_is_a_sentence(
    start: Start, tmp_path: Path
) -> None:
    ehr, own = with_own_authority(start, tmp_path)
    (tmp_path / "cert.pem").unlink()
    failure(own)
    assert not ehr.asked


def test_what_begins_like_the_own_address_goes_to_the_own_address_only(start: Start) -> None:
    """The port is read to its end: 80 is no part of 8080."""
    ehr = start(hook=always(ONE))
    connection = connection_to(ehr)
    whole = Session(connection).fetch(f"{connection.base}/Patient/1?x=1#part")
    assert whole == ONE.body
    assert ehr.asked[-1].path == "Patient/1"
    with pytest.raises(SourceError):
        Session(connection).fetch(f"http://127.0.0.1:{urlsplit(ehr.base).port}9/fhir/Patient/1")
    assert len(ehr.asked) == 1


def test_the_token_of_one_reader_is_not_held_for_all(start: Start) -> None:
    ehr = start(hook=always(ONE))

    class Bearer:
        def token(self) -> str:
            return "t0ken"

    bearer = Bearer()
    gone = weakref.ref(bearer)
    Session(connection_to(ehr, token=bearer.token)).fetch("Patient/1")
    del bearer
    gc.collect()
    assert gone() is None


def test_a_file_of_authorities_that_was_changed_is_read_anew(start: Start, tmp_path: Path) -> None:
    ehr, own = with_own_authority(start, tmp_path)
    ehr.hook = always(ONE)
    assert Session(own).fetch("Patient/1") == ONE.body
    other = tmp_path / "other"
    other.mkdir()
    certificate(other, days=10)
    (tmp_path / "cert.pem").write_bytes((other / "cert.pem").read_bytes() + b"\n")
    assert "its certificate" in failure(own).reason


@pytest.mark.parametrize(
    ("sent", "length"),
    [
        ({"Content-Length": "900"}, 900),
        ({}, 0),
        ({"Content-Length": "-5"}, 0),
        ({"Content-Length": "\u00b2"}, 0),
        ({"Content-Length": "9" * 5000}, int("9" * 18)),
        ({"Content-Length": "900", "Transfer-Encoding": "chunked"}, 0),
    ],
)
def test_only_a_length_that_counts_is_believed(sent: dict[str, str], length: int) -> None:
    assert exchange._announced(urllib3.HTTPResponse(headers=sent)) == length
