"""Headers of resumable uploads. Source: tus 1.0.0 (tus.io/protocols/resumable-upload), core protocol and the extensions
creation, creation-with-upload, expiration, checksum and termination. The Rooms document says only that the customer
uploads a video.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from starlette.requests import Request

from polyroom.dialects.streamwise.errors import ApiError, invalid
from polyroom.services.ports.videos import Checksum
from polyroom.services.uploads import Upload, UploadWish

VERSION = "1.0.0"
CONTENT = "application/offset+octet-stream"
ALGORITHMS = ("sha1", "sha256", "sha512", "md5")
_EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
_METADATA_BYTES = 4096
_METADATA_KEYS = 32
_NAME_LENGTH = 255
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)
_OWN = "Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires, Upload-Checksum, Tus-Resumable"

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": f"Authorization, Content-Type, X-HTTP-Method-Override, {_OWN}",
    "Access-Control-Expose-Headers": f"Location, Tus-Version, Tus-Extension, Tus-Max-Size, {_OWN}",
    "Access-Control-Max-Age": "86400",
}


def abilities(most_bytes: int) -> dict[str, str]:
    """What OPTIONS tells."""
    return {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": _EXTENSIONS,
        "Tus-Max-Size": str(most_bytes),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def described(upload: Upload) -> dict[str, str]:
    """Where an upload is, as headers."""
    video = upload.video
    found = {
        "Upload-Offset": str(upload.offset),
        "Upload-Length": str(video.bytes),
        "Cache-Control": "no-store",
    }
    if video.upload.get("metadata"):
        found["Upload-Metadata"] = video.upload["metadata"]
    if video.expires_at is not None:
        found["Upload-Expires"] = _http_date(video.expires_at)
    return found


def check_version(request: Request, *, needed: bool) -> None:
    """Raise 412 for a client that speaks another version, or where it is needed says none."""
    said = request.headers.get("tus-resumable")
    if said != VERSION and (needed or said is not None):
        text = f"Tus-Resumable must be {VERSION}."
        raise ApiError(412, text, headers={"Tus-Version": VERSION})


def wish_of(request: Request) -> UploadWish:
    """What a creation announces. Raises ApiError."""
    if "upload-defer-length" in request.headers:
        raise ApiError(400, "The length of an upload must be known when it begins.")
    raw = request.headers.get("upload-metadata", "")
    texts = _metadata(raw)
    sha256 = texts.get("sha256", "")
    if sha256 and not _SHA256.fullmatch(sha256):
        raise invalid("sha256", "The {} must be 64 hexadecimal digits.")
    name = texts.get("filename") or texts.get("name") or ""
    return UploadWish(name[:_NAME_LENGTH], number(request, "Upload-Length"), sha256.lower(), {"metadata": raw})


def number(request: Request, header: str) -> int:
    """A header that has to be a number. Raises ApiError 400."""
    text = request.headers.get(header, "")
    if not _NUMBER.fullmatch(text):
        raise ApiError(400, f"{header} must be a whole number of at most 18 digits.")
    return int(text)


def check_content(request: Request) -> None:
    """Raise 415 for a body that is not a piece of a file."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != CONTENT:
        raise ApiError(415, f"The Content-Type must be {CONTENT}.")


def checksum_of(request: Request) -> Checksum | None:
    """What the body must hash to, None where that is not said. Raises ApiError 400."""
    text = request.headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.partition(" ")
    if algorithm not in ALGORITHMS:
        raise ApiError(400, f"Upload-Checksum must be one of {', '.join(ALGORITHMS)}, a space, and Base64.")
    digest = _decoded(encoded)
    if digest is None or len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise ApiError(400, f"Upload-Checksum must be a {algorithm} in Base64.")
    return Checksum(algorithm, digest)


def _metadata(raw: str) -> Mapping[str, str]:
    """`key base64,key base64`: texts by their names."""
    if len(raw) > _METADATA_BYTES:
        raise ApiError(400, f"Upload-Metadata may not be greater than {_METADATA_BYTES} bytes.")
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in raw.split(","))):
        key, _, encoded = part.partition(" ")
        value = _decoded(encoded)
        if not key.isascii() or not key.isprintable() or value is None or key in found:
            raise ApiError(400, "Upload-Metadata must be pairs of a key and Base64, with commas between.")
        try:
            found[key] = value.decode()
        except UnicodeDecodeError:
            raise invalid(key, "The {} must be valid text.") from None
        if "\0" in found[key]:
            raise invalid(key, "The {} must be valid text.")
    if len(found) > _METADATA_KEYS:
        raise ApiError(400, f"Upload-Metadata may not have more than {_METADATA_KEYS} keys.")
    return found


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _http_date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
