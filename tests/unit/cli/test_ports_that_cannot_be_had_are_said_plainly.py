"""Binding the HTTP sockets."""

import socket
from contextlib import closing

import pytest

from polyroom.cli.sockets import CannotListen, listen


def close(sockets):
    for one in sockets:
        one.close()


def test_port_0_picks_a_free_one():
    sockets = listen("127.0.0.1", 0)
    assert sockets[0].getsockname()[1] > 0
    close(sockets)


def test_localhost_has_one_port_for_all_its_addresses():
    sockets = listen("localhost", 0)
    assert len({one.getsockname()[1] for one in sockets}) == 1
    close(sockets)


def test_a_port_in_use():
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"port {port} of 127.0.0.1 is in use.*--port"):
            listen("127.0.0.1", port)
        with pytest.raises(CannotListen, match=f"port {port} of 127.0.0.1 is in use.*--rtmp-port"):
            listen("127.0.0.1", port, "--rtmp-port")


def test_an_address_of_another_machine():
    with pytest.raises(CannotListen, match="not an address of this machine"):
        listen("192.0.2.77", 0)


@pytest.mark.parametrize("host", ["no such host", "a..b", "999.1.1.1.1"])
def test_no_address_at_all(host):
    with pytest.raises(CannotListen, match="no such address"):
        listen(host, 0)
