"""One track of pictures: kept as it came, decoded when its time has come."""

from collections import deque

from av import CodecContext, Packet, VideoCodecContext, VideoFrame
from av.error import FFmpegError

from polyroom.egress.frames import Codec, Frame
from polyroom.egress.mp4_boxes import Picture

_NAMES = {Codec.VP8: "vp8", Codec.VP9: "vp9", Codec.H264: "h264", Codec.AV1: "libdav1d"}
_LARGEST = 4096 * 2304
"""Pixels; larger pictures are refused by the decoder, and their sender is shown as without a camera."""
_WAITING_AT_MOST = 600


class Camera:
    """Decodes in order; `frame` is the picture to show, `serial` counts them, `turns` are clockwise quarters."""

    def __init__(self) -> None:
        self.frame: VideoFrame | None = None
        self.serial = 0
        self.turns = 0
        self._waiting: deque[Frame] = deque()
        self._decoder: VideoCodecContext | None = None
        self._codec: Codec | None = None

    def put(self, frame: Frame) -> None:
        """Keep a picture until its time comes."""
        if len(self._waiting) >= _WAITING_AT_MOST:
            self._waiting.clear()
            self._decoder = None
        self._waiting.append(frame)

    def show(self, time: int) -> bool:
        """Decode what was taken up to a time. False when it can go on only with a keyframe."""
        while self._waiting and self._waiting[0].captured <= time:
            if not self._decode(self._waiting.popleft()):
                return False
        return True

    @property
    def codec(self) -> Codec | None:
        """Of what waits, else of what was decoded last."""
        return self._waiting[-1].codec if self._waiting else self._codec

    def due(self, time: int) -> list[Frame]:
        """What was taken up to a time and not decoded yet."""
        return [frame for frame in self._waiting if frame.captured <= time]

    def forget(self, count: int) -> None:
        """Let go of the oldest that wait."""
        for _ in range(count):
            self._waiting.popleft()

    def skip(self, time: int) -> list[Frame]:
        """Give away what is due. Only a keyframe can be decoded next."""
        due = self.due(time)
        self.forget(len(due))
        if due:
            self._decoder, self._codec = None, due[-1].codec
        return due

    def lose(self) -> None:
        """Something was left out: what is seen stays up to the next keyframe."""
        self._waiting.clear()
        self._decoder = None

    def clear(self) -> None:
        """Show nothing up to the next keyframe."""
        self._waiting.clear()
        self._decoder = self.frame = None
        self.serial += 1

    def _decode(self, frame: Frame) -> bool:
        if self._decoder is None or frame.codec is not self._codec:
            if not frame.key:
                return False
            self._decoder, self._codec = _decoder(frame.codec), frame.codec
        try:
            decoded = self._decoder.decode(Packet(frame.data))
        except (FFmpegError, ValueError):
            self._decoder = None
            return False
        for picture in decoded:
            if isinstance(picture, VideoFrame):
                self.frame, self.turns = picture, frame.turns
                self.serial += 1
        return True


def can_be_seen(key: bytes, head: Picture) -> bool:
    """Whether an H264 keyframe, which may lack its parameter sets, is a whole picture of that size."""
    decoder = _decoder(Codec.H264)
    sets = b"".join(b"\0\0\0\1" + one for one in head[2:])
    try:
        found = [*decoder.decode(Packet(sets + b"\0" + key)), *decoder.decode(None)]
    except (FFmpegError, ValueError):
        return False
    return [(one.width, one.height, one.is_corrupt) for one in found] == [(*head[:2], False)]


def _decoder(codec: Codec) -> VideoCodecContext:
    decoder = CodecContext.create(_NAMES[codec], "r")
    assert isinstance(decoder, VideoCodecContext)
    # Threads hold pictures back, and take more of the machine than the job was admitted with.
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(_LARGEST)}
    return decoder
