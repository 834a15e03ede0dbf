/*
 * gssapi_sspi.h - what a GSS-API application may want to know of the mechanisms in mech_sspi.so.
 *
 * Nothing here needs a library besides libgssapi_krb5: identifiers are constants, and helpers are
 * inline. An application that only logs on needs no more than the mechanism's OID, which
 * gss_str_to_oid() makes of GSS_SSPI_MECH_CREDSSP_STRING too.
 */
#ifndef GSSAPI_SSPI_H
#define GSSAPI_SSPI_H

#include <stdint.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The arc of all OIDs below, 2.25.3579557143683582521, as content octets of its DER. */
#define GSS_SSPI_ARC_OCTETS "\x69\xb1\xd6\xc9\x88\x9c\x93\xe3\x94\x39"
#define GSS_SSPI_ARC_LENGTH 10

#define GSS_SSPI_MECH_CREDSSP_STRING   "2.25.3579557143683582521.1"
#define GSS_SSPI_MECH_NEGOTIATE_STRING "2.25.3579557143683582521.2"

/* Defines name as a pointer to a static OID under the arc. */
#define GSS_SSPI_DEFINE_OID(name, octets, count)                                         \
    static const gss_OID_desc name##_desc __attribute__((unused)) = {                    \
        GSS_SSPI_ARC_LENGTH + (count), (void *)(uintptr_t)(GSS_SSPI_ARC_OCTETS octets)}; \
    static const gss_OID_desc *const name __attribute__((unused)) = &name##_desc

/* Mechanisms. CredSSP (MS-CSSP); Negotiate (SPNEGO, RFC 4178 and MS-SPNG), chosen by name. */
GSS_SSPI_DEFINE_OID(GSS_SSPI_MECH_CREDSSP, "\x01", 1);
GSS_SSPI_DEFINE_OID(GSS_SSPI_MECH_NEGOTIATE, "\x02", 1);
/* Identity of the interposer that takes over SPNEGO (1.3.6.1.5.5.2); never passed to gss_* calls. */
GSS_SSPI_DEFINE_OID(GSS_SSPI_INTERPOSER, "\x03", 1);

/*
 * gss_inquire_sec_context_by_oid. Each returns a set of one buffer unless it says otherwise; the
 * caller frees it with gss_release_buffer_set. GSS_S_UNAVAILABLE when the context has no such thing
 * (a Negotiate context has no TLS), GSS_S_NO_CONTEXT before it is known.
 *
 *   INNER_MECHANISM   content octets of the OID of the mechanism that authenticated (krb5, NTLM)
 *   TLS_VERSION       text, "TLS1.3"
 *   TLS_CIPHER_SUITE  text, IANA's name, "TLS_AES_256_GCM_SHA384"
 *   CREDSSP_VERSION   uint32_t in host order: the version both sides speak, 2 to 6
 *   STREAM_SIZES      struct gss_sspi_stream_sizes
 *   SERVER_AUTH_FLAGS uint32_t in host order: bit 0 server authenticated by the inner mechanism,
 *                     bit 1 by its certificate (the values of SECPKG_ATTR_SERVER_AUTH_FLAGS)
 *   CREDENTIALS       acceptor only: three buffers, domain, user and password in UTF-8, as the
 *                     initiator delegated them: see gss_sspi_inquire_credentials, below
 *   PEER_CERTIFICATE  DER of the other side's certificate: the server's, or that of a client that
 *                     showed one. A client's says nothing about the user who logs on, whose name is
 *                     that of the inner mechanism
 *   PEER_CERTIFICATE_STATUS  uint32_t in host order: GSS_SSPI_CERTIFICATE_UNVERIFIED, the peer only
 *                     proved that it has the key; GSS_SSPI_CERTIFICATE_ACCEPTED, and the certificate
 *                     passed what this side demands (server_authentication; a server takes no other)
 *   OWN_CERTIFICATE   DER of the certificate that this side showed
 *   TLS_SERVER_END_POINT, TLS_UNIQUE, TLS_EXPORTER
 *                     channel bindings of CredSSP's TLS session (RFC 5929; RFC 9266), the same on both
 *                     sides, as application_data of gss_channel_bindings_t takes them: name, ':',
 *                     data. GSS_S_UNAVAILABLE where the session has none: tls-unique with TLS 1.3,
 *                     tls-exporter with TLS 1.2 without the extended master secret
 *   CREDENTIALS_TYPE  uint32_t in host order: what the initiator delegated (acceptor only), 0
 *                     nothing but perhaps a ticket, or one of GSS_SSPI_CREDENTIALS_*
 *   SMART_CARD        acceptor only: eight buffers, see gss_sspi_inquire_smart_card
 *   REMOTE_GUARD      acceptor only: pairs of buffers, see gss_sspi_inquire_remote_guard
 *
 * GSS_C_INQ_SSPI_SESSION_KEY (gssapi_ext.h) gives a Negotiate context's inner session key and, for a
 * CredSSP context, a key of its TLS session: see "Keys of a CredSSP context", below.
 */
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_INNER_MECHANISM, "\x0a\x01", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_TLS_VERSION, "\x0a\x02", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_TLS_CIPHER_SUITE, "\x0a\x03", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_CREDSSP_VERSION, "\x0a\x04", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_STREAM_SIZES, "\x0a\x05", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_SERVER_AUTH_FLAGS, "\x0a\x06", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_CREDENTIALS, "\x0a\x07", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_PEER_CERTIFICATE, "\x0a\x08", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_TLS_SERVER_END_POINT, "\x0a\x10", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_TLS_UNIQUE, "\x0a\x11", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_TLS_EXPORTER, "\x0a\x12", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_OWN_CERTIFICATE, "\x0a\x13", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_PEER_CERTIFICATE_STATUS, "\x0a\x14", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_CREDENTIALS_TYPE, "\x0a\x18", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_SMART_CARD, "\x0a\x19", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_REMOTE_GUARD, "\x0a\x1a", 2);

