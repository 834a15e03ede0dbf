/*
 * Keys for programs, exported from the TLS session: the logon has bound its server's key, so only
 * the two ends of the context have them. gssapi_sspi.h says how they are made.
 */
#include <stdlib.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "gssapi_sspi.h"
#include "mech/credssp/credssp.h"
#include "mech/inquiry.h"
#include "mech/status.h"

#define HASH_OCTETS        32
#define COUNTER_OCTETS     4
#define SESSION_KEY_OCTETS 32

/* Exported at a time: TLS 1.3 exports no more than 255 hashes by one call (RFC 5869 2.3). */
#define BLOCK_OCTETS 256

/* What may be asked for in one call: far more than keys need, and little for a machine to make. */
#define PSEUDO_RANDOM_LIMIT ((size_t)1 << 20)

/* What one block depends on besides the session: its number, in network order, and the input. */
struct block_context {
    unsigned char counter[COUNTER_OCTETS];
    unsigned char input_hash[HASH_OCTETS];
};

static void set_counter(struct block_context *block, size_t number)
{
    for (size_t i = 0; i < COUNTER_OCTETS; i++)
        block->counter[i] = (unsigned char)(number >> 8 * (COUNTER_OCTETS - 1 - i));
}

/* Fills *output block by block; a shorter one is the beginning of a longer one. */
static OM_uint32 export_blocks(OM_uint32 *minor, const struct tls_session *tls, const char *label,
                               struct block_context *block, gss_buffer_t output)
{
    unsigned char octets[BLOCK_OCTETS];
    OM_uint32 major = GSS_S_COMPLETE;

    for (size_t done = 0; !GSS_ERROR(major) && done < output->length; done += BLOCK_OCTETS) {
        size_t rest = output->length - done;

        set_counter(block, done / BLOCK_OCTETS);
        major = tls_export(minor, tls, label, byte_range_of(block, sizeof *block), octets,
                           sizeof octets);
        if (!GSS_ERROR(major))
            memcpy((unsigned char *)output->value + done, octets,
                   rest < BLOCK_OCTETS ? rest : BLOCK_OCTETS);
    }
    wipe(octets, sizeof octets);
    return major;
}

static const char *label_of(int key)
{
    switch (key) {
    case GSS_C_PRF_KEY_FULL:
        return GSS_SSPI_LABEL_PRF_FULL;
    case GSS_C_PRF_KEY_PARTIAL:
        return GSS_SSPI_LABEL_PRF_PARTIAL;
    default:
        return NULL;
    }
}

OM_uint32 credssp_pseudo_random(OM_uint32 *minor, struct context *context, int key,
                                struct byte_range input, ssize_t length, gss_buffer_t output)
{
    struct credssp_context *credssp = (struct credssp_context *)context;
    const char *label = label_of(key);
    struct block_context block;
    OM_uint32 major;

    if (label == NULL)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "there is no key %d", key);
    if (length < 0 || (size_t)length > PSEUDO_RANDOM_LIMIT)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT,
                    "%zd octets; at most %zu are given", length, PSEUDO_RANDOM_LIMIT);
    if (gnutls_hash_fast(GNUTLS_DIG_SHA256, input.data, input.length, block.input_hash) < 0)
        return fail_no_memory(minor);
    if (length == 0)
        return GSS_S_COMPLETE; /* callers cannot free a buffer without length */
    *output = (gss_buffer_desc){(size_t)length, malloc((size_t)length)};
    if (output->value == NULL) {
        *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
        return fail_no_memory(minor);
    }
    tls_lock(credssp->tls);
    major = export_blocks(minor, credssp->tls, label, &block, output);
    tls_unlock(credssp->tls);
    if (GSS_ERROR(major))
        release_secret_buffer(output);
    return major;
}

OM_uint32 keys_answer_session_key(OM_uint32 *minor, const struct credssp_context *credssp,
                                  gss_buffer_set_t *data)
{
    unsigned char key[SESSION_KEY_OCTETS];
    OM_uint32 major;

    tls_lock(credssp->tls);
    major = tls_export(minor, credssp->tls, GSS_SSPI_LABEL_SESSION_KEY, byte_range_of(NULL, 0), key,
                       sizeof key);
    tls_unlock(credssp->tls);
    if (!GSS_ERROR(major))
        major = inquiry_answer(minor, byte_range_of(key, sizeof key), data);
    if (!GSS_ERROR(major))
        major = inquiry_answer(
            minor,
            byte_range_of(GSS_SSPI_KEY_TLS_EXPORTER->elements, GSS_SSPI_KEY_TLS_EXPORTER->length),
            data);
    wipe(key, sizeof key);
    return major;
}
