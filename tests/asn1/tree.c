#include "tests/asn1/tree.h"

#include <libtasn1.h>
#include <stdio.h>
#include <stdlib.h>

#define SPNEGO_OID_TEXT "1.3.6.1.5.5.2"

/* Longer than any value of a test message. */
#define MAX_VALUE 16384

extern const asn1_static_node spnego_grammar[];
extern const asn1_static_node credssp_grammar[];

static asn1_node spnego, credssp;

void tree_load(void)
{
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE] = "";

    if (asn1_array2tree(spnego_grammar, &spnego, error) != ASN1_SUCCESS ||
        asn1_array2tree(credssp_grammar, &credssp, error) != ASN1_SUCCESS) {
        fprintf(stderr, "the grammars do not load: %s\n", error);
        exit(EXIT_FAILURE);
    }
}

void tree_free(void)
{
    asn1_delete_structure(&spnego);
    asn1_delete_structure(&credssp);
}

/* Decodes input as the named type. NULL when it is refused; the caller deletes what it gets. */
static asn1_node decode(asn1_node grammar, const char *type, struct byte_range input)
{
    asn1_node node = NULL;
    char error[ASN1_MAX_ERROR_DESCRIPTION_SIZE];
    int length = (int)input.length;

    if (asn1_create_element(grammar, type, &node) != ASN1_SUCCESS)
        abort();
    if (asn1_der_decoding2(&node, input.data, &length, ASN1_DECODE_FLAG_STRICT_DER, error) !=
        ASN1_SUCCESS) {
        asn1_delete_structure(&node);
        return NULL;
    }
    return node;
}

/* The value at path, in storage of MAX_VALUE octets; absent when the tree has none. */
static struct byte_range value_of(asn1_node node, const char *path, unsigned char *storage)
{
    int length = MAX_VALUE;
    int result = asn1_read_value(node, path, storage, &length);

    if (result == ASN1_ELEMENT_NOT_FOUND || result == ASN1_VALUE_NOT_FOUND)
        return BYTE_RANGE_ABSENT;
    if (result != ASN1_SUCCESS)
        abort();
    return byte_range_of(storage, (size_t)length);
}

static bool same_octets(asn1_node node, const char *path, struct byte_range ours)
{
    unsigned char storage[MAX_VALUE];

    return byte_range_equal(value_of(node, path, storage), ours);
}

/* Compares an OID, which the tree gives as text, with its content octets. */
static bool same_oid(asn1_node node, const char *path, struct byte_range ours)
{
    unsigned char storage[MAX_VALUE];
    struct byte_range theirs = value_of(node, path, storage);
    unsigned char der[128];
    char text[512];
    int read;

    if (!byte_range_is_present(theirs) || !byte_range_is_present(ours))
        return !byte_range_is_present(theirs) && !byte_range_is_present(ours);
    if (ours.length >= sizeof der)
        return false;
    der[0] = (unsigned char)ours.length;
    memcpy(der + 1, ours.data, ours.length);
    if (asn1_get_object_id_der(der, (int)ours.length + 1, &read, text, sizeof text) != ASN1_SUCCESS)
        return false;
    return strcmp(text, (const char *)storage) == 0;
}

/* Compares an INTEGER or ENUMERATED with a number of up to 32 bits, whatever its sign there. */
static bool same_number(asn1_node node, const char *path, uint32_t ours)
{
    unsigned char storage[MAX_VALUE];
    struct byte_range theirs = value_of(node, path, storage);
    uint32_t value;

    if (!byte_range_is_present(theirs) || theirs.length == 0)
        return false;
    value = (theirs.data[0] & 0x80) != 0 ? UINT32_MAX : 0;
    for (size_t i = 0; i < theirs.length; i++)
        value = value << 8 | theirs.data[i];
    return value == ours;
}

static bool same_mech_types(asn1_node node, const struct mech_type_list *ours)
{
    const char list[] = "negTokenInit.mechTypes";
    char path[64];
    int count = 0;

    if (asn1_number_of_elements(node, list, &count) != ASN1_SUCCESS)
        count = 0;
    if ((size_t)count != ours->count)
        return false;
    for (size_t i = 0; i < ours->count; i++) {
        snprintf(path, sizeof path, "%s.?%zu", list, i + 1);
        if (!same_oid(node, path, ours->oids[i]))
            return false;
    }
    return true;
}

