"""tls_relay.py CERTIFICATE KEY PORT

Listens with TLS on a free port of 127.0.0.1, which it prints, and passes what comes on to PORT of
127.0.0.1, with TLS again: a man in the middle with a certificate of its own.
"""
import socket
import ssl
import sys
import threading

MOST_OCTETS = 16384


def pass_on(source, destination):
    try:
        while octets := source.recv(MOST_OCTETS):
            destination.sendall(octets)
    except OSError:
        pass
    for end in (source, destination):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(connection, as_server, as_client, port):
    try:
        client = as_server.wrap_socket(connection, server_side=True)
        server = as_client.wrap_socket(socket.create_connection(("127.0.0.1", port)))
    except OSError:
        connection.close()
        return
    threading.Thread(target=pass_on, args=(client, server), daemon=True).start()
    pass_on(server, client)


def main():
    as_server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    as_server.load_cert_chain(sys.argv[1], sys.argv[2])
    as_client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    as_client.check_hostname = False
    as_client.verify_mode = ssl.CERT_NONE
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"listening on {listener.getsockname()[1]}", flush=True)
    while True:
        connection, _ = listener.accept()
        arguments = (connection, as_server, as_client, int(sys.argv[3]))
        threading.Thread(target=serve, args=arguments, daemon=True).start()


main()
