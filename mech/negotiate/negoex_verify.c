#include "mech/negotiate/negoex.h"

#include "mech/octets.h"
#include "mech/status.h"
#include "mech/trace.h"

/*
 * Key usages of the checksums (RFC 3961). The draft has them the other way around, and so has nobody who
 * implements it.
 */
#define KEY_USAGE_OF_INITIATOR 25
#define KEY_USAGE_OF_ACCEPTOR  23

/* A mechanism answers with the key's octets and its type, a little-endian number. */
#define ANSWER_ELEMENTS    2
#define ANSWER_KEY         0
#define ANSWER_TYPE        1
#define KEY_TYPE_OCTETS    4
#define KEY_OCTETS_AT_MOST 1024 /* no key of RFC 3961 comes near */

static void forget_key(struct negoex_key *key)
{
    secret_release(&key->octets);
    key->type = 0;
}

void negoex_forget_keys(struct negoex *negoex)
{
    forget_key(&negoex->key);
    forget_key(&negoex->verify_key);
}

static krb5_keyblock keyblock_of(const struct negoex_key *key)
{
    return (krb5_keyblock){.magic = KV5M_KEYBLOCK,
                           .enctype = key->type,
                           .length = (unsigned)key->octets.length,
                           .contents = key->octets.data};
}

static OM_uint32 take_key(OM_uint32 *minor, const struct negotiate_context *negotiate,
                          gss_buffer_set_t answer, struct negoex_key *key)
{
    const gss_buffer_desc *octets;
    const gss_buffer_desc *type;

    if (answer == GSS_C_NO_BUFFER_SET || answer->count != ANSWER_ELEMENTS ||
        answer->elements[ANSWER_TYPE].length != KEY_TYPE_OCTETS ||
        answer->elements[ANSWER_KEY].length == 0 ||
        answer->elements[ANSWER_KEY].length > KEY_OCTETS_AT_MOST)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NEGOEX_NO_KEY, "%s",
                    inner_name(negotiate->chosen));
    octets = &answer->elements[ANSWER_KEY];
    type = &answer->elements[ANSWER_TYPE];
    if (!secret_set(&key->octets, octets->value, octets->length))
        return fail_no_memory(minor);
    key->type = (krb5_enctype)little_endian(type->value, KEY_TYPE_OCTETS);
    return GSS_S_COMPLETE;
}

/* A mechanism that does not answer has no key yet; what it answered before stays. */
static OM_uint32 fetch_key(OM_uint32 *minor, const struct negotiate_context *negotiate,
                           gss_OID object, struct negoex_key *key)
{
    gss_buffer_set_t answer = GSS_C_NO_BUFFER_SET;
    OM_uint32 major = GSS_S_COMPLETE;
    OM_uint32 ignored;

    if (glue_inquire_sec_context_by_oid(&ignored, negotiate->inner, object, &answer) ==
        GSS_S_COMPLETE)
        major = take_key(minor, negotiate, answer, key);
    for (size_t i = 0; answer != GSS_C_NO_BUFFER_SET && i < answer->count; i++)
        wipe(answer->elements[i].value, answer->elements[i].length);
    (void)glue_release_buffer_set(&ignored, &answer);
    return major;
}

OM_uint32 negoex_fetch_keys(OM_uint32 *minor, struct negotiate_context *negotiate)
{
    struct negoex *negoex = negotiate->negoex;
    OM_uint32 major = fetch_key(minor, negotiate, GSS_C_INQ_NEGOEX_KEY, &negoex->key);

    if (GSS_ERROR(major))
        return major;
    return fetch_key(minor, negotiate, GSS_C_INQ_NEGOEX_VERIFY_KEY, &negoex->verify_key);
}

OM_uint32 negoex_add_verify(OM_uint32 *minor, struct negotiate_context *negotiate)
{
    struct negoex *negoex = negotiate->negoex;
    krb5_keyblock key = keyblock_of(&negoex->key);
    krb5_keyusage usage =
        negotiate->base.initiator ? KEY_USAGE_OF_INITIATOR : KEY_USAGE_OF_ACCEPTOR;
    krb5_data covered = {.magic = KV5M_DATA,
                         .length = (unsigned)negoex->transcript.length,
                         .data = (char *)negoex->transcript.data};
    krb5_checksum checksum;
    OM_uint32 major;

    /* Type 0: the one that goes with the key. */
    if (krb5_c_make_checksum(negoex->krb5, 0, &key, usage, &covered, &checksum) != 0)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NEGOEX_NO_KEY, "%s: of type %d",
                    inner_name(negotiate->chosen), (int)key.enctype);
    major = negoex_add_verify_message(minor, negoex, (uint32_t)checksum.checksum_type,
                                      byte_range_of(checksum.contents, checksum.length));
    krb5_free_checksum_contents(negoex->krb5, &checksum);
    negoex->verify_sent = !GSS_ERROR(major);
    return major;
}

/* The library compares in constant time. Type 0, which it takes for any, is no checksum's. */
static bool checksum_is_right(const struct negotiate_context *negotiate, struct byte_range input,
                              const struct negoex_token *token)
{
    const struct negoex *negoex = negotiate->negoex;
    krb5_cksumtype type = (krb5_cksumtype)token->verify.checksum.type;
    struct byte_range value = token->verify.checksum.value;
    krb5_keyblock key = keyblock_of(&negoex->verify_key);
    krb5_keyusage usage =
        negotiate->base.initiator ? KEY_USAGE_OF_ACCEPTOR : KEY_USAGE_OF_INITIATOR;
    krb5_crypto_iov parts[] = {
        {KRB5_CRYPTO_TYPE_DATA,
         {KV5M_DATA, (unsigned)negoex->transcript.length, (char *)negoex->transcript.data}},
        {KRB5_CRYPTO_TYPE_DATA,
         {KV5M_DATA, (unsigned)token->verify_offset, (char *)(uintptr_t)input.data}},
        {KRB5_CRYPTO_TYPE_CHECKSUM,
         {KV5M_DATA, (unsigned)value.length, (char *)(uintptr_t)value.data}},
    };
    krb5_boolean valid = 0;

    return type != 0 && krb5_c_is_keyed_cksum(type) &&
           krb5_c_verify_checksum_iov(negoex->krb5, type, &key, usage, parts,
                                      sizeof parts / sizeof parts[0], &valid) == 0 &&
           valid;
}

OM_uint32 negoex_check_verify(OM_uint32 *minor, struct negotiate_context *negotiate,
                              struct byte_range input, const struct negoex_token *token,
                              bool *no_key)
{
    struct negoex *negoex = negotiate->negoex;

    if (negoex->verified || !negoex_is_first(negoex, token->verify.scheme))
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_UNEXPECTED_TOKEN,
                    negoex->verified ? "NegoEx: a second checksum"
                                     : "NegoEx: a checksum of another mechanism");
    if (!secret_is_present(&negoex->verify_key.octets)) {
        *no_key = true;
        return GSS_S_COMPLETE;
    }
    if (!checksum_is_right(negotiate, input, token))
        return fail(minor, GSS_S_BAD_SIG, GSS_SSPI_E_NEGOEX_CHECKSUM, NULL);
    negoex->verified = true;
    trace("negoex: the peer's checksum over %zu octets is right",
          negoex->transcript.length + token->verify_offset);
    return GSS_S_COMPLETE;
}
