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
 *   PEER_CERTIFICATE  DER of the server's certificate (either side)
 */
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_INNER_MECHANISM, "\x0a\x01", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_TLS_VERSION, "\x0a\x02", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_TLS_CIPHER_SUITE, "\x0a\x03", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_CREDSSP_VERSION, "\x0a\x04", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_STREAM_SIZES, "\x0a\x05", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_SERVER_AUTH_FLAGS, "\x0a\x06", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_CREDENTIALS, "\x0a\x07", 2);
GSS_SSPI_DEFINE_OID(GSS_SSPI_INQ_PEER_CERTIFICATE, "\x0a\x08", 2);

/*
 * gss_set_cred_option. It applies to every element of the credential that is one of our mechanisms.
 *
 *   PACKAGES  text without terminator: the inner mechanisms allowed and their order, as in a Windows
 *             package list: "kerberos,ntlm", "!ntlm". Contexts made from then on follow it, within
 *             what policy allows. GSS_S_FAILURE when the list leaves none.
 */
GSS_SSPI_DEFINE_OID(GSS_SSPI_CRED_PACKAGES, "\x0b\x01", 2);

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
 * Keys of gss_acquire_cred_from's credential store, besides those of krb5 and gss-ntlmssp, which are
 * passed on to them (to acceptors, and to initiators that have no password):
 *   password     the password, for initiators (as gss_acquire_cred_with_password gives it)
 *   certificate  acceptors: PEM file with the server's certificate, and its chain
 *   private_key  acceptors: PEM file with its key
 *   packages     inner mechanisms allowed, as in a Windows package list: "kerberos,ntlm", "!ntlm"
 *   channel_bindings  acceptors: "required" refuses clients that do not prove that they see the same
 *                channel, whatever gss-sspi.conf(5) says; "when_supplied" and "none" add nothing to it
 */

/*
 * Gets the credentials that the initiator delegated: credentials->elements[0] is the domain, [1] the
 * user, [2] the password, in UTF-8 without terminator; the domain is empty when the user is a user
 * principal name. GSS_S_UNAVAILABLE when no password was delegated. Release them with
 * gss_sspi_release_credentials as soon as they are used.
 */
static inline OM_uint32 gss_sspi_inquire_credentials(OM_uint32 *minor, gss_ctx_id_t context,
                                                     gss_buffer_set_t *credentials)
{
    return gss_inquire_sec_context_by_oid(
        minor, context, (gss_OID)(uintptr_t)GSS_SSPI_INQ_CREDENTIALS, credentials);
}

/* Wipes and frees what gss_sspi_inquire_credentials gave. */
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
