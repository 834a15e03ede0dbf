/*
 * Prints the mechanisms that MIT's own SPNEGO offers in its first token, to a service and as the
 * hint of an acceptor, one line for each side.
 */
#include <stdio.h>
#include <stdlib.h>
#include <gssapi/gssapi.h>
#include "asn1/neg_token.h"

static gss_OID_desc spnego = {6, (void *)(uintptr_t) "\x2b\x06\x01\x05\x05\x02"};

static void check(OM_uint32 major, const char *what)
{
    if (GSS_ERROR(major)) {
        fprintf(stderr, "%s: major status %08x\n", what, (unsigned)major);
        exit(EXIT_FAILURE);
    }
}

static void print_offer(const char *who, gss_buffer_t first_token)
{
    struct neg_token token;
    OM_uint32 minor;

    if (neg_token_decode(byte_range_of(first_token->value, first_token->length), &token) !=
            DER_OK ||
        token.kind != NEG_TOKEN_INIT) {
        fprintf(stderr, "%s: this is no NegTokenInit\n", who);
        exit(EXIT_FAILURE);
    }
    printf("%s", who);
    for (size_t i = 0; i < token.init.mech_types.count; i++) {
        struct byte_range range = token.init.mech_types.oids[i];
        gss_OID_desc oid = {(OM_uint32)range.length, (void *)(uintptr_t)range.data};
        gss_buffer_desc text;

        check(gss_oid_to_str(&minor, &oid, &text), "gss_oid_to_str");
        printf(" %.*s", (int)text.length, (char *)text.value);
        (void)gss_release_buffer(&minor, &text);
    }
    printf("\n");
}

static void initiator_offers(void)
{
    gss_buffer_desc text = {14, (void *)(uintptr_t) "host@localhost"};
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_name_t target = GSS_C_NO_NAME;
    OM_uint32 minor;

    check(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target), "gss_import_name");
    check(gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, target, &spnego, 0, 0, NULL,
                               GSS_C_NO_BUFFER, NULL, &token, NULL, NULL),
          "gss_init_sec_context");
    print_offer("initiator", &token);
    (void)gss_release_buffer(&minor, &token);
    (void)gss_release_name(&minor, &target);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
}

/* An acceptor that is given an empty token answers with a NegTokenInit2. */
static void acceptor_offers(void)
{
    gss_OID_set_desc mechanisms = {1, &spnego};
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    gss_buffer_desc empty = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    OM_uint32 minor;

    check(gss_acquire_cred(&minor, GSS_C_NO_NAME, 0, &mechanisms, GSS_C_ACCEPT, &credential, NULL,
                           NULL),
          "gss_acquire_cred");
    check(gss_accept_sec_context(&minor, &context, credential, &empty, GSS_C_NO_CHANNEL_BINDINGS,
                                 NULL, NULL, &token, NULL, NULL, NULL),
          "gss_accept_sec_context");
    print_offer("acceptor", &token);
    (void)gss_release_buffer(&minor, &token);
    (void)gss_release_cred(&minor, &credential);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
}

int main(void)
{
    initiator_offers();
    acceptor_offers();
    return EXIT_SUCCESS;
}
