"""python_credssp.py client MESSAGES CERTIFICATE PORT [--at PLACE COMMAND]... OPTION...
python_credssp.py server MESSAGES CERTIFICATE [--at PLACE COMMAND]... OPTION...

CredSSP as MS-CSSP has it, made of nothing of ours: TLS by "openssl s_client" or "openssl s_server",
which get the OPTIONs, and SPNEGO by python3-gssapi. The messages of TLS are written to the file
MESSAGES. COMMAND is one of the letters of s_client and s_server (K: KeyUpdate that asks for one, k:
that does not, R and r: a new handshake), given at PLACE:

  handshake   before the first TSRequest
  logon       between the first TSRequests of the two sides
  binding     before pubKeyAuth
  message     after the logon, before a message

Ends with 0 when all was done, with 3 when the connection ended before, and says how far it was.
"""
import hashlib
import os
import re
import signal
import subprocess
import sys
import time

import gssapi

SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
FLAGS = gssapi.RequirementFlag
VERSION = 6
NONCE, NEGO_TOKENS, AUTH_INFO, PUB_KEY_AUTH, ERROR_CODE = 5, 1, 2, 3, 4
TO_SERVER = b"CredSSP Client-To-Server Binding Hash\0"
TO_CLIENT = b"CredSSP Server-To-Client Binding Hash\0"
SEQUENCE, INTEGER, OCTETS, BIT_STRING, CONTEXT = 0x30, 0x02, 0x04, 0x03, 0xA0
# A TSRequest of version 6, wherever it begins: s_server's own words may stand before it.
BEGIN = re.compile(rb"\x30(?:\x82..|\x81.|[\x00-\x7f])\xa0\x03\x02\x01\x06", re.DOTALL)
SECONDS = 60


class Ended(Exception):
    """The connection is over."""


def der(tag, *contents):
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def read_der(octets):
    """The first element's tag and content, and what is behind it; None while it is not whole."""
    if len(octets) < 2:
        return None
    start, length = 2, octets[1]
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(octets[2:start], "big")
    if len(octets) < start + length:
        return None
    return octets[0], octets[start : start + length], octets[start + length :]


def elements(content):
    while content:
        tag, inner, content = read_der(content)
        yield tag, inner


def only(content):
    """The content of the one element inside."""
    return read_der(content)[1]


class Openssl:
    """A process of openssl, whose standard input and output are TLS' application data."""

    def __init__(self, command, messages, options):
        self.messages = messages
        self.received = b""
        self.process = subprocess.Popen(
            ["openssl", command, "-msg", "-msgfile", messages, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def read(self):
        octets = os.read(self.process.stdout.fileno(), 65536)
        if not octets:
            raise Ended
        self.received += octets

    def write(self, octets, sign="RecordHeader"):
        """What is written at once is one TLS write: what comes next waits until it has gone."""
        sent = re.compile(f">>> [^\n]*{sign}")
        before = self.count(sent)
        try:
            self.process.stdin.write(octets)
        except BrokenPipeError:
            raise Ended from None
        while self.count(sent) == before:
            if self.process.poll() is not None:
                raise Ended
            time.sleep(0.01)

    def wait_for_text(self, pattern):
        while not (found := re.search(pattern, self.received, re.DOTALL)):
            self.read()
        self.received = self.received[found.end() :]
        return found

    def count(self, pattern):
        with open(self.messages, encoding="utf-8", errors="replace") as file:
            return len(pattern.findall(file.read()))

    def command(self, letter):
        self.write(letter.encode() + b"\n", "KeyUpdate" if letter in "kK" else "Hello")

    def send_request(self, fields):
        encoded = [der(CONTEXT, der(INTEGER, bytes([VERSION])))]
        for number in sorted(fields):
            value = der(OCTETS, fields[number])
            if number == NEGO_TOKENS:
                value = der(SEQUENCE, der(SEQUENCE, der(CONTEXT, value)))
            encoded.append(der(CONTEXT | number, value))
        self.write(der(SEQUENCE, *encoded))

    def receive_request(self):
        while not (found := BEGIN.search(self.received)) or not read_der(
            self.received[found.start() :]
        ):
            self.read()
        _, content, self.received = read_der(self.received[found.start() :])
        fields = {tag & 0x1F: only(inner) for tag, inner in elements(content)}
        if ERROR_CODE in fields:
            sys.exit(f"errorCode {fields[ERROR_CODE].hex()}")
        if NEGO_TOKENS in fields:
            fields[NEGO_TOKENS] = only(only(only(fields[NEGO_TOKENS])))
        return fields

    def end(self):
        self.process.kill()
        self.process.wait()


def public_key(certificate):
    """What stands in subjectPublicKey."""
    info = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-noout", "-pubkey"],
        check=True,
        capture_output=True,
    ).stdout
    info = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "DER"], check=True, capture_output=True, input=info
    ).stdout
    return next(inner for tag, inner in elements(only(info)) if tag == BIT_STRING)[1:]


