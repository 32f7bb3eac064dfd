"""TCP to a server of the host, to a name and to metadata addresses; UDP; DNS; raw and netlink sockets."""

import json
import socket

port = json.load(open("target.json"))["port"]
escaped = []
for address in (
    ("127.0.0.1", port),
    ("localhost", port),
    ("169.254.169.254", 80),
    ("100.100.100.200", 80),
    ("1.1.1.1", 53),
):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind) as opened:
                opened.settimeout(0.3)
                opened.connect(address)
                opened.send(b"x")
                escaped.append((address, kind))
        except OSError:
            pass
for family, kind in ((socket.AF_INET6, socket.SOCK_STREAM), (socket.AF_PACKET, socket.SOCK_RAW), (16, socket.SOCK_RAW)):
    try:
        socket.socket(family, kind).close()
        escaped.append((family, kind))
    except OSError:
        pass
try:
    escaped.append(socket.getaddrinfo("example.com", 80))
except OSError:
    pass
print("ESCAPED", escaped) if escaped else print("held")
