"""WebSocket upgrades whose head cannot be read are refused; uvicorn alone would leave the connection open, mute."""

from http import HTTPStatus

import websockets.http11
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LINE_BYTES = 32 * 1024
# A vendor's signed token may stand in one line of the head, which cli/http.py bounds as a whole.
websockets.http11.MAX_LINE_LENGTH = LINE_BYTES


class BoundedUpgrades(WebSocketsSansIOProtocol):
    """Answers 400 to an over-long or broken upgrade request and closes."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is None or self.handshake_complete or self.transport.is_closing():
            return
        status = HTTPStatus.BAD_REQUEST
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\nAccess-Control-Allow-Origin: *\r\n"
        self.transport.write(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        self.transport.close()
