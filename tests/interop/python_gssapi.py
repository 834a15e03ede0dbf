"""python_gssapi.py credssp|negotiate kerberos|ntlm

Completes a context between two sides in this process, through the plugin, and protects messages.
"""
import os
import sys

import gssapi
from gssapi.raw import acquire_cred_with_password

from negotiate_oid import NEGOTIATE, with_header

MECHANISMS = {
    "credssp": gssapi.OID.from_int_seq("2.25.3579557143683582521.1"),
    "negotiate": NEGOTIATE,
}
MOST_LEGS = 32


def initiator_credential(mechanism, inner):
    """The ticket of the realm, or a password that only NTLM can use."""
    if inner == "kerberos":
        return None
    user = f"{os.environ['REALM_NTLM_DOMAIN']}\\{os.environ['REALM_USER']}"
    name = gssapi.Name(user, gssapi.NameType.user)
    acquired = acquire_cred_with_password(
        name, os.environ["REALM_PASSWORD"].encode(), mechs=[mechanism], usage="initiate"
    )
    return gssapi.Credentials(base=acquired.creds)


def complete(initiator, acceptor, mechanism):
    token = initiator.step()
    if mechanism == NEGOTIATE:
        token = with_header(token)
    for _ in range(MOST_LEGS):
        if initiator.complete and acceptor.complete:
            return
        token = acceptor.step(token or b"")
        if not initiator.complete:
            token = initiator.step(token or b"")
    raise RuntimeError("the logon does not come to an end")


def main():
    mechanism = MECHANISMS[sys.argv[1]]
    target = gssapi.Name("host@localhost", gssapi.NameType.hostbased_service)
    flags = gssapi.RequirementFlag.integrity | gssapi.RequirementFlag.confidentiality
    initiator = gssapi.SecurityContext(
        name=target,
        mech=mechanism,
        usage="initiate",
        flags=flags,
        creds=initiator_credential(mechanism, sys.argv[2]),
    )
    acceptor = gssapi.SecurityContext(
        usage="accept", creds=gssapi.Credentials(usage="accept", mechs=[mechanism])
    )
    complete(initiator, acceptor, mechanism)
    if os.environ["REALM_USER"] not in str(acceptor.initiator_name).lower():
        raise RuntimeError(f"the acceptor saw {acceptor.initiator_name}")
    for sender, receiver in ((initiator, acceptor), (acceptor, initiator)):
        wrapped = sender.wrap(b"a message", True)
        if b"a message" in wrapped.message:
            raise RuntimeError("the message is not encrypted")
        if receiver.unwrap(wrapped.message).message != b"a message":
            raise RuntimeError("the message changed")
    print("complete")


main()
