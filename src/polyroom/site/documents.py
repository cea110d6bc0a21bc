"""`/docs/{dialect}`: a dialect's OpenAPI document as a page, written here so that nothing is fetched from elsewhere."""

import json
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from polyroom.site.headers import DOCUMENT_HEADERS
from polyroom.site.shapes import Document, resolved, shape_of

_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f;
background:#fff}code,pre{font:14px/1.45 ui-monospace,monospace}pre{background:#f4f5f7;padding:.8rem;overflow:auto}
details{border:1px solid #d5d8de;border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}summary{cursor:pointer}
.m{display:inline-block;min-width:4.5rem;font-weight:700}table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid #e3e5ea}a{color:#1048c7}
@media(prefers-color-scheme:dark){body{background:#15171b;color:#e6e7ea}pre{background:#22252b}
details,td,th{border-color:#3a3e46}a{color:#8ab0ff}}"""


class Documents:
    """The API pages. `documents` makes each dialect's OpenAPI document on its first use."""

    def __init__(self, documents: Mapping[str, Callable[[], Document]]) -> None:
        self._documents = documents
        self._pages: dict[str, str] = {}

    def routes(self) -> list[Route]:
        """Their routes."""
        return [
            Route("/docs/{dialect}/openapi.json", self._raw),
            Route("/docs/{dialect}", self._page),
        ]

    async def _page(self, request: Request) -> Response:
        name = request.path_params["dialect"]
        if name not in self._documents:
            return self._unknown()
        if name not in self._pages:
            self._pages[name] = render(name, self._documents[name]())
        return HTMLResponse(self._pages[name], headers=DOCUMENT_HEADERS)

    async def _raw(self, request: Request) -> Response:
        name = request.path_params["dialect"]
        if name not in self._documents:
            return self._unknown()
        return JSONResponse(self._documents[name](), headers=DOCUMENT_HEADERS)

    def _unknown(self) -> Response:
        links = "".join(f'<li><a href="/docs/{name}">{name}</a></li>' for name in self._documents)
        body = _frame("API pages", f"<h1>No such API here</h1><p>These are served now:</p><ul>{links}</ul>")
        return HTMLResponse(body, 404, headers=DOCUMENT_HEADERS)


def render(name: str, document: Document) -> str:
    """A whole page for one OpenAPI document."""
    info = document.get("info", {})
    title = str(info.get("title", name))
    body = [
        f"<h1>{escape(title)}</h1>",
        _paragraph(info.get("description")),
        f"<p>Version {escape(str(info.get('version', '')))}.",
        f'<a href="/docs/{escape(name)}/openapi.json">The document as JSON</a></p>',
        *_operations(document),
    ]
    return _frame(title, "\n".join(body))


def _frame(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )


def _operations(document: Document) -> Iterator[str]:
    bases = [str(one.get("url", "")).rstrip("/") for one in document.get("servers", [])]
    base = bases[0] if bases else ""
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                yield _operation(document, method, base + path, item.get("parameters", []), item[method])


def _operation(document: Document, method: str, path: str, shared: list[Any], operation: Mapping[str, Any]) -> str:
    parts = [
        f'<summary><span class="m">{method.upper()}</span> <code>{escape(path)}</code>'
        f" {escape(str(operation.get('summary', '')))}</summary>",
        _paragraph(operation.get("description")),
        _parameters(document, [*shared, *operation.get("parameters", [])]),
    ]
    request = resolved(document, operation.get("requestBody", {}))
    parts.extend(_bodies(document, "Request", request))
    for status, response in operation.get("responses", {}).items():
        found = resolved(document, response)
        parts.append(f"<h4>{escape(str(status))} {escape(str(found.get('description', '')))}</h4>")
        parts.extend(_bodies(document, "", found))
    return f"<details>{''.join(parts)}</details>"


def _parameters(document: Document, parameters: list[Any]) -> str:
    rows = []
    for one in (resolved(document, parameter) for parameter in parameters):
        shape = shape_of(document, one.get("schema", {}))
        kind = shape if isinstance(shape, str) else json.dumps(shape)
        needed = " (required)" if one.get("required") else ""
        rows.append(
            f"<tr><td><code>{escape(str(one.get('name')))}</code></td><td>{escape(str(one.get('in')))}{needed}</td>"
            f"<td>{escape(kind)}</td><td>{escape(str(one.get('description', '')))}</td></tr>"
        )
    head = "<tr><th>Parameter</th><th>In</th><th>Type</th><th></th></tr>"
    return f"<table>{head}{''.join(rows)}</table>" if rows else ""


def _bodies(document: Document, heading: str, holder: Mapping[str, Any]) -> Iterator[str]:
    for media, content in holder.get("content", {}).items():
        shape = content["example"] if "example" in content else shape_of(document, content.get("schema", {}))
        if heading:
            yield f"<h4>{heading} <code>{escape(media)}</code></h4>"
        yield f"<pre>{escape(json.dumps(shape, indent=2, ensure_ascii=False))}</pre>"


def _paragraph(text: Any) -> str:
    return f'<p style="white-space:pre-line">{escape(str(text))}</p>' if text else ""
