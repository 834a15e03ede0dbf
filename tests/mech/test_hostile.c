/*
 * Tokens that are cut, changed, repeated, exchanged, reflected and empty, at every leg of every
 * kind of logon. Whatever comes: an error with a text, no crash, no leak, and never two sides that
 * both think they are done but do not agree.
 */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mech/exchange.h"
#include "tests/runner.h"

struct kind {
    const char *name;
    bool credssp;
    bool ntlm;
    const char *user;
};

static const struct kind kinds[] = {
    {"Negotiate with Kerberos", false, false, "alice@EXAMPLE.TEST"},
    {"Negotiate with NTLM", false, true, "EXAMPLE\\alice"},
    {"CredSSP with Kerberos", true, false, "alice@EXAMPLE.TEST"},
    {"CredSSP with NTLM", true, true, "EXAMPLE\\alice"},
};

#define KIND_COUNT ((int)(sizeof kinds / sizeof kinds[0]))

/* What to do to one token. */
enum change { NO_CHANGE, CUT, FLIP, EMPTY, REPLACE_BY_RECORDED, REPLACE_BY_EARLIER, DOUBLE };

struct plan {
    enum change change;
    unsigned leg; /* from 1 */
    size_t offset;
    unsigned char mask;
    unsigned other;
};

static gss_buffer_desc recorded[EXCHANGE_MAX_TOKENS + 1];
static gss_buffer_desc earlier[EXCHANGE_MAX_TOKENS + 1];
static struct plan plan;
static bool applied;
static unsigned long runs;
static unsigned long harmless;

static void copy_token(gss_buffer_t to, const gss_buffer_desc *from)
{
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, to);
    to->length = from->length;
    if (from->length == 0)
        return;
    to->value = malloc(from->length);
    ck_assert(to->value != NULL);
    memcpy(to->value, from->value, from->length);
}

static void release_tokens(gss_buffer_desc *tokens)
{
    OM_uint32 minor;

    for (size_t i = 0; i <= EXCHANGE_MAX_TOKENS; i++)
        (void)gss_release_buffer(&minor, &tokens[i]);
}

/* MIT's gss_release_buffer frees only what has a length. */
static void cut_token(gss_buffer_t token, size_t length)
{
    if (length == 0) {
        free(token->value);
        token->value = NULL;
    }
    token->length = length;
}

static void double_token(gss_buffer_t token)
{
    unsigned char *twice = malloc(token->length * 2 + 1);

    ck_assert(twice != NULL);
    memcpy(twice, token->value, token->length);
    memcpy(twice + token->length, token->value, token->length);
    free(token->value);
    token->value = twice;
    token->length *= 2;
}

static void apply(struct exchange *exchange, void *argument, gss_buffer_t token)
{
    (void)argument;
    copy_token(&earlier[exchange->tokens], token);
    if (exchange->tokens != plan.leg)
        return;
    applied = true;
    switch (plan.change) {
    case CUT:
        /* Signatures and tickets vary by an octet or two: this token may be a shorter one. */
        if (plan.offset < token->length)
            cut_token(token, plan.offset);
        else
            applied = false;
        break;
    case FLIP:
        if (plan.offset < token->length)
            ((unsigned char *)token->value)[plan.offset] ^= plan.mask;
        else
            applied = false;
        break;
    case EMPTY:
        cut_token(token, 0);
        break;
    case REPLACE_BY_RECORDED:
        copy_token(token, &recorded[plan.other]);
        break;
    case REPLACE_BY_EARLIER:
        copy_token(token, &earlier[plan.other]);
        break;
    case DOUBLE:
        double_token(token);
        break;
    case NO_CHANGE:
    default:
        break;
    }
}

/* Every question and every message call on a context in whatever state must end with an answer. */
static void ask_everything(gss_ctx_id_t context)
{
    gss_buffer_desc message = {4, (void *)(uintptr_t) "text"};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 lifetime;
    OM_uint32 minor;
    int open = 0;

    if (context == GSS_C_NO_CONTEXT)
        return;
    (void)gss_inquire_context(&minor, context, &name, NULL, &lifetime, NULL, NULL, NULL, &open);
    (void)gss_release_name(&minor, &name);
    (void)gss_context_time(&minor, context, &lifetime);
    (void)gss_wrap_size_limit(&minor, context, 1, 0, 1000, &lifetime);
    (void)gss_inquire_sec_context_by_oid(&minor, context,
                                         (gss_OID)(uintptr_t)GSS_SSPI_INQ_TLS_CIPHER_SUITE, &data);
    (void)gss_release_buffer_set(&minor, &data);
    if (open)
        return;
    ck_assert(GSS_ERROR(gss_wrap(&minor, context, 1, 0, &message, NULL, &output)));
    ck_assert(GSS_ERROR(gss_unwrap(&minor, context, &message, &output, NULL, NULL)));
    ck_assert(GSS_ERROR(gss_get_mic(&minor, context, 0, &message, &output)));
    ck_assert(GSS_ERROR(gss_verify_mic(&minor, context, &message, &message, NULL)));
}

