"""What a schema of an OpenAPI document describes, as JSON with types in the places of values."""

from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]

_DEEPEST = 6


def shape_of(document: Document, schema: Any, depth: int = 0) -> Any:
    """A schema's shape; what lies too deep, as in a schema that holds itself, is left out."""
    found = resolved(document, schema)
    if depth > _DEEPEST or not isinstance(found, Mapping):
        return "…"
    if "properties" in found:
        return {name: shape_of(document, one, depth + 1) for name, one in found["properties"].items()}
    if "allOf" in found:
        return _merged([shape_of(document, one, depth + 1) for one in found["allOf"]])
    for several in ("anyOf", "oneOf"):
        if several in found:
            return _either([shape_of(document, one, depth + 1) for one in found[several]])
    if found.get("type") == "array":
        return [shape_of(document, found.get("items", {}), depth + 1)]
    return _scalar(found)


def resolved(document: Document, item: Any) -> Any:
    """What a reference within the document points to, or the item itself."""
    for _ in range(8):
        if not isinstance(item, Mapping) or "$ref" not in item:
            break
        found: Any = document
        for step in str(item["$ref"]).removeprefix("#/").split("/"):
            found = found.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(found, Mapping) else {}
        item = found
    return item


def _scalar(schema: Mapping[str, Any]) -> str:
    if "const" in schema or "enum" in schema:
        return " | ".join(str(one) for one in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "any")
    text = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{text} ({schema['format']})" if "format" in schema else text


def _either(shapes: list[Any]) -> Any:
    nested = [one for one in shapes if not isinstance(one, str)]
    return nested[0] if nested else " | ".join(shapes)


def _merged(shapes: list[Any]) -> Any:
    found: dict[str, Any] = {}
    for one in shapes:
        if not isinstance(one, dict):
            return one
        found.update(one)
    return found