def binding(magic, nonce, key):
    return hashlib.sha256(magic + nonce + key).digest()


class Logon:
    def __init__(self, openssl, key, commands):
        self.openssl = openssl
        self.key = key
        self.commands = commands
        self.context = None

    def reach(self, place):
        print("reached", place, flush=True)
        for at, letter in self.commands:
            if at == place:
                self.openssl.command(letter)

    def seal(self, plain):
        return self.context.wrap(plain, True).message

    def open(self, sealed):
        plain, encrypted, _ = self.context.unwrap(sealed)
        assert encrypted
        return plain

    def as_client(self):
        nonce = os.urandom(32)
        name = gssapi.Name("host@localhost", gssapi.NameType.hostbased_service)
        flags = FLAGS.mutual_authentication | FLAGS.integrity | FLAGS.confidentiality
        self.context = gssapi.SecurityContext(
            name=name, mech=SPNEGO, usage="initiate", flags=flags
        )
        self.reach("handshake")
        token = self.context.step()
        while not self.context.complete:
            self.openssl.send_request({NEGO_TOKENS: token, NONCE: nonce})
            self.reach("logon")
            token = self.context.step(self.openssl.receive_request()[NEGO_TOKENS])
        self.reach("binding")
        request = {PUB_KEY_AUTH: self.seal(binding(TO_SERVER, nonce, self.key)), NONCE: nonce}
        if token:
            request[NEGO_TOKENS] = token
        self.openssl.send_request(request)
        reply = self.openssl.receive_request()
        assert self.open(reply[PUB_KEY_AUTH]) == binding(TO_CLIENT, nonce, self.key)
        empty = der(OCTETS)
        password = der(SEQUENCE, *(der(CONTEXT | number, empty) for number in range(3)))
        credentials = der(
            SEQUENCE, der(CONTEXT, der(INTEGER, b"\1")), der(CONTEXT | 1, der(OCTETS, password))
        )
        self.openssl.send_request({AUTH_INFO: self.seal(credentials), NONCE: nonce})
        self.reach("message")
        self.openssl.write(b"hello")
        self.openssl.wait_for_text(rb"you are [a-z]+")

    def as_server(self):
        self.context = gssapi.SecurityContext(usage="accept")
        self.reach("handshake")
        request = self.openssl.receive_request()
        self.reach("logon")
        while PUB_KEY_AUTH not in request:
            token = self.context.step(request[NEGO_TOKENS])
            self.openssl.send_request({NEGO_TOKENS: token})
            request = self.openssl.receive_request()
        self.reach("binding")
        if NEGO_TOKENS in request:
            self.context.step(request[NEGO_TOKENS])
        nonce = request[NONCE]
        assert self.open(request[PUB_KEY_AUTH]) == binding(TO_SERVER, nonce, self.key)
        self.openssl.send_request({PUB_KEY_AUTH: self.seal(binding(TO_CLIENT, nonce, self.key))})
        assert self.open(self.openssl.receive_request()[AUTH_INFO])
        self.reach("message")
        self.openssl.wait_for_text(rb"hello")
        self.openssl.write(b"welcome")
        self.openssl.wait_for_text(rb"shutting down SSL")  # the client has closed the connection


def take_commands(arguments):
    commands = []
    while arguments[:1] == ["--at"]:
        commands.append((arguments[1], arguments[2]))
        arguments = arguments[3:]
    return commands, arguments


def main(role, messages, certificate, *arguments):
    with open(messages, "wb"):
        pass
    key = public_key(certificate)
    if role == "client":
        commands, options = take_commands(list(arguments[1:]))
        options = ["-brief", "-connect", f"127.0.0.1:{arguments[0]}", *options]
        openssl = Openssl("s_client", messages, options)
    else:
        commands, options = take_commands(list(arguments))
        options = ["-accept", "127.0.0.1:0", "-naccept", "1", "-cert", certificate, *options]
        openssl = Openssl("s_server", messages, options)
    try:
        if role == "server":
            port = openssl.wait_for_text(rb"ACCEPT 127\.0\.0\.1:(\d+)").group(1).decode()
            print(f"listening on 127.0.0.1:{port}", flush=True)
            openssl.wait_for_text(rb"Secure Renegotiation IS[^\n]*\n")
        getattr(Logon(openssl, key, commands), "as_" + role)()
        print("done", flush=True)
        return 0
    except Ended:
        print("the connection ended", flush=True)
        return 3
    finally:
        openssl.end()


signal.alarm(SECONDS)
sys.exit(main(*sys.argv[1:]))
