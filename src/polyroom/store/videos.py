"""Videos, and the plays they were viewed in."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, BindParameter, Connection, bindparam, delete, insert, or_, select, tuple_, update

from polyroom.domain.video import Video, VideoState
from polyroom.store.columns import is_text
from polyroom.store.inserts import insert_unless_there
from polyroom.store.records import Record, changed, only, same
from polyroom.store.tables import room, video, video_view

_VIDEOS = Record(Video, video)
_MOST = bindparam("most", type_=BigInteger)
_IDS: BindParameter[UUID] = bindparam("ids", expanding=True)
_NOW = bindparam("now", type_=video.c.expires_at.type)
_CHANGING = (
    "upload",
    "updated_at",
    "expires_at",
    "state",
    "failure",
    "tries",
    "sha256",
    "milliseconds",
    "width",
    "height",
    "made",
)
_VIDEO = select(*_VIDEOS.columns)
_STATES = select(video.c.id, video.c.state).where(video.c.id.in_(_IDS))
_UPDATE = update(video).where(same(video.c.id, "which"))
_OF_ROOM = _VIDEO.where(same(video.c.room_id)).order_by(video.c.id.desc()).limit(_MOST)
_IN_STATE = _VIDEO.where(same(video.c.state)).order_by(video.c.id).limit(_MOST)
_ABANDONED = (
    _VIDEO.join(room, room.c.id == video.c.room_id)
    .where(or_(video.c.expires_at <= _NOW, room.c.deleted_at.is_not(None)))
    .order_by(video.c.id)
    .limit(_MOST)
)
_VIEWED = update(video).where(same(video.c.id, "which")).values(views=video.c.views + 1)
_PLAY = (video_view.c.video_id, video_view.c.play)
_OLD = (
    select(*_PLAY)
    .where(video_view.c.at < bindparam("before", type_=video_view.c.at.type))
    .order_by(video_view.c.at)
    .limit(_MOST)
)


class SqlVideos:
    """Videos on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, video: Video) -> None:
        self._connection.execute(insert(_TABLE), _VIDEOS.values(video))

    def update(self, video: Video) -> None:
        self._connection.execute(_UPDATE.values(only(_VIDEOS.values(video), _CHANGING)), {"which": video.id})

    def get(self, video_id: UUID) -> Video | None:
        return _VIDEOS.one(self._connection, _VIDEO.where(same(video.c.id)), id=video_id)

    def by_short_id(self, short_id: str) -> Video | None:
        if not is_text(short_id):
            return None
        return _VIDEOS.one(self._connection, _VIDEO.where(same(video.c.short_id)), short_id=short_id)

    def of_room(self, room_id: UUID, limit: int) -> Sequence[Video]:
        return _VIDEOS.all(self._connection, _OF_ROOM, room_id=room_id, most=limit)

    def in_state(self, state: VideoState, limit: int) -> Sequence[Video]:
        return _VIDEOS.all(self._connection, _IN_STATE, state=state, most=limit)

    def abandoned(self, now: datetime, limit: int) -> Sequence[Video]:
        return _VIDEOS.all(self._connection, _ABANDONED, now=now, most=limit)

    def states(self, video_ids: Collection[UUID]) -> Mapping[UUID, VideoState]:
        if not video_ids:
            return {}
        rows = self._connection.execute(_STATES, {"ids": list(video_ids)}).all()
        return {row.id: row.state for row in rows}

    def delete(self, video_id: UUID) -> None:
        self._connection.execute(delete(video_view).where(same(video_view.c.video_id, "which")), {"which": video_id})
        self._connection.execute(delete(video).where(same(video.c.id, "which")), {"which": video_id})

    def view(self, video_id: UUID, play: str, at: datetime) -> bool:
        row = {"video_id": video_id, "play": play, "at": at}
        if not changed(self._connection.execute(insert_unless_there(self._connection, video_view, *_KEY), row)):
            return False
        self._connection.execute(_VIEWED, {"which": video_id})
        return True

    def forget_plays(self, before: datetime, limit: int) -> int:
        gone = delete(video_view).where(tuple_(*_PLAY).in_(_OLD))
        return self._connection.execute(gone, {"before": before, "most": limit}).rowcount


_TABLE = video
_KEY = ("video_id", "play")
