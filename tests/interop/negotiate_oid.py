"""Negotiate's own OID, for scripts that use it beside MIT's SPNEGO."""
import gssapi

NEGOTIATE = gssapi.OID.from_int_seq("2.25.3579557143683582521.2")

# Its DER, as in a token's header.
_ENCODED = bytes.fromhex("060b69b1d6c9889c93e3943902")


def with_header(token):
    """Puts RFC 2743's header with Negotiate's OID before a token.

    The token itself is one of SPNEGO, which the mechglue would hand to MIT's acceptor.
    """
    length = len(_ENCODED) + len(token)
    return b"\x60\x82" + length.to_bytes(2, "big") + _ENCODED + token
