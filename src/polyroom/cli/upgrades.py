"""WebSocket upgrades whose head cannot be read are refused; uvicorn alone would leave the connection open, mute."""

from http import HTTPStatus

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


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
