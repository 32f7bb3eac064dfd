"""Unix sockets of the host, by path and by abstract name, also from a socket pair that is turned elsewhere."""

import json
import socket

target = json.load(open("target.json"))
escaped = []
for address in (target["unix"], "\0" + target["abstract"]):
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.connect(address)
            escaped.append(address)
    except OSError:
        pass
    ours, _ = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for turn in (lambda: ours.connect(address), lambda: ours.sendto(b"x", address)):
        try:
            turn()
            escaped.append(("pair", address))
        except OSError:
            pass
print("ESCAPED", escaped) if escaped else print("held")