static bool same_init(asn1_node node, const struct neg_token_init *ours)
{
    return same_mech_types(node, &ours->mech_types) &&
           same_octets(node, "negTokenInit.mechToken", ours->mech_token) &&
           same_octets(node, "negTokenInit.negHints.hintName", ours->hint_name) &&
           same_octets(node, "negTokenInit.negHints.hintAddress", ours->hint_address) &&
           same_octets(node, "negTokenInit.mechListMIC", ours->mech_list_mic);
}

static bool same_resp(asn1_node node, const struct neg_token_resp *ours)
{
    unsigned char storage[MAX_VALUE];
    bool same_state = ours->neg_state == NEG_STATE_ABSENT
                          ? !byte_range_is_present(value_of(node, "negTokenResp.negState", storage))
                          : same_number(node, "negTokenResp.negState", (uint32_t)ours->neg_state);

    return same_state && same_oid(node, "negTokenResp.supportedMech", ours->supported_mech) &&
           same_octets(node, "negTokenResp.responseToken", ours->response_token) &&
           same_octets(node, "negTokenResp.mechListMIC", ours->mech_list_mic);
}

static bool same_neg_token(asn1_node node, const struct neg_token *ours)
{
    char choice[64];
    int length = sizeof choice;

    if (asn1_read_value(node, "", choice, &length) != ASN1_SUCCESS)
        abort();
    if (strcmp(choice, "negTokenInit") == 0)
        return ours->kind == NEG_TOKEN_INIT && same_init(node, &ours->init);
    return ours->kind == NEG_TOKEN_RESP && same_resp(node, &ours->resp);
}

/* Takes the RFC 2743 header off. True when there is one, and it is SPNEGO's. */
static bool unframe(struct byte_range input, unsigned char *storage, struct byte_range *inner)
{
    asn1_node node = decode(spnego, "SPNEGO.InitialContextToken", input);
    bool is_spnego = false;

    if (node == NULL)
        return false;
    if (byte_range_is_present(value_of(node, "thisMech", storage)))
        is_spnego = strcmp((const char *)storage, SPNEGO_OID_TEXT) == 0;
    *inner = value_of(node, "innerContextToken", storage);
    asn1_delete_structure(&node);
    return is_spnego && byte_range_is_present(*inner);
}

bool tree_accepts_neg_token(struct byte_range input, const struct neg_token *ours, bool *equal)
{
    unsigned char storage[MAX_VALUE];
    struct byte_range inner;
    bool framed = unframe(input, storage, &inner);
    bool may_be_bare = input.length != 0 && input.data[0] == DER_CONTEXT(1);
    asn1_node node;

    if (!framed && !may_be_bare)
        return false;
    if (!framed)
        inner = input;
    node = decode(spnego, "SPNEGO.NegotiationToken", inner);
    if (node == NULL)
        node = decode(spnego, "SPNEGO.NegotiationToken2", inner);
    if (node == NULL)
        return false;
    *equal = ours != NULL && same_neg_token(node, ours);
    asn1_delete_structure(&node);
    return true;
}

static bool same_nego_tokens(asn1_node node, struct byte_range ours)
{
    int count = 0;

    if (asn1_number_of_elements(node, "negoTokens", &count) != ASN1_SUCCESS)
        count = 0;
    return count == (byte_range_is_present(ours) ? 1 : 0) &&
           same_octets(node, "negoTokens.?1.negoToken", ours);
}

bool tree_accepts_ts_request(struct byte_range input, const struct ts_request *ours, bool *equal)
{
    unsigned char storage[MAX_VALUE];
    asn1_node node = decode(credssp, "CREDSSP.TSRequest", input);

    if (node == NULL)
        return false;
    *equal = ours != NULL && same_number(node, "version", ours->version) &&
             same_nego_tokens(node, ours->nego_token) &&
             same_octets(node, "authInfo", ours->auth_info) &&
             same_octets(node, "pubKeyAuth", ours->pub_key_auth) &&
             same_octets(node, "clientNonce", ours->client_nonce) &&
             ours->has_error_code == byte_range_is_present(value_of(node, "errorCode", storage)) &&
             (!ours->has_error_code || same_number(node, "errorCode", ours->error_code));
    asn1_delete_structure(&node);
    return true;
}