#define GSS_SSPI_CERTIFICATE_UNVERIFIED 0
#define GSS_SSPI_CERTIFICATE_ACCEPTED   1

/*
 * Keys of a CredSSP context. They are exported from its TLS session (RFC 5705; RFC 8446 7.5), so that a
 * peer without this plugin can make them too, and are the same on both sides.
 *
 *   GSS_C_INQ_SSPI_SESSION_KEY  two buffers: the 32 octets of exporter(LABEL_SESSION_KEY, an empty
 *                     context), and the content octets of GSS_SSPI_KEY_TLS_EXPORTER, where Kerberos
 *                     has the OID of its encryption type. Wipe the key as soon as it is used
 *   gss_pseudo_random (RFC 4401) the beginning, of as many octets as were asked for and at most
 *                     1048576, of exporter(label, n, SHA-256 of prf_in), 256 octets for each of n =
 *                     0, 1, 2, ...: the context is n as four octets, the most significant one first,
 *                     and the hash. The label is LABEL_PRF_FULL for GSS_C_PRF_KEY_FULL and
 *                     LABEL_PRF_PARTIAL for GSS_C_PRF_KEY_PARTIAL; both work once the context is
 *                     established, and not before
 *
 * GSS_S_UNAVAILABLE with TLS 1.2 without the extended master secret. Windows' CredSSP documents neither.
 */
#define GSS_SSPI_LABEL_SESSION_KEY "EXPERIMENTAL-GSS-SSPI-CredSSP-Session-Key"
#define GSS_SSPI_LABEL_PRF_FULL    "EXPERIMENTAL-GSS-SSPI-CredSSP-PRF-Full"
#define GSS_SSPI_LABEL_PRF_PARTIAL "EXPERIMENTAL-GSS-SSPI-CredSSP-PRF-Partial"
GSS_SSPI_DEFINE_OID(GSS_SSPI_KEY_TLS_EXPORTER, "\x0a\x30", 2);

/* Types of TSCredentials (MS-CSSP 2.2.1.2). */
#define GSS_SSPI_CREDENTIALS_PASSWORD     1
#define GSS_SSPI_CREDENTIALS_SMART_CARD   2
#define GSS_SSPI_CREDENTIALS_REMOTE_GUARD 6

/*
 * gss_set_cred_option. It applies to every element of the credential that is one of our mechanisms.
 *
 *   PACKAGES  text without terminator: the inner mechanisms allowed and their order, as in a Windows
 *             package list: "kerberos,ntlm", "!ntlm". Contexts made from then on follow it, within
 *             what policy allows. GSS_S_FAILURE when the list leaves none.
 *   WITHOUT_CLIENT_CERTIFICATE  text: "continue" or "ask", as without_client_certificate below
 */
