"""Edge tokens: the vendor's own vector, its library's verdicts, and every way of being none."""

import json
from base64 import b64encode
from typing import Any

import pytest
from edgeauth.digest_tokens import DigestTokens
from hypothesis import given
from hypothesis import strategies as st

from polyroom.wire.edge_tokens import MAX_LENGTH, BadEdgeToken, EdgeToken, digest_of, parse, verify

VECTOR = (
    "DIGEST:eyJhcHBsaWNhdGlvbklkIjoibXktYXBwbGljYXRpb24taWQiLCJkaWdlc3QiOiJZNGM3Tmp6eDVhalkzLzRWK3pwTVliNTBBU1ZCUXc0N"
    "lAvS2dwc3JrTnpDdFAzZWM5NzVzblorN3lJNzZiM0wrTmNtb2FoL3hOTUhQZ00vNEExaDI4UT09IiwidG9rZW4iOiJ7XCJleHBpcmVzXCI6MTAwMC"
    "xcInJlcXVpcmVkVGFnXCI6XCJjaGFubmVsSWQ6dXMtbm9ydGhlYXN0I215LWFwcGxpY2F0aW9uLWlkI215LWNoYW5uZWwuMTM0NTY2XCIsXCJ0eXB"
    "lXCI6XCJzdHJlYW1cIn0ifQ=="
)
SECRET = "my-secret"


def read(text: str, secret: str | None = SECRET) -> EdgeToken:
    return verify(parse(text), secret)


def code_of(text: str, secret: str | None = SECRET) -> str:
    with pytest.raises(BadEdgeToken) as refused:
        read(text, secret)
    return refused.value.code.value


def sealed(**parts: Any) -> str:
    return "DIGEST:" + b64encode(json.dumps(parts).encode()).decode()


def signed(claims: Any) -> str:
    text = claims if isinstance(claims, str) else json.dumps(claims)
    return sealed(applicationId="app", digest=digest_of("app", SECRET, text), token=text)


def test_the_vendors_vector_is_read() -> None:
    token = read(VECTOR)
    assert (token.application_id, token.type) == ("my-application-id", "stream")
    assert token.required_tag == "channelId:us-northeast#my-application-id#my-channel.134566"
    assert token.expires_at.timestamp() == 1.0
    assert DigestTokens().verify_and_decode(SECRET, VECTOR)["code"] == "verified"


def test_a_wrong_secret_or_an_unknown_application_is_a_bad_digest() -> None:
    assert code_of(VECTOR, "other") == "bad-digest"
    assert code_of(VECTOR, None) == "bad-digest"
    assert code_of(sealed(applicationId="a", digest=digest_of("a", "0" * 43, "{}"), token="{}"), None) == "bad-digest"


@pytest.mark.parametrize("text", ["", "x", "digest:e30=", "DIGEST", " " + VECTOR, "eyJhIjoxfQ.e30.x", VECTOR[7:]])
def test_what_has_not_the_prefix_is_not_a_digest_token(text: str) -> None:
    assert code_of(text) == "not-a-digest-token"


GOOD = {"applicationId": "app", "digest": "d", "token": "{}"}


@pytest.mark.parametrize(
    "text",
    [
        "DIGEST:",
        "DIGEST:!",
        "DIGEST:e30",
        "DIGEST:e30= ",
        "DIGEST:e31=",
        "DIGEST:" + b64encode(b"\xff\xfe").decode(),
        "DIGEST:" + b64encode(b"[" * 5000).decode(),
        "DIGEST:" + b64encode(b"[]").decode(),
        "DIGEST:" + b64encode(b'"x"').decode(),
        "DIGEST:" + b64encode(b'{"applicationId": NaN}').decode(),
        VECTOR[:-2],
        VECTOR + "=",
        VECTOR.replace("DIGEST:e", "DIGEST:\ne"),
        VECTOR.replace("+", "-").replace("Q==", "R=="),
        "DIGEST:é",
        "DIGEST:" + "A" * MAX_LENGTH,
        *(sealed(**{**GOOD, name: value}) for name in GOOD for value in ("", None, 1, [], {}, "\ud800")),
        *(sealed(**{key: value for key, value in GOOD.items() if key != name}) for name in GOOD),
    ],
)
def test_what_is_not_an_envelope_is_a_bad_token(text: str) -> None:
    assert code_of(text) == "bad-token"


@pytest.mark.parametrize("claims", ["", "x", "[]", "1", "null", '{"expires": 1', '{"expires": NaN}', "[" * 3000])
def test_a_proven_text_that_holds_no_claims_is_a_bad_token(claims: str) -> None:
    text = sealed(applicationId="app", digest=digest_of("app", SECRET, claims), token=claims or " ")
    assert code_of(text) == ("bad-token" if claims else "bad-digest")


@pytest.mark.parametrize("expires", ["1e999", "-1e999", '"1"', "true", "null", "[1]", "9" * 5000])
def test_an_expiry_that_is_no_time_is_a_bad_token(expires: str) -> None:
    assert code_of(signed(f'{{"expires": {expires}}}')) == "bad-token"


def test_an_expiry_no_calendar_has_is_its_last_moment() -> None:
    assert read(signed({"expires": 10**400})).expires_at.year == 9999
    assert read(signed({"expires": -1})).expires_at.timestamp() == 0


def test_only_capabilities_that_are_words_are_kept() -> None:
    given = ["hd", "aspect-ratio=16x9", "a,b", "", "x" * 65, "é", "hd\n", "on-demand-formats=dash"]
    assert read(signed({"expires": 1, "capabilities": given})).capabilities == (
        "hd",
        "aspect-ratio=16x9",
        "on-demand-formats=dash",
    )


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=9) | st.integers() | st.booleans(), max_size=3),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
def test_what_the_vendors_library_signs_is_proven_for_its_secret_only(
    claims: dict[str, Any], application_id: str, secret: str
) -> None:
    text = DigestTokens().sign_and_encode(application_id, secret, {"other": claims, "expires": 5})
    assert read(text, secret).application_id == application_id
    assert code_of(text, secret + "x") == "bad-digest"


@given(st.text() | st.text().map("DIGEST:".__add__) | st.binary().map(lambda raw: "DIGEST:" + b64encode(raw).decode()))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert code_of(text) in {"not-a-digest-token", "bad-token", "bad-digest"}


def test_a_refusal_holds_nothing_of_the_token() -> None:
    with pytest.raises(BadEdgeToken) as refused:
        read(VECTOR, "other")
    assert str(refused.value) == "bad-digest"
