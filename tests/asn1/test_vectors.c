/* Every vector of tests/vectors/: decoded to the values it says, and encoded to the same octets. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "asn1/initial_context_token.h"
#include "asn1/neg_token.h"
#include "asn1/ts_credentials.h"
#include "asn1/ts_request.h"
#include "common/text.h"
#include "tests/asn1/message.h"
#include "tests/asn1/vector.h"
#include "tests/runner.h"

/* Lines of a vector that are no fields of its message. */
static const char *const descriptions[] = {"source", "type", "error", "round_trip"};

/* The fields that a test compared: at the end, all fields of the vector must have been. */
static size_t compared;

static void expect_all_compared(const struct vector *vector)
{
    size_t described = 0;

    for (size_t i = 0; i < sizeof descriptions / sizeof descriptions[0]; i++)
        described += vector_value(vector, descriptions[i]) != NULL;
    ck_assert_msg(compared + described == vector->field_count, "%s: %zu fields compared of %zu",
                  vector->name, compared, vector->field_count - described);
}

/* The value of a field; the comparison that follows counts. */
static const char *expected(const struct vector *vector, const char *key)
{
    const char *value = vector_value(vector, key);

    compared += value != NULL;
    return value;
}

static void expect_octets(const struct vector *vector, const char *key, struct byte_range found)
{
    unsigned char storage[VECTOR_MAX_OCTETS];
    const char *value = expected(vector, key);
    struct byte_range wanted = BYTE_RANGE_ABSENT;

    if (value != NULL)
        wanted = vector_octets(vector, value, storage, sizeof storage);
    ck_assert_msg(byte_range_equal(wanted, found), "%s: %s", vector->name, key);
}

static void expect_number(const struct vector *vector, const char *key, int base, long long found)
{
    const char *value = expected(vector, key);

    ck_assert_msg(value != NULL && strtoll(value, NULL, base) == found, "%s: %s is %lld",
                  vector->name, key, found);
}

static void expect_text_is(const struct vector *vector, const char *wanted, size_t length,
                           struct byte_range found)
{
    struct secret text = {0};

    ck_assert_int_eq(text_from_utf16le(found, &text), TEXT_OK);
    ck_assert_msg(byte_range_equal(byte_range_of(wanted, length), secret_range(&text)),
                  "%s: found %s", vector->name, (const char *)text.data);
    secret_release(&text);
}

static void expect_text(const struct vector *vector, const char *key, struct byte_range found)
{
    const char *value = expected(vector, key);

    ck_assert_msg((value != NULL) == byte_range_is_present(found), "%s: %s", vector->name, key);
    if (value != NULL)
        expect_text_is(vector, value, strlen(value), found);
}

static void expect_mech_types(const struct vector *vector, const struct mech_type_list *found)
{
    const char *value = expected(vector, "mech_types");
    unsigned char storage[64];
    char copy[512];
    char *rest = NULL;
    size_t count = 0;

    ck_assert((value != NULL) == byte_range_is_present(found->der));
    if (value == NULL)
        return;
    ck_assert_uint_lt(strlen(value), sizeof copy);
    strcpy(copy, value);
    for (char *oid = strtok_r(copy, " ", &rest); oid != NULL; oid = strtok_r(NULL, " ", &rest)) {
        ck_assert_uint_lt(count, found->count);
        ck_assert(byte_range_equal(vector_octets(vector, oid, storage, sizeof storage),
                                   found->oids[count]));
        count++;
    }
    ck_assert_uint_eq(count, found->count);
}

static void expect_package_cred(const struct vector *vector, const char *value,
                                const struct ts_remote_guard_package_cred *found)
{
    const char *colon = strstr(value, " : ");
    unsigned char storage[256];
    char octets[256];

    ck_assert_ptr_nonnull(colon);
    expect_text_is(vector, value, (size_t)(colon - value), found->package_name);
    ck_assert_int_eq(sscanf(colon + 3, "%255s", octets), 1);
    ck_assert(byte_range_equal(vector_octets(vector, octets, storage, sizeof storage),
                               found->cred_buffer));
}

static void expect_remote_guard(const struct vector *vector,
                                const struct ts_remote_guard_creds *found)
{
    const char *value = expected(vector, "logon_cred");
    size_t count = 0;

    ck_assert_ptr_nonnull(value);
    expect_package_cred(vector, value, &found->logon_cred);
    value = expected(vector, "supplemental_creds");
    ck_assert_int_eq(value != NULL, found->has_supplemental_creds);
    while (value != NULL && value[0] != '\0') {
        const char *next = strstr(value, " | ");

        ck_assert_uint_lt(count, found->supplemental_count);
        expect_package_cred(vector, value, &found->supplemental_creds[count++]);
        value = next != NULL ? next + 3 : NULL;
    }
    ck_assert_uint_eq(count, found->supplemental_count);
}

