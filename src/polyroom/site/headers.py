"""Response headers that keep the pages safe, and those that let other origins use the way in."""

PAGE_HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "connect-src 'self' ws: wss:",
            "media-src 'self' blob: mediastream:",
            "img-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    ),
    # A room's link carries its token; no other site may learn it.
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(self), microphone=(self), display-capture=(self)",
    "cache-control": "no-cache",
}

DOCUMENT_HEADERS = PAGE_HEADERS | {
    # The API pages run no script at all.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
}

CONSOLE_HEADERS = PAGE_HEADERS | {
    # It asks this server only, needs no device, and is shown in no frame: clicks there end meetings.
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "connect-src 'self'",
            "img-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "permissions-policy": "camera=(), microphone=(), display-capture=()",
}

CORS_HEADERS = {
    # Without credentials: nothing here reads a cookie, so any page may ask what anyone may ask.
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "content-type",
    "access-control-expose-headers": "retry-after",
    "access-control-max-age": "86400",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
