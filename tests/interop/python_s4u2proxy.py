"""python_s4u2proxy.py spnego|negotiate

HTTP/localhost logs on to other services in the names of its users, in a realm whose KDC lets it do
so for ldap/localhost alone (S4U2Self and S4U2Proxy of MS-SFU). Both sides are in this process. What
is seen is printed, so that runs can be compared line by line.
"""
import os
import sys

import gssapi
from gssapi.raw import acquire_cred_impersonate_name

from negotiate_oid import NEGOTIATE, with_header

MECHANISM = {"spnego": gssapi.OID.from_int_seq("1.3.6.1.5.5.2"), "negotiate": NEGOTIATE}[
    sys.argv[1]
]
KERBEROS = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2")
MOST_LEGS = 16


def show(what, *seen):
    print(f"{what}:", *seen, flush=True)


def host_based(service):
    return gssapi.Name(f"{service}@localhost", gssapi.NameType.hostbased_service)


def credentials_of_service():
    """HTTP/localhost's, for both roles; with others it gets no credentials of its clients'."""
    keytab = os.environ["KRB5_KTNAME"].encode()
    return gssapi.Credentials(
        name=host_based("HTTP"),
        usage="both",
        mechs=[MECHANISM],
        store={b"ccache": b"MEMORY:service", b"client_keytab": keytab, b"keytab": keytab},
    )


def log_on(service, initiates, accepts):
    """Completes a context; what the service has of it."""
    flags = gssapi.RequirementFlag.mutual_authentication
    initiator = gssapi.SecurityContext(
        name=host_based(service), mech=MECHANISM, usage="initiate", flags=flags, creds=initiates
    )
    acceptor = gssapi.SecurityContext(usage="accept", creds=accepts)
    token = initiator.step()
    if MECHANISM == NEGOTIATE:
        token = with_header(token)
    for _ in range(MOST_LEGS):
        if initiator.complete and acceptor.complete:
            return acceptor
        if not acceptor.complete:
            token = acceptor.step(token or b"")
        if not initiator.complete:
            token = initiator.step(token or b"")
    raise RuntimeError("the logon does not come to an end")


def from_cache(delegated):
    """What a client delegated, for MECHANISM: as it comes, it is a credential of Kerberos alone."""
    store = {b"ccache": b"MEMORY:client"}
    delegated.store(store=store, usage="initiate", mech=KERBEROS, overwrite=True)
    return gssapi.Credentials(usage="initiate", mechs=[MECHANISM], store=store)


def try_services(user, credentials):
    """Logs on to each service with credentials that HTTP/localhost has of the user."""
    show(f"{user} is", credentials.name)
    for service in ("ldap", "host"):
        accepts = gssapi.Credentials(usage="accept", mechs=[MECHANISM])
        try:
            seen = log_on(service, credentials, accepts).initiator_name
            show(f"{user} reaches {service} as", seen)
        except gssapi.exceptions.GSSError as error:
            show(f"{user} does not reach {service}", "error", error.maj_code >> 16)
            print(f"({service}: {error})", file=sys.stderr)


def main():
    # An error is seen where it happens, and not when the peer has read the token that tells of it.
    gssapi.SecurityContext.__DEFER_STEP_ERRORS__ = False
    of_service = credentials_of_service()

    absent = gssapi.Name(os.environ["REALM_SECOND_USER"], gssapi.NameType.user)
    acquired = acquire_cred_impersonate_name(
        of_service, absent, usage="initiate", mechs=[MECHANISM]
    )
    try_services("absent user", gssapi.Credentials(base=acquired.creds))

    # This one logs on with a ticket, and delegates nothing.
    of_client = gssapi.Credentials(usage="initiate", mechs=[MECHANISM])
    try_services("client", from_cache(log_on("HTTP", of_client, of_service).delegated_creds))

    of_acceptor = gssapi.Credentials(usage="accept", mechs=[MECHANISM])
    show("an acceptor alone gets", log_on("HTTP", of_client, of_acceptor).delegated_creds)
    print("done")


main()