GSS_SSPI_DEFINE_OID(GSS_SSPI_CRED_PACKAGES, "\x0b\x01", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_CRED_WITHOUT_CLIENT_CERTIFICATE, "\x0b\x02", 2);

/* How much TLS adds to one record of application data, in octets. */
struct gss_sspi_stream_sizes {
    uint32_t header;
    uint32_t trailer;         /* the most that may follow the data */
    uint32_t maximum_message; /* data in one record */
    uint32_t block_size;
};

/*
 * gssspi_mech_invoke(&minor, mechanism, GSS_SSPI_LAST_FAILURE, &buffer): why the last call into the
 * plugin failed on this thread. buffer.value points to a caller's struct gss_sspi_failure, with
 * buffer.length its size. Valid right after a gss_* call on one of our mechanisms returned an error;
 * a struct of zeros means that none has failed.
 */
GSS_SSPI_DEFINE_OID(GSS_SSPI_LAST_FAILURE, "\x0a\x20", 2);

struct gss_sspi_failure {
    OM_uint32 major;    /* as returned */
    OM_uint32 minor;    /* as the plugin returned it, before the mechglue renumbered it */
    uint32_t nt_status; /* NTSTATUS that names the cause, or 0 */
};

/*
 * gssspi_mech_invoke(&minor, mechanism, GSS_SSPI_POLICY, &buffer): the policy in force, as text of lines
 * "name = value", one for every option of gss-sspi.conf(5). buffer is filled in; the caller frees it
 * with gss_release_buffer.
 */
GSS_SSPI_DEFINE_OID(GSS_SSPI_POLICY, "\x0a\x21", 2);

/*
 * Minor status codes of our own, those of com_err table "sspi" (mech/gss_sspi_errors.et). The
 * numbers are part of the interface; the failure above reports them.
 */

/*
 * Minor status of gss_init_sec_context beside GSS_S_CONTINUE_NEEDED, with no token, where the credential
 * asks for it (without_client_certificate, below): the CredSSP server asks for a client's
 * certificate and there is none that it admits. Called again with an empty token the logon goes on without
 * one. One with a certificate takes a new context, on a new connection.
 */
#define GSS_SSPI_CERTIFICATE_WANTED ((OM_uint32)0xb6daa33a)

/*
 * Keys of gss_acquire_cred_from's credential store, besides those of krb5 and gss-ntlmssp, which are
 * passed on to them (to acceptors, and to initiators that have no password):
 *   password        initiators: the password, as gss_acquire_cred_with_password gives it. It is the
 *                   user's for this logon: CredSSP delegates it as fresh credentials
 *   saved_password  initiators: a password that the program did not get from the user now, but from
 *                   a keyring or a file: CredSSP delegates it as saved credentials. Only one of the
 *                   two may be given
 *   smart_card_pin  initiators: CredSSP delegates a smart card, with this PIN, in place of a
 *                   password. The logon itself is that of the rest of the credential: a ticket (of
 *                   kinit, which can use the card), or a password
 *   smart_card_name, smart_card_reader, smart_card_container, smart_card_provider,
 *   smart_card_user_hint, smart_card_domain_hint, smart_card_key_spec
 *                   initiators: what the server finds the card and its key by; all optional. The
 *                   last is 0, 1 (key exchange; the default) or 2 (signature)
 *   remote_guard    initiators: refused, see mech_sspi(8)
 *   client_keytab   krb5's own key; tickets acquired from it are saved credentials as well
 *   certificate     acceptors: PEM file with the server's certificate, and its chain; or a PKCS#11 URI
 *   private_key     acceptors: PEM file with its key, without a passphrase; or a PKCS#11 URI, which may
 *                   name a file with the token's PIN: "pkcs11:...?pin-source=file:/path"
 *   packages        inner mechanisms allowed, as in a Windows package list: "kerberos,ntlm", "!ntlm"
 *   channel_bindings  acceptors: "required" refuses clients that do not prove that they see the same
 *                   channel, whatever gss-sspi.conf(5) says; "when_supplied" and "none" add nothing to it
 *   server_authentication  initiators: what CredSSP makes of the server's certificate, besides what
 *                   policy demands: "none", "verify", "pin"; see gss-sspi.conf(5)
 *   trusted_certificates  initiators: PEM file with the authorities of "verify"; the system's when
 *                   absent
 *   client_certificate  acceptors: "none", "request" or "require" a certificate of the client's, besides
 *                   what policy demands; see gss-sspi.conf(5)
 *   trusted_client_certificates  acceptors: PEM file with the authorities that must vouch for it;
 *                   those of policy when absent
 *   client_certificate_file, client_private_key  initiators: what certificate and private_key are to
 *                   acceptors; shown to servers that ask for one, in place of policy's
 *   without_client_certificate  initiators: "continue" (the default) goes on without a certificate where
 *                   the server asks for one and there is none that it admits; "ask" lets the caller
 *                   decide: see GSS_SSPI_CERTIFICATE_WANTED
 *   tls_version     either side of CredSSP: "1.2" or "1.3", this version of TLS alone, of those that
 *                   policy allows; "all" (the default)
 *   server_fingerprints  initiators: SHA-256 of certificates or keys for "pin", in hexadecimal digits
 */