/* Runs the plan. Both sides may only succeed if nothing that matters was changed. */
static void run(const struct kind *kind)
{
    struct exchange x = {
        .target = "host@localhost",
        .mechanism = kind->credssp ? GSS_SSPI_MECH_CREDSSP : GSS_SSPI_MECH_NEGOTIATE,
        .server_header = kind->credssp ? GSS_C_NO_OID : GSS_SSPI_MECH_NEGOTIATE,
        .flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG,
        .on_token = apply,
    };

    runs++;
    applied = false;
    if (exchange_run(&x)) {
        ck_assert_str_eq(name_text_of(x.source), kind->user);
        exchange_check_messages(&x);
        harmless += applied ? 1 : 0;
    } else {
        if (GSS_ERROR(x.client_major))
            ck_assert_uint_gt(strlen(status_text(x.client_major, x.client_minor)), 0);
        if (GSS_ERROR(x.server_major))
            ck_assert_uint_gt(strlen(status_text(x.server_major, x.server_minor)), 0);
        ask_everything(x.client);
        ask_everything(x.server);
    }
    exchange_reset(&x);
    release_tokens(earlier);
}

/* Records one good logon; returns how many tokens it has. */
static unsigned record(const struct kind *kind)
{
    unsigned legs = 0;

    if (kind->ntlm)
        without_tickets();
    if (kind->credssp)
        with_options("self_signed_key = ecdsa");
    plan = (struct plan){.change = NO_CHANGE};
    for (int twice = 0; twice < 2; twice++) { /* the first run also makes the certificate */
        struct exchange x = {
            .target = "host@localhost",
            .mechanism = kind->credssp ? GSS_SSPI_MECH_CREDSSP : GSS_SSPI_MECH_NEGOTIATE,
            .server_header = kind->credssp ? GSS_C_NO_OID : GSS_SSPI_MECH_NEGOTIATE,
            .flags = GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG,
            .on_token = apply,
        };
        bool done = exchange_run(&x);

        ck_assert_msg(done, "%s: client: %s; server: %s", kind->name,
                      status_text(x.client_major, x.client_minor),
                      status_text(x.server_major, x.server_minor));
        legs = x.tokens;
        exchange_reset(&x);
        for (unsigned i = 1; i <= legs; i++)
            copy_token(&recorded[i], &earlier[i]);
        release_tokens(earlier);
    }
    return legs;
}

static void report(const struct kind *kind, const char *what)
{
    printf("%s, %s: %lu runs, %lu of them harmless\n", kind->name, what, runs, harmless);
    release_tokens(recorded);
}

START_TEST(every_token_cut_at_every_length)
{
    const struct kind *kind = &kinds[_i];
    unsigned legs = record(kind);

    plan.change = CUT;
    for (plan.leg = 1; plan.leg <= legs; plan.leg++) {
        for (plan.offset = 0; plan.offset < recorded[plan.leg].length; plan.offset++) {
            run(kind);
            ck_assert_msg(harmless == 0, "leg %u cut to %zu octets was accepted", plan.leg,
                          plan.offset);
        }
    }
    report(kind, "tokens cut");
}
END_TEST

START_TEST(every_octet_of_every_token_changed)
{
    const struct kind *kind = &kinds[_i];
    unsigned legs = record(kind);

    plan.change = FLIP;
    for (plan.leg = 1; plan.leg <= legs; plan.leg++) {
        for (plan.offset = 0; plan.offset < recorded[plan.leg].length; plan.offset++) {
            /* TLS protects the octets alike; the others have structure in every bit. */
            plan.mask = 0x01;
            run(kind);
            if (kind->credssp)
                continue;
            plan.mask = 0x80;
            run(kind);
        }
    }
    report(kind, "octets changed");
}
END_TEST

START_TEST(every_token_replaced_by_every_other)
{
    const struct kind *kind = &kinds[_i];
    unsigned legs = record(kind);

    for (plan.leg = 1; plan.leg <= legs; plan.leg++) {
        plan.change = EMPTY;
        run(kind);
        plan.change = DOUBLE;
        run(kind);
        for (plan.other = 1; plan.other <= legs; plan.other++) {
            plan.change = REPLACE_BY_RECORDED;
            /* A recorded first token starts a new logon, which has no replay cache in this realm.
             */
            if (plan.other != plan.leg || plan.leg != 1)
                run(kind);
            plan.change = REPLACE_BY_EARLIER;
            if (plan.other < plan.leg)
                run(kind);
        }
    }
    ck_assert_msg(harmless == 0, "a token in the wrong place was accepted");
    report(kind, "tokens exchanged");
}
END_TEST

