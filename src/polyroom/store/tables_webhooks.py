"""Tables of what is told to receivers: who hears, what waits for whom, and every attempt."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, LargeBinary, SmallInteger, String, Table
from sqlalchemy import UniqueConstraint as Unique

from polyroom.domain.webhook import DeliveryState, WebhookFormat
from polyroom.store.columns import Id
from polyroom.store.table_parts import id_column, metadata, moment_column, partial_index, text_column, word_column

# `sealed` holds headers and secret, encrypted.
webhook = Table(
    "webhook",
    metadata,
    id_column("id", key=True),
    id_column("account_id", "account"),
    word_column("format", WebhookFormat),
    text_column("url"),
    Column("method", String(8), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    moment_column("created_at"),
    Index(None, "account_id", "created_at", "id"),
)

# The queue of one room and one receiver. `due_at` is NULL while nothing waits; a lease moves it into the future.
# `target` is the receiver's scheme, host and port: slow ones are bounded by it. `tries` counts those of the first row.
webhook_lane = Table(
    "webhook_lane",
    metadata,
    id_column("id", key=True),
    id_column("account_id"),
    id_column("room_id", "room"),
    id_column("receiver_id"),
    word_column("format", WebhookFormat),
    text_column("target"),
    moment_column("due_at", null=True),
    Column("tries", SmallInteger, nullable=False),
    Unique("room_id", "receiver_id"),
    partial_index("ix_webhook_lane_due", "due_at", "target", where="due_at IS NOT NULL"),
)

# One event for one receiver. Rows whose `ended_at` is NULL wait, by `sequence` and then `id`, for their turn.
outbox = Table(
    "outbox",
    metadata,
    id_column("id", key=True),
    Column("lane_id", Id, ForeignKey("webhook_lane.id", ondelete="CASCADE"), nullable=False),
    id_column("account_id"),
    id_column("room_id"),
    id_column("event_id"),
    Column("sequence", BigInteger, nullable=False),
    Column("is_replay", Boolean, nullable=False),
    word_column("state", DeliveryState),
    moment_column("created_at"),
    moment_column("ended_at", null=True),
    partial_index("ix_outbox_waiting", "lane_id", "sequence", "id", where="ended_at IS NULL"),
    partial_index("ix_outbox_failed", "account_id", "created_at", "id", where="state = 'failed'"),
    Index(None, "account_id", "created_at", "id"),
    Index(None, "created_at", "id"),
    Index(None, "event_id"),
    Index(None, "lane_id"),
)

# `answer` is how the receiver's answer began, `error` one word where there was none or it was refused.
webhook_attempt = Table(
    "webhook_attempt",
    metadata,
    id_column("id", key=True),
    Column("delivery_id", Id, ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False),
    Column("number", SmallInteger, nullable=False),
    moment_column("at"),
    text_column("url"),
    Column("status", SmallInteger),
    Column("milliseconds", BigInteger, nullable=False),
    text_column("answer"),
    Column("error", String(32), nullable=False),
    Index(None, "delivery_id", "number"),
)
