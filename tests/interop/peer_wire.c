#include "tests/interop/peer_wire.h"

#include <stdio.h>
#include <stdlib.h>

const struct byte_range wire_krb5 = {(const unsigned char *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02",
                                     9};
const struct byte_range wire_krb5_microsoft = {
    (const unsigned char *)"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02", 9};
const struct byte_range wire_ntlm = {
    (const unsigned char *)"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", 10};

bool peer_wire_decode(const struct peer_token *token, struct neg_token *decoded)
{
    return neg_token_decode(byte_range_of(token->octets, token->length), decoded) == DER_OK;
}

char peer_wire_letter(struct byte_range oid)
{
    if (!byte_range_is_present(oid))
        return '-';
    if (byte_range_equal(oid, wire_krb5_microsoft))
        return 'M';
    if (byte_range_equal(oid, wire_krb5))
        return 'K';
    return byte_range_equal(oid, wire_ntlm) ? 'N' : '?';
}

char *peer_wire_offer(const struct neg_token_init *init)
{
    char *letters = calloc(init->mech_types.count + 1, 1);

    for (size_t i = 0; letters != NULL && i < init->mech_types.count; i++)
        letters[i] = peer_wire_letter(init->mech_types.oids[i]);
    return letters;
}

static void describe_init(FILE *text, const struct neg_token_init *init)
{
    char *offer = peer_wire_offer(init);

    fprintf(text, "init %s%s%s", offer != NULL ? offer : "",
            byte_range_is_present(init->mech_token) ? " token" : "",
            byte_range_is_present(init->mech_list_mic) ? " MIC" : "");
    free(offer);
}

static void describe_resp(FILE *text, const struct neg_token_resp *resp)
{
    static const char *const states[] = {"no-state", "completed", "incomplete", "reject",
                                         "request-mic"};

    fprintf(text, "%s %c%s%s", states[resp->neg_state + 1], peer_wire_letter(resp->supported_mech),
            byte_range_is_present(resp->response_token) ? " token" : "",
            byte_range_is_present(resp->mech_list_mic) ? " MIC" : "");
}

char *peer_wire_describe(const struct peer_logon *logon)
{
    char *octets = NULL;
    size_t length = 0;
    FILE *text = open_memstream(&octets, &length);

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < logon->token_count; i++) {
        const struct peer_token *token = &logon->tokens[i];
        struct neg_token decoded;

        fprintf(text, "%s%c ", i != 0 ? "; " : "", token->from == PEER_INITIATOR ? 'I' : 'A');
        if (!peer_wire_decode(token, &decoded))
            fprintf(text, "no SPNEGO, %zu octets", token->length);
        else if (decoded.kind == NEG_TOKEN_INIT)
            describe_init(text, &decoded.init);
        else
            describe_resp(text, &decoded.resp);
    }
    return fclose(text) == 0 ? octets : NULL;
}
