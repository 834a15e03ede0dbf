"""python_spnego.py kerberos|ntlm

A program that knows nothing of us asks for SPNEGO. Both sides are in this process. What it sees is
printed, so that a run with MIT's SPNEGO and one with ours can be compared line by line.
"""
import os
import sys

import gssapi
from gssapi.raw import (
    ChannelBindings,
    acquire_cred_impersonate_name,
    export_cred,
    import_cred,
    set_neg_mechs,
)

SPNEGO = gssapi.OID.from_int_seq("1.3.6.1.5.5.2")
INNER = {
    "kerberos": gssapi.OID.from_int_seq("1.2.840.113554.1.2.2"),
    "ntlm": gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10"),
}
FLAGS = gssapi.RequirementFlag
MOST_LEGS = 16
MESSAGE = b"a message that nobody else reads"


def show(what, *seen):
    print(f"{what}:", *seen, flush=True)


def credentials(usage, inner=None):
    """Default credentials for SPNEGO, of one inner mechanism where one is given."""
    acquired = gssapi.Credentials(usage=usage, mechs=[SPNEGO])
    if inner is not None:
        set_neg_mechs(acquired, [INNER[inner]])
    return acquired


class Sides:
    """A context's two ends."""

    def __init__(
        self, inner, flags=FLAGS.mutual_authentication, bindings=(None, None), accepts=None
    ):
        self.initiator = gssapi.SecurityContext(
            name=gssapi.Name("host@localhost", gssapi.NameType.hostbased_service),
            mech=SPNEGO,
            usage="initiate",
            flags=flags | FLAGS.integrity | FLAGS.confidentiality,
            creds=credentials("initiate", inner),
            channel_bindings=bindings[0],
        )
        self.acceptor = gssapi.SecurityContext(
            usage="accept", creds=credentials("accept", accepts), channel_bindings=bindings[1]
        )

    def complete(self):
        token = self.initiator.step()
        for _ in range(MOST_LEGS):
            if self.initiator.complete and self.acceptor.complete:
                return self
            if not self.acceptor.complete:
                token = self.acceptor.step(token or b"")
            if not self.initiator.complete:
                token = self.initiator.step(token or b"")
        raise RuntimeError("the logon does not come to an end")

    def ends(self):
        yield self.initiator, self.acceptor
        yield self.acceptor, self.initiator


def protect(sides):
    """Messages pass both ways, sealed and signed; a changed one does not."""
    for sender, receiver in sides.ends():
        sealed = sender.wrap(MESSAGE, True)
        assert sealed.encrypted and MESSAGE not in sealed.message
        opened = receiver.unwrap(sealed.message)
        assert opened.message == MESSAGE and opened.encrypted
        signature = sender.get_signature(MESSAGE)
        receiver.verify_signature(MESSAGE, signature)
        signature = sender.get_signature(MESSAGE)
        try:
            receiver.verify_signature(MESSAGE + b"!", signature)
            raise RuntimeError("a changed message is taken for the signed one")
        except gssapi.exceptions.BadMICError:
            pass


def try_context(inner):
    sides = Sides(inner).complete()
    show("the client is", str(sides.acceptor.initiator_name).rstrip("\0"))  # gss-ntlmssp counts it
    # One thing at a time: gss-ntlmssp crashes where an acceptor is asked for its own name too.
    for end, _ in sides.ends():
        show("mechanism", end.mech.dotted_form, "locally initiated", end.locally_initiated)
        # RFC 2744 (5.19) sets protection_ready once a context is done; MIT's does not always.
        show("flags", sorted(f.name for f in end.actual_flags if f is not FLAGS.protection_ready))
        show("lasts", end.lifetime > 0)
    show("largest message", sides.initiator.get_wrap_size_limit(4096))
    protect(sides)
    show("messages", "protected")


def try_export(inner):
    """A context goes on after it was handed to another process, or would have been."""
    sides = Sides(inner).complete()
    for name in ("initiator", "acceptor"):
        try:
            exported = getattr(sides, name).export()
        except gssapi.exceptions.GSSError as error:
            show("export", name, type(error).__name__)
            continue
        setattr(sides, name, gssapi.SecurityContext(token=exported))
        show("export", name, getattr(sides, name).complete)
    protect(sides)
    show("messages after export", "protected")


