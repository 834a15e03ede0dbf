/*
 * Channel bindings at the acceptor, as Windows' Extended Protection has them: policy says whether they
 * are looked at and whether they must be there.
 */
#include <gnutls/crypto.h>

#include "common/nt_status.h"
#include "mech/negotiate/negotiate.h"
#include "mech/octets.h"
#include "mech/status.h"

#define MD5_OCTETS 16

/*
 * What is hashed before the application's data (RFC 4121 4.1.1.2): the two addresses' types and
 * lengths, all zero, and the data's length.
 */
#define ADDRESSES_OCTETS 16
#define LENGTH_OCTETS    4

/* More than any channel's description has; longer ones are left to the inner mechanism alone. */
#define APPLICATION_DATA_LIMIT 4096

gss_channel_bindings_t channel_bindings_to_check(const struct negotiate_context *negotiate,
                                                 const struct accept_request *request)
{
    bool needed = request->credential != NULL && request->credential->needs_channel_bindings;

    return negotiate->policy->channel_bindings == CHANNEL_BINDINGS_NONE && !needed
               ? GSS_C_NO_CHANNEL_BINDINGS
               : request->bindings;
}

/*
 * The inner mechanism refuses bindings that differ. That the client sent some, and the same, it says
 * by a flag.
 */
OM_uint32 channel_bindings_confirm(OM_uint32 *minor, const struct negotiate_context *negotiate,
                                   const struct accept_request *request)
{
    bool needed = request->credential != NULL && request->credential->needs_channel_bindings;
    bool required = needed || (request->bindings != GSS_C_NO_CHANNEL_BINDINGS &&
                               negotiate->policy->channel_bindings == CHANNEL_BINDINGS_REQUIRED);

    if (!required || (negotiate->inner_flags & GSS_C_CHANNEL_BOUND_FLAG) != 0)
        return GSS_S_COMPLETE;
    return fail_with_nt_status(
        minor, GSS_S_BAD_BINDINGS, GSS_SSPI_E_CHANNEL_BINDINGS, NT_STATUS_BAD_BINDINGS, "%s",
        request->bindings == GSS_C_NO_CHANNEL_BINDINGS ? "the server itself gave none"
                                                       : "the client sent none");
}

/* The MD5 that NTLM clients send; false when it cannot be made. */
static bool hash(const gss_buffer_desc *data, unsigned char *digest)
{
    unsigned char header[ADDRESSES_OCTETS + LENGTH_OCTETS] = {0};
    gnutls_hash_hd_t md5;
    bool hashed;

    for (size_t i = 0; i < LENGTH_OCTETS; i++)
        header[ADDRESSES_OCTETS + i] = (unsigned char)(data->length >> 8 * i);
    if (gnutls_hash_init(&md5, GNUTLS_DIG_MD5) < 0)
        return false;
    hashed = gnutls_hash(md5, header, sizeof header) >= 0 &&
             gnutls_hash(md5, data->value, data->length) >= 0;
    gnutls_hash_deinit(md5, digest);
    return hashed;
}

bool channel_bindings_are_others(gss_channel_bindings_t bindings, struct byte_range message)
{
    static const unsigned char none[MD5_OCTETS];
    struct byte_range sent = ntlm_message_channel_bindings(message);
    unsigned char own[MD5_OCTETS];

    return bindings != GSS_C_NO_CHANNEL_BINDINGS && sent.length == MD5_OCTETS &&
           memcmp(sent.data, none, sizeof none) != 0 &&
           bindings->application_data.length <= APPLICATION_DATA_LIMIT &&
           hash(&bindings->application_data, own) && memcmp(sent.data, own, sizeof own) != 0;
}
