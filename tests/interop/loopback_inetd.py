"""loopback_inetd.py COMMAND [ARGUMENT...]

Listens on a free port of 127.0.0.1, which it prints, and runs COMMAND for each connection with the
connection as its standard input, as inetd does.
"""
import socket
import subprocess
import sys

listener = socket.create_server(("127.0.0.1", 0))
print(f"listening on {listener.getsockname()[1]}", flush=True)
while True:
    connection, _ = listener.accept()
    with connection:
        subprocess.Popen(sys.argv[1:], stdin=connection)