/* Garbage of every length up to some, as a first token. */
START_TEST(garbage_as_first_token)
{
    static const gss_const_OID *const headers[] = {&GSS_SSPI_MECH_CREDSSP,
                                                   &GSS_SSPI_MECH_NEGOTIATE};
    unsigned char octets[64];
    uint32_t state = 1;

    for (size_t i = 0; i < 20000; i++) {
        gss_buffer_desc body = {i % sizeof octets, octets};
        gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
        gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
        gss_ctx_id_t context = GSS_C_NO_CONTEXT;
        OM_uint32 minor;
        OM_uint32 major;

        for (size_t j = 0; j < sizeof octets; j++) {
            state = state * 1103515245u + 12345u;
            octets[j] = (unsigned char)(state >> 16);
        }
        if (i % 3 == 0)
            octets[0] = 0x60;
        else if (i % 3 == 1)
            octets[0] = 0x16;
        ck_assert_uint_eq(gss_encapsulate_token(&body, *headers[i % 2], &token), GSS_S_COMPLETE);
        major = gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &token,
                                       GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL, NULL,
                                       NULL);
        ck_assert(major != GSS_S_COMPLETE);
        (void)gss_release_buffer(&minor, &token);
        (void)gss_release_buffer(&minor, &output);
        (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    }
}
END_TEST

/* Octets without end must not be stored without end: a TLS record that never becomes whole. */
START_TEST(endless_first_flight_is_bounded)
{
    static unsigned char flood[4096];
    unsigned char start[] = {0x16, 0x03, 0x01, 0x40, 0x00, 0x01, 0x00, 0xff, 0xff};
    gss_buffer_desc body = {sizeof start, start};
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    OM_uint32 major;
    OM_uint32 minor;
    size_t sent = 0;

    ck_assert_uint_eq(gss_encapsulate_token(&body, GSS_SSPI_MECH_CREDSSP, &token), GSS_S_COMPLETE);
    major =
        gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &token,
                               GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL, NULL, NULL);
    (void)gss_release_buffer(&minor, &token);
    while (major == GSS_S_CONTINUE_NEEDED && sent < 1024 * 1024) {
        gss_buffer_desc more = {sizeof flood, flood};

        (void)gss_release_buffer(&minor, &output);
        major = gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &more,
                                       GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &output, NULL, NULL,
                                       NULL);
        sent += sizeof flood;
    }
    ck_assert(GSS_ERROR(major));
    ck_assert_uint_le(sent, 256 * 1024);
    (void)gss_release_buffer(&minor, &output);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
}
END_TEST

/* A context that failed stays failed, and one that is done is done. */
START_TEST(nothing_goes_on_after_the_end)
{
    const struct kind *kind = &kinds[_i];
    struct exchange x = {
        .target = "host@localhost",
        .mechanism = kind->credssp ? GSS_SSPI_MECH_CREDSSP : GSS_SSPI_MECH_NEGOTIATE,
        .server_header = kind->credssp ? GSS_C_NO_OID : GSS_SSPI_MECH_NEGOTIATE,
        .flags = GSS_C_MUTUAL_FLAG,
        .on_token = apply,
    };
    unsigned legs = record(kind);
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    ck_assert(exchange_run(&x));
    for (unsigned leg = 1; leg <= legs; leg++) {
        ck_assert(GSS_ERROR(gss_accept_sec_context(&minor, &x.server, GSS_C_NO_CREDENTIAL,
                                                   &recorded[leg], GSS_C_NO_CHANNEL_BINDINGS, NULL,
                                                   NULL, &output, NULL, NULL, NULL)));
        (void)gss_release_buffer(&minor, &output);
    }
    exchange_check_messages(&x); /* and the context is as it was */
    exchange_reset(&x);
    report(kind, "after the end");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hostile");
    TCase *cases = tcase_create("hostile");

    tcase_set_timeout(cases, 900);
    tcase_add_loop_test(cases, every_token_cut_at_every_length, 0, KIND_COUNT);
    tcase_add_loop_test(cases, every_octet_of_every_token_changed, 0, KIND_COUNT);
    tcase_add_loop_test(cases, every_token_replaced_by_every_other, 0, KIND_COUNT);
    tcase_add_loop_test(cases, nothing_goes_on_after_the_end, 0, KIND_COUNT);
    tcase_add_test(cases, garbage_as_first_token);
    tcase_add_test(cases, endless_first_flight_is_bounded);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
