from dataclasses import replace
from uuid import uuid4

import pytest
from livekit.protocol import models, rtc
from tests.unit.signalling.people import NOW, participant

from polyroom.domain.roles import Source
from polyroom.domain.session import TrackKind
from polyroom.signalling.livekit.publishing import TRACKS_AT_MOST, Publications, PublishRefused

VIDEO = TrackKind.VIDEO


def camera(cid: str = "c1") -> rtc.AddTrackRequest:
    return rtc.AddTrackRequest(cid=cid, type=models.TrackType.VIDEO, source=models.TrackSource.CAMERA)


def test_a_viewer_may_publish_nothing() -> None:
    publications = Publications(participant("vi", frozenset()))
    with pytest.raises(PublishRefused) as refusal:
        publications.announce(camera(), uuid4())
    assert refusal.value.reason == rtc.RequestResponse.NOT_ALLOWED


def test_an_unnamed_source_goes_by_its_kind() -> None:
    publications = Publications(participant("al", frozenset({Source.AUDIO})))
    publications.announce(rtc.AddTrackRequest(cid="a", type=models.TrackType.AUDIO), uuid4())
    with pytest.raises(PublishRefused):
        publications.announce(rtc.AddTrackRequest(cid="v", type=models.TrackType.VIDEO), uuid4())


def test_announcing_twice_gives_the_same_sid() -> None:
    publications = Publications(participant("ada"))
    first = publications.announce(camera(), uuid4()).sid
    assert publications.announce(camera(), uuid4()).sid == first


def test_a_track_starts_once_and_only_when_announced() -> None:
    publications = Publications(participant("ada"))
    assert publications.start(VIDEO, "c1", "0", "video/vp8", NOW) is None
    publications.announce(camera(), uuid4())
    started = publications.start(VIDEO, "c1", "0", "video/vp8", NOW)
    assert started is not None
    assert started.track is not None
    assert (started.track.mime, started.info.mid) == ("video/vp8", "0")
    assert publications.start(VIDEO, "c1", "0", "video/vp8", NOW) is None


def test_the_same_camera_can_be_published_again_after_its_end() -> None:
    publications = Publications(participant("ada"))
    track_id = uuid4()
    publications.announce(camera(), track_id)
    publications.start(VIDEO, "c1", "0", "video/vp8", NOW)
    assert publications.end(track_id) is not None
    publications.announce(camera(), uuid4())
    assert publications.start(VIDEO, "c1", "1", "video/vp8", NOW) is not None


def test_another_id_than_announced_is_the_awaited_track_of_its_kind() -> None:
    publications = Publications(participant("ada"))
    publications.announce(camera(), uuid4())
    assert publications.start(TrackKind.AUDIO, "other", "0", "audio/opus", NOW) is None
    assert publications.start(VIDEO, "other", "0", "video/vp8", NOW) is not None


def test_the_number_of_tracks_is_bounded() -> None:
    publications = Publications(participant("ada"))
    for number in range(TRACKS_AT_MOST):
        publications.announce(camera(str(number)), uuid4())
    with pytest.raises(PublishRefused) as refusal:
        publications.announce(camera("one more"), uuid4())
    assert refusal.value.reason == rtc.RequestResponse.LIMIT_EXCEEDED


def test_a_track_announced_in_another_role_does_not_start() -> None:
    publications = Publications(participant("ada"))
    publications.announce(camera(), uuid4())
    publications.participant = participant("ada", frozenset({Source.AUDIO}))
    assert publications.start(VIDEO, "c1", "0", "video/vp8", NOW) is None
    publications.participant = participant("ada")
    assert publications.start(VIDEO, "c1", "0", "video/vp8", NOW) is not None


def test_what_a_moderator_muted_once_its_publisher_lets_pass_and_what_is_held_back_not() -> None:
    publications = Publications(participant("ada"))
    publications.announce(camera(), uuid4())
    started = publications.start(VIDEO, "c1", "0", "video/vp8", NOW)
    assert started is not None
    assert started.track is not None
    assert started.let_pass(muted=False, owner_held=False) is None
    assert started.hold(replace(started.track, held=True)) is True
    assert started.mute(True) is None
    assert started.let_pass(muted=True, owner_held=False) is None
    assert started.let_pass(muted=False, owner_held=True) is None
    assert started.mute(False) is True
    assert started.mute(True) is None
    passing = started.let_pass(muted=False, owner_held=False)
    assert passing is not None
    assert not passing.held
    assert started.mute(False) is None
    # The server's news of it is none any more.
    assert started.hold(passing) is None


def test_what_is_let_pass_goes_on_by_itself_only_where_it_resumes() -> None:
    for resumes, told in ((True, False), (False, None)):
        publications = Publications(participant("ada"))
        publications.announce(camera(), uuid4())
        started = publications.start(VIDEO, "c1", "0", "video/vp8", NOW)
        assert started is not None
        assert started.track is not None
        started.hold(replace(started.track, held=True))
        started.mute(True)
        assert started.hold(replace(started.track, held=False), resumes) is told
