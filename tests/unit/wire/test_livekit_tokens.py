"""Access tokens as LiveKit's own SDK makes them, and those nobody should make."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from livekit.api import AccessToken, TokenVerifier, VideoGrants

from polyroom.wire.jwts import BadToken
from polyroom.wire.livekit_tokens import MAX_LENGTH, VideoGrant, access_token, issuer_of, verified

KEY, SECRET = "APIabc", "s" * 43


def made(**grants: Any) -> str:
    token = AccessToken(KEY, SECRET).with_identity("ada").with_ttl(timedelta(minutes=1))
    return str(token.with_grants(VideoGrants(**{"room_join": True, "room": "r", **grants})).to_jwt())


def video_of(token: str) -> VideoGrant:
    return access_token(verified(token, SECRET)).video


def signed(claims: dict[str, Any]) -> str:
    return jwt.encode({"exp": 2_000_000_000, **claims}, SECRET, algorithm="HS256")


def test_everything_the_sdk_writes_is_read() -> None:
    sdk = AccessToken(KEY, SECRET).with_identity("ada").with_name("Zoë").with_metadata('{"a": 1}').with_kind("agent")
    sdk.with_attributes({"team": "blå"}).with_grants(
        VideoGrants(
            room_join=True,
            room="stand-up",
            room_admin=True,
            room_create=True,
            room_list=True,
            room_record=True,
            can_publish=True,
            can_publish_sources=["camera", "SCREEN_SHARE"],
            can_subscribe=False,
            can_publish_data=False,
            can_update_own_metadata=True,
            can_subscribe_metrics=True,
            hidden=True,
            recorder=True,
            agent=True,
        )
    )
    token = sdk.to_jwt()
    assert issuer_of(token) == KEY
    read = access_token(verified(token, SECRET))
    assert (read.api_key, read.identity, read.name, read.metadata, read.kind) == (
        KEY,
        "ada",
        "Zoë",
        '{"a": 1}',
        "agent",
    )
    assert read.attributes == {"team": "blå"}
    assert read.not_before is not None
    assert read.expires_at - read.not_before == 6 * 3600
    assert read.video == VideoGrant(
        room="stand-up",
        room_join=True,
        room_admin=True,
        room_create=True,
        room_list=True,
        room_record=True,
        can_publish_sources=frozenset({"camera", "screen_share"}),
        can_subscribe=False,
        can_publish_data=False,
        can_update_own_metadata=True,
        can_subscribe_metrics=True,
        hidden=True,
        recorder=True,
        agent=True,
    )
    assert TokenVerifier(KEY, SECRET).verify(token).identity == "ada"


def test_what_is_absent_means_what_it_means_to_livekits_server() -> None:
    bare = video_of(signed({"iss": KEY, "sub": "ada", "video": {"roomJoin": True, "room": "r"}}))
    assert bare == VideoGrant(room="r", room_join=True)
    assert (bare.can_publish, bare.can_subscribe, bare.can_publish_data) == (True, True, True)
    assert not bare.can_update_own_metadata
    silent = video_of(signed({"iss": KEY, "video": {"canPublish": False}}))
    assert (silent.can_publish, silent.can_publish_data, silent.can_subscribe) == (False, False, True)
    assert video_of(signed({"video": {"canPublish": False, "canPublishData": True}})).can_publish_data
    assert video_of(made(can_publish_sources=[])).can_publish_sources is None
    assert video_of(made(can_publish_sources=["hologram"])).can_publish_sources == frozenset()
    assert video_of(signed({"video": None})) == VideoGrant()


def test_only_the_pinned_algorithm_and_the_right_secret_verify() -> None:
    claims = {"iss": KEY, "exp": 2_000_000_000}
    for token, words in {
        jwt.encode(claims, None, algorithm="none"): "HS256",
        jwt.encode(claims, SECRET * 2, algorithm="HS512"): "HS256",
        jwt.encode(claims, "o" * 43, algorithm="HS256"): "signature",
        made()[:-6] + "AAAAAA": "signature",
        "x" * (MAX_LENGTH + 1): "too long",
        "a.b.c": "cannot be read",
        "": "cannot be read",
    }.items():
        with pytest.raises(BadToken, match=words):
            verified(token, SECRET)


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": None}, "exp is missing"),
        ({"exp": True}, "exp has a wrong type"),
        ({"exp": 10**400}, "exp is out of range"),
        ({"exp": -1}, "exp is out of range"),
        ({"nbf": "now"}, "nbf has a wrong type"),
        ({"iss": "x" * 129}, "iss is longer"),
        ({"sub": 5}, "sub has a wrong type"),
        ({"sub": "x" * 257}, "sub is longer"),
        ({"name": "\ud800"}, "name holds characters"),
        ({"metadata": {"a": 1}}, "metadata has a wrong type"),
        ({"attributes": []}, "attributes has a wrong type"),
        ({"attributes": {"a": 1}}, "attributes has a wrong type"),
        ({"attributes": {"a": "\0"}}, "attributes holds characters"),
        ({"video": "all"}, "video has a wrong type"),
        ({"video": {"room": 1}}, "room has a wrong type"),
        ({"video": {"hidden": 1}}, "hidden has a wrong type"),
        ({"video": {"canPublishSources": "camera"}}, "canPublishSources has a wrong type"),
        ({"video": {"canPublishSources": [1]}}, "canPublishSources has a wrong type"),
    ],
)
def test_claims_of_a_wrong_form_are_refused_by_name(claims: dict[str, Any], words: str) -> None:
    with pytest.raises(BadToken, match=words):
        access_token({"iss": KEY, "exp": 2_000_000_000, **claims})


def test_the_issuer_is_only_read_from_what_may_be_a_token() -> None:
    assert issuer_of("x.y.z") == ""
    assert issuer_of(jwt.encode({"iss": "x" * 200}, SECRET)) == ""
    assert issuer_of(jwt.encode({"sub": "x"}, SECRET)) == ""
    assert issuer_of(made() + "." * MAX_LENGTH) == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)
NAMES = ["iss", "sub", "name", "exp", "nbf", "metadata", "attributes", "kind", "video"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_claims_are_a_token_or_a_named_refusal(claims: dict[str, Any]) -> None:
    try:
        read = access_token(claims)
    except BadToken:
        return
    assert read.expires_at >= 0


@settings(deadline=None)
@given(st.text(max_size=300) | st.binary(max_size=80).map(lambda raw: raw.hex() + ".e30." + raw.hex()))
def test_any_text_is_no_token_without_a_traceback(text: str) -> None:
    issuer_of(text)
    with pytest.raises(BadToken):
        verified(text, SECRET)
