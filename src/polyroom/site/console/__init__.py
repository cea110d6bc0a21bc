"""The console's server side: signing in by a key, and a small JSON API below `/console/api` for its page.

Whoever signs in with a key of an account sees that account; the operator, with a key of their own (`polyroom console`),
sees every account and how the server is doing.
"""

from polyroom.site.console.broadcasts import Broadcasts
from polyroom.site.console.gate import Gate
from polyroom.site.console.load import LoadHistory
from polyroom.site.console.receivers import Receivers
from polyroom.site.console.records import Records
from polyroom.site.console.routes import Console
from polyroom.site.console.tenants import Tenants

__all__ = ["Broadcasts", "Console", "Gate", "LoadHistory", "Receivers", "Records", "Tenants"]