static void expect_ts_credentials(const struct vector *vector, const struct ts_credentials *found)
{
    const struct ts_smart_card_creds *card = &found->smart_card;

    expect_number(vector, "cred_type", 10, found->cred_type);
    switch (found->cred_type) {
    case TS_CREDENTIALS_PASSWORD:
        expect_text(vector, "domain_name", found->password.domain_name);
        expect_text(vector, "user_name", found->password.user_name);
        expect_text(vector, "password", found->password.password);
        break;
    case TS_CREDENTIALS_SMART_CARD:
        expect_text(vector, "pin", card->pin);
        expect_number(vector, "key_spec", 10, card->csp_data.key_spec);
        expect_text(vector, "card_name", card->csp_data.card_name);
        expect_text(vector, "reader_name", card->csp_data.reader_name);
        expect_text(vector, "container_name", card->csp_data.container_name);
        expect_text(vector, "csp_name", card->csp_data.csp_name);
        expect_text(vector, "user_hint", card->user_hint);
        expect_text(vector, "domain_hint", card->domain_hint);
        break;
    default:
        expect_remote_guard(vector, &found->remote_guard);
    }
}

static void expect_values(const struct vector *vector)
{
    struct neg_token token;
    struct ts_request request;
    struct ts_credentials credentials;
    struct byte_range oid, inner;

    if (message_type_of(vector) == &message_ts_credentials) {
        ck_assert_int_eq(ts_credentials_decode(vector->octets, &credentials), DER_OK);
        expect_ts_credentials(vector, &credentials);
    } else if (message_type_of(vector) == &message_ts_request) {
        ck_assert_int_eq(ts_request_decode(vector->octets, &request), DER_OK);
        expect_number(vector, "version", 10, request.version);
        expect_octets(vector, "nego_token", request.nego_token);
        expect_octets(vector, "auth_info", request.auth_info);
        expect_octets(vector, "pub_key_auth", request.pub_key_auth);
        ck_assert_int_eq(request.has_error_code, vector_value(vector, "error_code") != NULL);
        if (request.has_error_code)
            expect_number(vector, "error_code", 16, request.error_code);
        expect_octets(vector, "client_nonce", request.client_nonce);
    } else if (message_type_of(vector) == &message_initial_context_token) {
        ck_assert_int_eq(initial_context_token_decode(vector->octets, &oid, &inner), DER_OK);
        expect_octets(vector, "oid", oid);
        expect_octets(vector, "inner", inner);
        ck_assert(!neg_token_is_plausible(vector->octets));
        ck_assert_int_eq(neg_token_decode(vector->octets, &token), DER_BAD_VALUE);
    } else {
        ck_assert_int_eq(neg_token_decode(vector->octets, &token), DER_OK);
        ck_assert(neg_token_is_plausible(vector->octets));
        ck_assert_int_eq(token.kind == NEG_TOKEN_RESP, vector_is(vector, "NegTokenResp"));
        if (token.kind == NEG_TOKEN_INIT) {
            expect_mech_types(vector, &token.init.mech_types);
            expect_octets(vector, "mech_token", token.init.mech_token);
            expect_octets(vector, "hint_name", token.init.hint_name);
            expect_octets(vector, "hint_address", token.init.hint_address);
            expect_octets(vector, "mech_list_mic", token.init.mech_list_mic);
        } else {
            if (token.resp.neg_state != NEG_STATE_ABSENT)
                expect_number(vector, "neg_state", 10, token.resp.neg_state);
            expect_octets(vector, "supported_mech", token.resp.supported_mech);
            expect_octets(vector, "response_token", token.resp.response_token);
            expect_octets(vector, "mech_list_mic", token.resp.mech_list_mic);
        }
    }
}

static void expect_round_trip(const struct vector *vector)
{
    unsigned char *output;
    size_t length;

    ck_assert_int_eq(message_check(message_type_of(vector), vector->octets), DER_OK);
    ck_assert_int_eq(message_type_of(vector)->recode(vector->octets, &output, &length), DER_OK);
    ck_assert_msg(byte_range_equal(vector->octets, byte_range_of(output, length)) ==
                      (vector_value(vector, "round_trip") == NULL),
                  "%s", vector->name);
    free(output);
}

