"""Signing in and out, accounts and their keys."""

from typing import Any

from starlette.responses import JSONResponse

from polyroom.services.accounts import AccountService
from polyroom.services.credentials import DIALECT_OF_NAME, NAME_OF_DIALECT, credentials_of
from polyroom.services.presence import Presence
from polyroom.services.record import cut
from polyroom.site.console import views
from polyroom.site.console.asking import after_of, limit_of, path_id, text_field
from polyroom.site.console.endpoint import Call
from polyroom.site.console.errors import invalid, not_found
from polyroom.site.console.gate import Gate, Visitor

_LONGEST_KEY = 512


class Tenants:
    """The handlers of who is who."""

    def __init__(self, gate: Gate, accounts: AccountService, presence: Presence) -> None:
        self._gate = gate
        self._accounts = accounts
        self._presence = presence

    async def sign_in(self, call: Call) -> Any:
        """A key comes, a cookie goes."""
        key = text_field(await call.body(), "key", _LONGEST_KEY)
        client = call.request.client
        visitor = await self._gate.sign_in(key, client.host if client else "")
        response = JSONResponse(await self._shown(visitor), 201)
        self._gate.remember(call.request, response, visitor)
        return response

    async def who(self, call: Call) -> Any:
        """Who is signed in."""
        return await self._shown(call.visitor)

    async def sign_out(self, call: Call) -> Any:
        """The cookie is worth nothing any more."""
        response = JSONResponse({"signed_out": True})
        self._gate.forget(call.request, response, call.visitor)
        return response

    async def accounts(self, call: Call) -> Any:
        """The tenants, oldest first, with what is live of each."""
        limit = limit_of(call.request, 50)
        found = cut(await self._accounts.page(after_of(call.request), limit + 1), limit)
        live = self._presence.by_account()
        return views.page(
            found,
            lambda one: (
                views.account(one)
                | {
                    "rooms": live[one.id].rooms if one.id in live else 0,
                    "people": live[one.id].people if one.id in live else 0,
                }
            ),
        )

    async def add_account(self, call: Call) -> Any:
        """One more tenant. The secrets of its keys are shown this once."""
        made = await self._accounts.create(text_field(await call.body(), "name"))
        keys = await self._accounts.keys(made.id)
        credentials = {NAME_OF_DIALECT[one.dialect]: credentials_of(one) for one in keys}
        return JSONResponse(views.account(made) | {"credentials": credentials}, 201)

    async def close_account(self, call: Call) -> Any:
        """None of its keys works any more."""
        await self._accounts.close(path_id(call.request, "account_id", "account"))
        return {"closed": True}

    async def keys(self, call: Call) -> Any:
        """An account's keys, oldest first, without their secrets."""
        limit = limit_of(call.request, 50)
        found = cut(await self._accounts.keys_page(call.account.id, after_of(call.request), limit + 1), limit)
        return views.page(found, views.key)

    async def add_key(self, call: Call) -> Any:
        """One more key. Its secret is shown this once."""
        name = text_field(await call.body(), "dialect")
        if name not in DIALECT_OF_NAME:
            raise invalid("dialect", f"dialect must be one of {', '.join(DIALECT_OF_NAME)}.")
        made = await self._accounts.create_key(call.account.id, DIALECT_OF_NAME[name])
        return JSONResponse(views.key(made) | {"credentials": credentials_of(made)}, 201)

    async def revoke_key(self, call: Call) -> Any:
        """Make a key worthless."""
        name, public_id = call.request.path_params["dialect"], call.request.path_params["public_id"]
        if name not in DIALECT_OF_NAME:
            raise not_found("key")
        await self._accounts.revoke_key(DIALECT_OF_NAME[name], public_id, call.account.id)
        return {"revoked": True}

    async def _shown(self, visitor: Visitor) -> dict[str, Any]:
        own = visitor.account or await self._accounts.ensure_default()
        return {
            "operator": visitor.is_operator,
            "account": views.account(own),
            "key": views.key(visitor.key) if visitor.key else None,
            "expires_at": views.at(visitor.ends),
        }
