"""The dialects' public names, and the keys of each in the words of its vendor."""

from collections.abc import Mapping

from polyroom.domain.account import ApiKey, Dialect

DIALECT_OF_NAME: Mapping[str, Dialect] = {
    "100ms": Dialect.HMS,
    "telnyx": Dialect.TELNYX,
    "phenix": Dialect.PHENIX,
    "streamwise": Dialect.STREAMWISE,
    "livekit": Dialect.LIVEKIT,
}
NAME_OF_DIALECT: Mapping[Dialect, str] = {dialect: name for name, dialect in DIALECT_OF_NAME.items()}


def credentials_of(key: ApiKey) -> dict[str, str]:
    """What an application of this dialect is configured with, its base path last."""
    match key.dialect:
        case Dialect.HMS:
            app_id = key.extra.get("app_id", "")
            return {"access_key": key.public_id, "secret": key.secret, "app_id": app_id, "base": "/100ms/v2"}
        case Dialect.TELNYX:
            return {"api_key": key.secret, "public_key": key.extra.get("public_key", ""), "base": "/telnyx/v2"}
        case Dialect.PHENIX:
            return {"application_id": key.public_id, "secret": key.secret, "base": "/pcast"}
        case Dialect.STREAMWISE:
            return {"token": key.secret, "base": "/streamwise"}
        case Dialect.LIVEKIT:
            return {"api_key": key.public_id, "api_secret": key.secret, "base": "/"}
