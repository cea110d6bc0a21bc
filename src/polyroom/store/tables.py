"""Every table. Times are microseconds since 1970, ids 16 bytes; see `columns`."""

from sqlalchemy import Table

from polyroom.store.table_parts import id_column, metadata, moment_column
from polyroom.store.tables_accounts import account, api_key, room_count, subscription
from polyroom.store.tables_external import external_stream, external_target
from polyroom.store.tables_ingest import stream_key
from polyroom.store.tables_live import live_stream
from polyroom.store.tables_messages import message, message_sequence
from polyroom.store.tables_polls import poll, poll_count, poll_response, poll_run, poll_standing
from polyroom.store.tables_quality import quality
from polyroom.store.tables_recordings import discarded_file, recording, recording_asset
from polyroom.store.tables_rooms import access_code, admission, handle, room, room_secret, template, template_secret
from polyroom.store.tables_sessions import event, participant, room_sequence, session, track
from polyroom.store.tables_videos import video, video_view
from polyroom.store.tables_webhooks import outbox, webhook, webhook_attempt, webhook_lane

__all__ = [
    "access_code",
    "account",
    "admission",
    "api_key",
    "discarded_file",
    "event",
    "external_stream",
    "external_target",
    "handle",
    "live_stream",
    "message",
    "message_sequence",
    "metadata",
    "outbox",
    "participant",
    "poll",
    "poll_count",
    "poll_response",
    "poll_run",
    "poll_standing",
    "quality",
    "recording",
    "recording_asset",
    "room",
    "room_count",
    "room_secret",
    "room_sequence",
    "server_heartbeat",
    "session",
    "stream_key",
    "subscription",
    "template",
    "template_secret",
    "track",
    "video",
    "video_view",
    "webhook",
    "webhook_attempt",
    "webhook_lane",
]

server_heartbeat = Table("server_heartbeat", metadata, id_column("server_id", key=True), moment_column("at"))