static const char *const error_names[] = {
    [DER_OK] = "DER_OK",
    [DER_TRUNCATED] = "DER_TRUNCATED",
    [DER_TRAILING] = "DER_TRAILING",
    [DER_BAD_TAG] = "DER_BAD_TAG",
    [DER_BAD_LENGTH] = "DER_BAD_LENGTH",
    [DER_BAD_VALUE] = "DER_BAD_VALUE",
};

static void expect_refused(const struct vector *vector)
{
    enum der_error error = message_type_of(vector)->decode(vector->octets);

    ck_assert_uint_lt(error, sizeof error_names / sizeof error_names[0]);
    ck_assert_str_eq(error_names[error], vector_value(vector, "error"));
}

/* A MechTypeList is no message by itself: it is encoded, and found again in a NegTokenInit. */
static void expect_mech_type_list(const struct vector *vector)
{
    struct neg_token_init init = {.mech_types.der = vector->octets};
    struct neg_token token;
    unsigned char *framed, *list;
    size_t framed_length, list_length;

    ck_assert_int_eq(neg_token_init_encode(&init, &framed, &framed_length), DER_OK);
    ck_assert_int_eq(neg_token_decode(byte_range_of(framed, framed_length), &token), DER_OK);
    expect_mech_types(vector, &token.init.mech_types);
    ck_assert(byte_range_equal(token.init.mech_types.der, vector->octets));
    ck_assert_int_eq(mech_type_list_encode(token.init.mech_types.oids, token.init.mech_types.count,
                                           &list, &list_length),
                     DER_OK);
    ck_assert(byte_range_equal(byte_range_of(list, list_length), vector->octets));
    free(list);
    free(framed);
}

/* A TSRemoteGuardCreds stands in the credentials field of a TSCredentials. */
static void expect_remote_guard_creds(const struct vector *vector)
{
    struct byte_range inner = vector->octets;
    unsigned char head[] = {0x30, 0x82, 0, 0, 0xA0, 3, 2, 1, 6, 0xA1, 0x82, 0, 0, 4, 0x82, 0, 0};
    const size_t behind[] = {4, 13, 17}; /* where the content of each long element starts */
    unsigned char framed[VECTOR_MAX_OCTETS];
    struct ts_credentials credentials;
    struct secret encoded = {0};

    for (size_t i = 0; i < sizeof behind / sizeof behind[0]; i++) {
        size_t content = inner.length + sizeof head - behind[i];

        head[behind[i] - 2] = (unsigned char)(content >> 8);
        head[behind[i] - 1] = (unsigned char)content;
    }
    memcpy(framed, head, sizeof head);
    memcpy(framed + sizeof head, inner.data, inner.length);
    inner = byte_range_of(framed, sizeof head + inner.length);
    ck_assert_int_eq(ts_credentials_decode(inner, &credentials), DER_OK);
    ck_assert_int_eq(ts_credentials_encode(&credentials, &encoded), DER_OK);
    ck_assert(byte_range_equal(secret_range(&encoded), inner));
    secret_release(&encoded);
    expect_ts_credentials(vector, &credentials);
}

static struct vector_list *list;

START_TEST(every_vector)
{
    const struct vector *vector = &list->vectors[_i];

    if (vector_is(vector, "other")) {
        ck_assert(!neg_token_is_plausible(vector->octets));
        for (size_t i = 0; message_types[i] != NULL; i++)
            ck_assert_int_ne(message_types[i]->decode(vector->octets), DER_OK);
    } else if (vector_is(vector, "MechTypeList")) {
        expect_mech_type_list(vector);
    } else if (vector_is(vector, "TSRemoteGuardCreds")) {
        expect_remote_guard_creds(vector);
    } else {
        ck_assert_msg(message_type_of(vector) != NULL, "%s has no known type", vector->name);
        if (vector_value(vector, "error") != NULL) {
            expect_refused(vector);
            return;
        }
        compared = 0;
        expect_values(vector);
        expect_all_compared(vector);
        expect_round_trip(vector);
    }
}
END_TEST

static bool are_right(const char *file_name)
{
    Suite *suite = suite_create(file_name);
    TCase *tcase = tcase_create("vectors");
    int status;

    list = vector_list_load(file_name);
    tcase_add_loop_test(tcase, every_vector, 0, (int)list->count);
    suite_add_tcase(suite, tcase);
    status = run_suite(suite);
    vector_list_free(list);
    return status == EXIT_SUCCESS;
}

int main(void)
{
    static const char *const files[] = {"neg_token.txt", "ts_request.txt", "ts_credentials.txt"};
    int status = EXIT_SUCCESS;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        if (!are_right(files[i]))
            status = EXIT_FAILURE;
    }
    return status;
}
