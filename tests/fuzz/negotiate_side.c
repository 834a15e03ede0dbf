#include "tests/fuzz/negotiate_side.h"

#include <krb5.h>
#include <stdlib.h>

#include "gssapi_sspi.h"

#define CACHE_IN_MEMORY  "MEMORY:negotiate"
#define KEYTAB_IN_MEMORY "MEMORY:negotiate"

static struct credential *credentials[2][2]; /* [initiator][mechanisms] */
static struct name *target;

static void copy_tickets(krb5_context krb5)
{
    krb5_ccache from, to;
    krb5_principal user;

    must(krb5_cc_default(krb5, &from) == 0, "there is a ticket cache: run this by with-realm");
    must(krb5_cc_get_principal(krb5, from, &user) == 0, "the ticket cache has a user");
    must(krb5_cc_resolve(krb5, CACHE_IN_MEMORY, &to) == 0, "a ticket cache in memory");
    must(krb5_cc_initialize(krb5, to, user) == 0, "the ticket cache can be made");
    must(krb5_cc_copy_creds(krb5, from, to) == 0, "the tickets can be copied");
    krb5_free_principal(krb5, user);
    (void)krb5_cc_close(krb5, from);
    (void)krb5_cc_close(krb5, to);
    must(setenv("KRB5CCNAME", CACHE_IN_MEMORY, 1) == 0, "KRB5CCNAME can be set");
}

/* The keytab in memory lives as long as somebody has it open: it stays open. */
static void copy_keys(krb5_context krb5)
{
    krb5_keytab_entry entry;
    krb5_keytab from, to;
    krb5_kt_cursor cursor;

    must(krb5_kt_default(krb5, &from) == 0, "there is a keytab");
    must(krb5_kt_resolve(krb5, KEYTAB_IN_MEMORY, &to) == 0, "a keytab in memory");
    must(krb5_kt_start_seq_get(krb5, from, &cursor) == 0, "the keytab can be read");
    while (krb5_kt_next_entry(krb5, from, &entry, &cursor) == 0) {
        must(krb5_kt_add_entry(krb5, to, &entry) == 0, "keys can be copied");
        (void)krb5_free_keytab_entry_contents(krb5, &entry);
    }
    (void)krb5_kt_end_seq_get(krb5, from, &cursor);
    (void)krb5_kt_close(krb5, from);
    must(setenv("KRB5_KTNAME", KEYTAB_IN_MEMORY, 1) == 0, "KRB5_KTNAME can be set");
}

static struct credential *acquire(bool initiator, enum side_mechanisms mechanisms)
{
    gss_key_value_element_desc element = {"packages", "ntlm"};
    const gss_key_value_set_desc store = {mechanisms == SIDE_HAS_NTLM, &element};
    const struct credential_request request = {.usage = initiator ? GSS_C_INITIATE : GSS_C_ACCEPT,
                                               .store = &store};
    struct credential *credential = NULL;
    OM_uint32 minor;

    must(credential_acquire(&minor, &request, &credential) == GSS_S_COMPLETE,
         "a credential can be acquired");
    return credential;
}

void negotiate_side_prepare(void)
{
    gss_buffer_desc text = {sizeof "host@localhost" - 1, (void *)(uintptr_t) "host@localhost"};
    krb5_context krb5;
    OM_uint32 minor;

    must(krb5_init_context(&krb5) == 0, "Kerberos can be set up");
    copy_tickets(krb5);
    copy_keys(krb5);
    krb5_free_context(krb5);
    for (int i = 0; i < 4; i++)
        credentials[i / 2][i % 2] = acquire(i / 2 != 0, (enum side_mechanisms)(i % 2));
    must(name_import(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &target) == GSS_S_COMPLETE,
         "the server has a name");
}

gss_name_t negotiate_side_target(void)
{
    return target->glue;
}

void check_answer(const struct context *context, OM_uint32 major, gss_buffer_t output)
{
    must((output->length == 0) == (output->value == NULL), "a token is there or not");
    must((major == GSS_S_COMPLETE) == (context->stage == CONTEXT_ESTABLISHED) &&
             (GSS_ERROR(major) != 0) == (context->stage == CONTEXT_FAILED),
         "a context knows how far it is");
}

OM_uint32 negotiate_side_step(void *argument, gss_buffer_t input, gss_buffer_t output)
{
    struct negotiate_side *side = argument;
    struct credential *credential = credentials[side->initiator][side->mechanisms];
    const struct initiate_request initiate = {
        .credential = credential, .target = target, .flags = side->flags};
    const struct accept_request accept = {.credential = credential, .wants_initiator = true};
    OM_uint32 minor;

    if (side->context == NULL)
        side->context =
            negotiate_context_create(&minor, side->initiator, NEGOTIATE_IN_PLACE_OF_SPNEGO);
    must(side->context != NULL, "a context can be made");
    *output = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    side->major = side->initiator
                      ? context_initiate(&minor, side->context, &initiate, input, output)
                      : context_accept(&minor, side->context, &accept, input, output);
    check_answer(side->context, side->major, output);
    return side->major;
}

OM_uint32 negotiate_side_feed(struct negotiate_side *side, struct byte_range octets)
{
    gss_buffer_desc input = {octets.length, (void *)(uintptr_t)octets.data};
    gss_buffer_desc output;
    OM_uint32 major = negotiate_side_step(side, &input, &output);
    OM_uint32 minor;

    (void)gss_release_buffer(&minor, &output);
    return major;
}

void ask_context(struct context *context, bool complete, gss_const_OID told_when_complete)
{
    const struct context_operations *operations = context->operations;
    gss_name_t names[2];
    gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
    struct context_facts facts;
    gss_cred_id_t delegated;
    OM_uint32 minor;

    operations->describe(context, &facts);
    must(facts.established == complete, "established when complete");
    (void)operations->lifetime(context);
    operations->names(context, &names[0], &names[1]);
    (void)gss_release_name(&minor, &names[0]);
    (void)gss_release_name(&minor, &names[1]);
    /* The plugin is not registered here, so that a delegated password cannot be one for it. */
    must(operations->take_delegated(&minor, context, &delegated) == GSS_S_COMPLETE ||
             delegated == GSS_C_NO_CREDENTIAL,
         "what fails gives no credential");
    (void)gss_release_cred(&minor, &delegated);
    must(complete == (operations->inquire_by_oid(&minor, context, told_when_complete, &data) ==
                      GSS_S_COMPLETE),
         "what an established context tells no other does");
    (void)gss_release_buffer_set(&minor, &data);
}

void negotiate_side_end(struct negotiate_side *side)
{
    bool over = side->major != GSS_S_CONTINUE_NEEDED;

    if (side->context == NULL)
        return;
    ask_context(side->context, side->major == GSS_S_COMPLETE, GSS_SSPI_INQ_INNER_MECHANISM);
    if (over) {
        gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
        enum context_stage stage = side->context->stage;
        OM_uint32 minor;

        must(GSS_ERROR(side->initiator
                           ? context_initiate(&minor, side->context, NULL, &nothing, NULL)
                           : context_accept(&minor, side->context, NULL, &nothing, NULL)),
             "no step follows the last one");
        must(side->context->stage == stage, "a step too many changes nothing");
    }
    context_delete(&side->context);
}