def try_bindings(inner):
    """Equal channel bindings pass, different ones do not; none do where they are not demanded."""
    some = ChannelBindings(application_data=b"tls-server-end-point:some")
    other = ChannelBindings(application_data=b"tls-server-end-point:other")
    for name, bindings in (
        ("equal", (some, some)),
        ("different", (some, other)),
        ("only the initiator's", (some, None)),
        ("only the acceptor's", (None, some)),
    ):
        try:
            Sides(inner, bindings=bindings).complete()
            show("channel bindings", name, "pass")
        except gssapi.exceptions.GSSError as error:
            show("channel bindings", name, f"error {error.maj_code >> 16}")


def try_delegation(inner):
    sides = Sides(inner, flags=FLAGS.mutual_authentication | FLAGS.delegate_to_peer).complete()
    delegated = sides.acceptor.delegated_creds
    show("delegation", FLAGS.delegate_to_peer in sides.acceptor.actual_flags, delegated is not None)
    if delegated is None:
        return
    show("delegated credentials", delegated.name, delegated.usage, delegated.lifetime > 0)
    # They are Kerberos' own: for SPNEGO, the mechglue would take the default ones instead.
    onward = gssapi.SecurityContext(
        name=gssapi.Name("HTTP@localhost", gssapi.NameType.hostbased_service),
        mech=INNER["kerberos"],
        usage="initiate",
        creds=delegated,
    )
    acceptor = gssapi.SecurityContext(
        usage="accept", creds=gssapi.Credentials(usage="accept", mechs=[INNER["kerberos"]])
    )
    acceptor.step(onward.step())
    show("delegated credentials reach", acceptor.initiator_name)


def try_credentials(inner):
    acquired = credentials("initiate", inner)
    show("credentials", acquired.usage, acquired.lifetime is None or acquired.lifetime > 0)
    try:
        imported = gssapi.Credentials(base=import_cred(export_cred(acquired)))
        show("credentials after export", imported.usage)
    except gssapi.exceptions.GSSError as error:
        show("credentials after export", type(error).__name__)
    if inner == "kerberos":
        store = {b"ccache": os.environ["KRB5CCNAME"].encode()}
        stored = gssapi.Credentials(usage="initiate", mechs=[SPNEGO], store=store)
        show("credentials of a store", stored.name)
        acceptor = gssapi.SecurityContext(usage="accept", creds=credentials("accept"))
        initiator = gssapi.SecurityContext(
            name=gssapi.Name("host@localhost", gssapi.NameType.hostbased_service),
            mech=SPNEGO,
            usage="initiate",
            creds=stored,
        )
        acceptor.step(initiator.step())
        show("credentials of a store log on", acceptor.initiator_name)


def try_impersonation(inner):
    """A service gets a ticket to itself in the name of a user who is not there (S4U2Self)."""
    if inner != "kerberos":
        return
    service = gssapi.Name("HTTP@localhost", gssapi.NameType.hostbased_service)
    user = gssapi.Name(os.environ["REALM_SECOND_USER"], gssapi.NameType.user)
    of_service = gssapi.Credentials(
        name=service,
        usage="both",
        mechs=[SPNEGO],
        store={
            b"ccache": b"MEMORY:service",
            b"client_keytab": os.environ["KRB5_KTNAME"].encode(),
            b"keytab": os.environ["KRB5_KTNAME"].encode(),
        },
    )
    acquired = acquire_cred_impersonate_name(of_service, user, usage="initiate", mechs=[SPNEGO])
    of_user = gssapi.Credentials(base=acquired.creds)
    show("impersonated", of_user.name)
    initiator = gssapi.SecurityContext(name=service, mech=SPNEGO, usage="initiate", creds=of_user)
    acceptor = gssapi.SecurityContext(usage="accept", creds=of_service)
    acceptor.step(initiator.step())
    show("impersonated logs on", acceptor.initiator_name)


def try_errors(inner):
    """What goes wrong is told as the same kind of error."""
    excluded = "ntlm" if inner == "kerberos" else "kerberos"
    for name, make in (
        ("another mechanism is accepted alone", lambda: Sides(inner, accepts=excluded).complete()),
        ("no token at all", lambda: Sides(inner).acceptor.step(b"neither SPNEGO nor anything")),
    ):
        try:
            make()
            show(name, "passes")
        except gssapi.exceptions.GSSError as error:
            assert str(error)
            show(name, type(error).__name__)
            print(f"({name}: {error})", file=sys.stderr)


def main():
    # An error is seen where it happens, and not when the peer has read the token that tells of it.
    gssapi.SecurityContext.__DEFER_STEP_ERRORS__ = False
    inner = sys.argv[1]
    for case in (
        try_context,
        try_export,
        try_bindings,
        try_delegation,
        try_credentials,
        try_impersonation,
        try_errors,
    ):
        case(inner)
    print("done")


main()
