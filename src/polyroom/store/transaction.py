"""All repositories over one connection."""

from sqlalchemy import Connection

from polyroom.store.accounts import SqlAccounts
from polyroom.store.admissions import SqlAdmissions
from polyroom.store.erasure import SqlErasure
from polyroom.store.events import SqlEvents
from polyroom.store.expiry import SqlExpiry
from polyroom.store.external_streams import SqlExternalStreams
from polyroom.store.history import SqlHistory
from polyroom.store.live_streams import SqlLiveStreams
from polyroom.store.messages import SqlMessages
from polyroom.store.outbox import SqlOutbox
from polyroom.store.polls import SqlPolls
from polyroom.store.quality import SqlQuality
from polyroom.store.recordings import SqlRecordings
from polyroom.store.rooms import SqlRooms
from polyroom.store.secrets import Vault
from polyroom.store.servers import SqlServers
from polyroom.store.sessions import SqlSessions
from polyroom.store.stream_keys import SqlStreamKeys
from polyroom.store.templates import SqlTemplates
from polyroom.store.videos import SqlVideos
from polyroom.store.walks import SqlWalks
from polyroom.store.webhooks import SqlWebhooks


class SqlTransaction:
    """What a unit of work is given. It keeps nothing between units, so a connection needs only one."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self.accounts = SqlAccounts(connection, vault)
        self.templates = SqlTemplates(connection, vault)
        self.rooms = SqlRooms(connection, vault)
        self.admissions = SqlAdmissions(connection)
        self.sessions = SqlSessions(connection)
        self.outbox = SqlOutbox(connection, vault)
        self.events = SqlEvents(connection, self.outbox)
        self.webhooks = SqlWebhooks(connection, vault)
        self.messages = SqlMessages(connection)
        self.polls = SqlPolls(connection)
        self.quality = SqlQuality(connection)
        self.recordings = SqlRecordings(connection)
        self.live_streams = SqlLiveStreams(connection)
        self.external_streams = SqlExternalStreams(connection, vault)
        self.history = SqlHistory(connection)
        self.expiry = SqlExpiry(connection)
        self.erasure = SqlErasure(connection)
        self.videos = SqlVideos(connection)
        self.stream_keys = SqlStreamKeys(connection)
        self.walks = SqlWalks(connection)
        self.servers = SqlServers(connection)
