"""Every path of the console's API."""

from starlette.routing import BaseRoute, Route

from polyroom.services.accounts import AccountService
from polyroom.site.console.broadcasts import Broadcasts
from polyroom.site.console.endpoint import Call, Endpoint, Handler, Needs
from polyroom.site.console.errors import not_found
from polyroom.site.console.gate import Gate
from polyroom.site.console.load import LoadHistory
from polyroom.site.console.receivers import Receivers
from polyroom.site.console.records import Records
from polyroom.site.console.tenants import Tenants

BASE = "/console/api"


class Console:
    """The console's API, put together from its handlers."""

    def __init__(
        self,
        gate: Gate,
        accounts: AccountService,
        *,
        tenants: Tenants,
        records: Records,
        receivers: Receivers,
        broadcasts: Broadcasts,
        load: LoadHistory,
    ) -> None:
        self._gate = gate
        self._accounts = accounts
        self._tenants = tenants
        self._records = records
        self._receivers = receivers
        self._broadcasts = broadcasts
        self._load = load

    def routes(self) -> list[BaseRoute]:
        """The routes, the one that takes every other path last."""
        who, of_account, operator = Needs.VISITOR, Needs.ACCOUNT, Needs.OPERATOR
        tenants, records, receivers, out = self._tenants, self._records, self._receivers, self._broadcasts
        session = f"{BASE}/sessions/{{session_id}}"
        webhook = f"{BASE}/webhooks/{{webhook_id}}"
        return [
            self._route(f"{BASE}/sign-in", Needs.NOTHING, post=tenants.sign_in),
            self._route(f"{BASE}/me", who, get=tenants.who, delete=tenants.sign_out),
            self._route(f"{BASE}/now", of_account, get=records.now),
            self._route(f"{BASE}/rooms", of_account, get=records.rooms),
            self._route(f"{BASE}/rooms/{{room_id}}", of_account, get=records.room),
            self._route(f"{BASE}/rooms/{{room_id}}/messages", of_account, get=records.messages),
            self._route(f"{BASE}/rooms/{{room_id}}/recordings", of_account, get=out.recordings),
            self._route(f"{BASE}/rooms/{{room_id}}/broadcast", of_account, get=out.now),
            self._route(f"{BASE}/rooms/{{room_id}}/broadcast/stop", of_account, post=out.stop),
            self._route(f"{BASE}/recordings/{{recording_id}}", of_account, delete=out.delete_recording),
            self._route(f"{BASE}/recordings/{{recording_id}}/stop", of_account, post=out.stop_recording),
            self._route(f"{BASE}/sessions", of_account, get=records.sessions),
            self._route(session, of_account, get=records.session),
            self._route(f"{session}/people", of_account, get=records.people),
            self._route(f"{session}/events", of_account, get=records.events),
            self._route(f"{session}/end", of_account, post=records.end),
            self._route(f"{session}/people/{{participant_id}}/quality", of_account, get=records.quality),
            self._route(f"{session}/people/{{participant_id}}/remove", of_account, post=records.remove),
            self._route(f"{BASE}/webhooks", of_account, get=receivers.list, post=receivers.add),
            self._route(webhook, of_account, delete=receivers.remove),
            self._route(f"{webhook}/test", of_account, post=receivers.try_out),
            self._route(f"{BASE}/deliveries", of_account, get=receivers.deliveries),
            self._route(f"{BASE}/deliveries/{{delivery_id}}", of_account, get=receivers.delivery),
            self._route(f"{BASE}/replay", of_account, post=receivers.replay),
            self._route(f"{BASE}/keys", of_account, get=tenants.keys, post=tenants.add_key),
            self._route(f"{BASE}/keys/{{dialect}}/{{public_id}}", of_account, delete=tenants.revoke_key),
            self._route(f"{BASE}/accounts", operator, get=tenants.accounts, post=tenants.add_account),
            self._route(f"{BASE}/accounts/{{account_id}}", operator, delete=tenants.close_account),
            self._route(f"{BASE}/load", operator, get=self._load.show),
            self._route(f"{BASE}/{{rest:path}}", who, get=_nothing, post=_nothing, delete=_nothing),
        ]

    def _route(self, path: str, needs: Needs, **handlers: Handler) -> Route:
        return Route(path, Endpoint(self._gate, self._accounts, needs, **handlers), include_in_schema=False)


async def _nothing(_call: Call) -> None:
    raise not_found("path")