static bool same_smart_card(asn1_node node, const struct ts_smart_card_creds *ours)
{
    return same_octets(node, "pin", ours->pin) &&
           same_number(node, "cspData.keySpec", ours->csp_data.key_spec) &&
           same_octets(node, "cspData.cardName", ours->csp_data.card_name) &&
           same_octets(node, "cspData.readerName", ours->csp_data.reader_name) &&
           same_octets(node, "cspData.containerName", ours->csp_data.container_name) &&
           same_octets(node, "cspData.cspName", ours->csp_data.csp_name) &&
           same_octets(node, "userHint", ours->user_hint) &&
           same_octets(node, "domainHint", ours->domain_hint);
}

static bool same_remote_guard(asn1_node node, const struct ts_remote_guard_creds *ours)
{
    char path[64];
    int count = 0;
    bool same = same_octets(node, "logonCred.packageName", ours->logon_cred.package_name) &&
                same_octets(node, "logonCred.credBuffer", ours->logon_cred.cred_buffer);

    if (asn1_number_of_elements(node, "supplementalCreds", &count) != ASN1_SUCCESS)
        count = 0;
    if ((size_t)count != ours->supplemental_count)
        return false;
    for (size_t i = 0; i < ours->supplemental_count && same; i++) {
        snprintf(path, sizeof path, "supplementalCreds.?%zu.packageName", i + 1);
        same = same_octets(node, path, ours->supplemental_creds[i].package_name);
        snprintf(path, sizeof path, "supplementalCreds.?%zu.credBuffer", i + 1);
        same = same && same_octets(node, path, ours->supplemental_creds[i].cred_buffer);
    }
    return same;
}

/* Decodes what credentials holds, as the type that the tree read. */
static bool accepts_inner(uint32_t type, struct byte_range inner, const struct ts_credentials *ours,
                          bool *equal)
{
    const char *name = type == TS_CREDENTIALS_PASSWORD       ? "CREDSSP.TSPasswordCreds"
                       : type == TS_CREDENTIALS_SMART_CARD   ? "CREDSSP.TSSmartCardCreds"
                       : type == TS_CREDENTIALS_REMOTE_GUARD ? "CREDSSP.TSRemoteGuardCreds"
                                                             : NULL;
    asn1_node node = name != NULL ? decode(credssp, name, inner) : NULL;

    if (node == NULL)
        return false;
    if (ours == NULL || ours->cred_type != type)
        *equal = false;
    else if (type == TS_CREDENTIALS_SMART_CARD)
        *equal = same_smart_card(node, &ours->smart_card);
    else if (type == TS_CREDENTIALS_REMOTE_GUARD)
        *equal = same_remote_guard(node, &ours->remote_guard);
    else
        *equal = same_octets(node, "domainName", ours->password.domain_name) &&
                 same_octets(node, "userName", ours->password.user_name) &&
                 same_octets(node, "password", ours->password.password);
    asn1_delete_structure(&node);
    return true;
}

bool tree_accepts_ts_credentials(struct byte_range input, const struct ts_credentials *ours,
                                 bool *equal)
{
    static const uint32_t types[] = {TS_CREDENTIALS_PASSWORD, TS_CREDENTIALS_SMART_CARD,
                                     TS_CREDENTIALS_REMOTE_GUARD};
    unsigned char storage[MAX_VALUE];
    asn1_node node = decode(credssp, "CREDSSP.TSCredentials", input);
    struct byte_range inner;
    bool accepted = false;

    if (node == NULL)
        return false;
    inner = value_of(node, "credentials", storage);
    for (size_t i = 0; i < sizeof types / sizeof types[0] && !accepted; i++) {
        if (same_number(node, "credType", types[i]))
            accepted = accepts_inner(types[i], inner, ours, equal);
    }
    asn1_delete_structure(&node);
    return accepted;
}