/*
 * Gets the password that the initiator delegated: credentials->elements[0] is the domain, [1] the
 * user, [2] the password, in UTF-8 without terminator. The domain is empty when the client gave
 * none: the user is then a user principal name (user@domain), or of the server's own choice. A name
 * has no NUL in it; a password may, and then no GSS credential is made of it. GSS_S_UNAVAILABLE
 * when no password was delegated. Release them with gss_sspi_release_credentials as soon as they
 * are used.
 */
static inline OM_uint32 gss_sspi_inquire_credentials(OM_uint32 *minor, gss_ctx_id_t context,
                                                     gss_buffer_set_t *credentials)
{
    return gss_inquire_sec_context_by_oid(
        minor, context, (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDENTIALS, credentials);
}

/*
 * Gets the smart card that the initiator delegated, for a logon with the card that it redirects:
 * [0] the PIN, [1] a hint at the user, [2] at the domain, [3] the key specification (uint32_t in
 * host order: 1 key exchange, 2 signature, 0 unknown), [4] the name of the card, [5] of the reader,
 * [6] of the key container, [7] of the cryptographic service provider. Text is UTF-8, and empty
 * where the client left it out. GSS_S_UNAVAILABLE when no smart card was delegated. Release as
 * above. No GSS credential comes with it.
 */
static inline OM_uint32 gss_sspi_inquire_smart_card(OM_uint32 *minor, gss_ctx_id_t context,
                                                    gss_buffer_set_t *card)
{
    return gss_inquire_sec_context_by_oid(minor, context,
                                          (gss_OID)(uintptr_t)GSS_SSPI_INQ_SMART_CARD, card);
}

/*
 * Gets what a client with Remote Credential Guard delegated: [0] the name of the package for the
 * logon (UTF-8, "Kerberos"), [1] its credential (octets: KERB_TICKET_LOGON), and such a pair for
 * each supplemental credential ("NTLM"). They are passed on as they came; using them takes the
 * client's answers in the channel of MS-RDPEAR. GSS_S_UNAVAILABLE when there are none. Release as
 * above. No GSS credential comes with them.
 */
static inline OM_uint32 gss_sspi_inquire_remote_guard(OM_uint32 *minor, gss_ctx_id_t context,
                                                      gss_buffer_set_t *packages)
{
    return gss_inquire_sec_context_by_oid(minor, context,
                                          (gss_OID)(uintptr_t)GSS_SSPI_INQ_REMOTE_GUARD, packages);
}

/* Wipes and frees what one of the calls above gave. */
static inline void gss_sspi_release_credentials(gss_buffer_set_t *credentials)
{
    OM_uint32 minor;
    size_t i;
    size_t j;

    for (i = 0; *credentials != GSS_C_NO_BUFFER_SET && i < (*credentials)->count; i++) {
        gss_buffer_t element = &(*credentials)->elements[i];
        volatile unsigned char *octets = (volatile unsigned char *)element->value;

        for (j = 0; j < element->length; j++)
            octets[j] = 0;
    }
    (void)gss_release_buffer_set(&minor, credentials);
}

#ifdef __cplusplus
}
#endif

#endif
