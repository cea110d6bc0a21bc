"""`polyroom openapi`: a dialect's OpenAPI document, made from the code that serves it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import click

from polyroom.services.credentials import DIALECT_OF_NAME


@click.command()
@click.argument("dialect")
def openapi(dialect: str) -> None:
    """Print the OpenAPI document of DIALECT as JSON."""
    documents = _documents()
    served = ", ".join(documents)
    if dialect in documents:
        click.echo(json.dumps(documents[dialect](), indent=2, ensure_ascii=False))
        return
    if dialect in DIALECT_OF_NAME:
        raise click.UsageError(f"{dialect} is not served yet, it comes in a later version; served now: {served}")
    raise click.UsageError(f"there is no dialect {dialect!r}; served: {served}")


def _documents() -> Mapping[str, Callable[[], dict[str, Any]]]:
    from polyroom.dialects.hms import Edition, hms_app
    from polyroom.dialects.phenix import phenix_app
    from polyroom.dialects.streamwise import streamwise_app
    from polyroom.dialects.telnyx import telnyx_app

    # The document follows from the routes alone: no service is ever called for it.
    nobody: Any = None
    app = streamwise_app(
        rooms=nobody,
        admissions=nobody,
        access_codes=nobody,
        sessions=nobody,
        videos=nobody,
        uploads=nobody,
        watchers=nobody,
        restreamed=nobody,
        accounts=nobody,
        public_url=lambda: "",
        ingest=nobody,
    )
    telnyx = telnyx_app(
        rooms=nobody,
        sessions=nobody,
        moderation=nobody,
        recorded=nobody,
        deletion=nobody,
        compositions=nobody,
        link=nobody,
        accounts=nobody,
        clock=nobody,
        ids=nobody,
        attempts=nobody,
    )
    phenix = phenix_app(
        rooms=nobody,
        sessions=nobody,
        messages=nobody,
        moderation=nobody,
        forks=nobody,
        on_demand=nobody,
        now=nobody,
        webhooks=nobody,
        accounts=nobody,
        attempts=nobody,
        stream_key=nobody,
    )
    hms = hms_app(
        rooms=nobody,
        templates=nobody,
        room_codes=nobody,
        sessions=nobody,
        messages=nobody,
        moderation=nobody,
        people=nobody,
        polls=nobody,
        quality=nobody,
        recordings=nobody,
        recorded=nobody,
        restreams=nobody,
        restreamed=nobody,
        streams=nobody,
        streamed=nobody,
        watch=nobody,
        link=nobody,
        stream_keys=nobody,
        ingest=nobody,
        events=nobody,
        webhooks=nobody,
        accounts=nobody,
        clock=nobody,
        ids=nobody,
        edition=Edition.DOCUMENT,
    )
    return {"streamwise": app.openapi, "100ms": hms.openapi, "telnyx": telnyx.openapi, "phenix": phenix.openapi}
