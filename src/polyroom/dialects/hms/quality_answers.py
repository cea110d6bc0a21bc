"""Models of the quality of media, for the OpenAPI document. Source: the vendor's "Peer Quality Stats"."""

from pydantic import BaseModel, Field

_TRACK = Field(examples=["a1b2c3d4-e5f6-7890-abcd-ef1234567890"])
_ALL = Field(None, description="Null: the entry is of all that the peer received of this kind together.")
_TYPE = Field(examples=["regular"], description="regular or screen.")


class Times(BaseModel):
    """Numbers of equal length; `timestamps` in milliseconds since 1970 are the ends of what each tells of."""

    timestamps: list[int] = Field(examples=[[1738843560000, 1738843570000]])
    bitrate: list[int] = Field(examples=[[2500000, 2480000]], description="Bits per second.")


class SentVideoTimes(Times):
    """Of a video track. The round trip is null until it is known."""

    fps: list[float] = Field(examples=[[30.0, 29.9]])
    packet_loss_percent: list[float] = Field(examples=[[0.3, 0.2]])
    rtt_ms: list[int | None] = Field(examples=[[45, 47]])


class SentAudioTimes(Times):
    """Of an audio track. The round trip is null until it is known."""

    packet_loss_percent: list[float] = Field(examples=[[0.1, 0.0]])
    rtt_ms: list[int | None] = Field(examples=[[45, 47]])
    jitter_ms: list[float] = Field(examples=[[2.1, 1.9]])


class GotVideoTimes(Times):
    """Of the video a peer received: `fps` of one track on average, `freeze_count` its requests for whole pictures."""

    fps: list[float] = Field(examples=[[15.0, 15.0]])
    freeze_count: list[int] = Field(examples=[[0, 1]])


class GotAudioTimes(Times):
    """Of the audio a peer received. `concealed_samples` is reckoned from the packets it reported as lost."""

    concealed_samples: list[int] = Field(examples=[[0, 960]])
    packet_loss_percent: list[float] = Field(examples=[[0.0, 0.2]])


class SentVideo(BaseModel):
    """A video track. `rid` is null: one layer of a track is taken, the best."""

    track_id: str = _TRACK
    type: str = _TYPE
    rid: str | None = None
    time_series: SentVideoTimes


class SentAudio(BaseModel):
    """An audio track."""

    track_id: str = _TRACK
    time_series: SentAudioTimes


class GotVideo(BaseModel):
    """All video a peer received."""

    track_id: str | None = _ALL
    type: str = _TYPE
    time_series: GotVideoTimes


class GotAudio(BaseModel):
    """All audio a peer received."""

    track_id: str | None = _ALL
    time_series: GotAudioTimes


class Sent(BaseModel):
    """What a peer published, a track each."""

    video: list[SentVideo]
    audio: list[SentAudio]


class Got(BaseModel):
    """What a peer received."""

    video: list[GotVideo]
    audio: list[GotAudio]


class PeerQuality(BaseModel):
    """What one peer sent and got. Lists are empty where nothing was measured."""

    peer_id: str = Field(examples=["1169b4b7-68c2-4d39-8568-5618433958ac"])
    session_id: str = Field(examples=["6977b3f3cdd1e423f8b2c1aa"])
    room_id: str = Field(examples=["6977b3f3cdd1e423f8b2c1ab"])
    publisher: Sent
    subscriber: Got


class SessionQuality(BaseModel):
    """Everyone who is or was in a session."""

    session_id: str = Field(examples=["6977b3f3cdd1e423f8b2c1aa"])
    room_id: str = Field(examples=["6977b3f3cdd1e423f8b2c1ab"])
    peers: list[PeerQuality]
