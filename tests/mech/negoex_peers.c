#include "tests/mech/negoex_peers.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asn1/neg_token.h"
#include "mech/negotiate/negoex_message.h"

#define NEGOEX_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG)

#define OID_ARC "2.25.3579557143683582521"

const struct negoex_peers negoex_peers[] = {
    [NEGOEX_MIT_MIT] = {"MIT's with MIT's", false, false, false},
    [NEGOEX_OURS_MIT] = {"our initiator with MIT's acceptor", true, false, false},
    [NEGOEX_MIT_OURS] = {"MIT's initiator with our acceptor", false, true, false},
    [NEGOEX_OURS_OURS] = {"ours with ours", true, true, false},
    [NEGOEX_INTERPOSED] = {"ours with ours, in place of MIT's", true, true, true},
};

static char messages[256];

/* Copies the line of gss-ntlmssp. */
static void copy_ntlm(FILE *to)
{
    FILE *from = fopen(realm_variable("GSS_MECH_CONFIG"), "r");
    char line[1024];

    ck_assert(from != NULL);
    while (fgets(line, sizeof line, from) != NULL) {
        if (strncmp(line, "gssntlmssp", strlen("gssntlmssp")) == 0)
            (void)fputs(line, to);
    }
    (void)fclose(from);
}

void negoex_register(const struct negoex_peers *peers, const char *letters)
{
    char path[512];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/mech-%ld.conf", realm_variable("REALM_DIR"),
                   (long)getpid());
    file = fopen(path, "w");
    ck_assert(file != NULL);
    copy_ntlm(file);
    (void)fprintf(file, "negotiate %s.2 %s\n", OID_ARC, realm_variable("REALM_MODULE"));
    if (peers->interposed)
        (void)fprintf(file, "negotiate_spnego %s.3 %s <interposer>\n", OID_ARC,
                      realm_variable("REALM_MODULE"));
    for (; *letters != '\0'; letters++)
        (void)fprintf(file, "negoex_%c 2.25.%d %s/tests/mech/.libs/negoex_mech.so\n", *letters,
                      1001 + (*letters - 'i'), realm_variable("top_builddir"));
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(setenv("GSS_MECH_CONFIG", path, 1), 0);
}

static const gss_OID_desc *oid_of(char letter)
{
    static const gss_OID_desc test[] = {{3, (void *)(uintptr_t) "\x69\x87i"},
                                        {3, (void *)(uintptr_t) "\x69\x87j"},
                                        {3, (void *)(uintptr_t) "\x69\x87k"}};

    return letter == 'K' ? &krb5_oid : letter == 'N' ? &ntlm_oid : &test[letter - 'i'];
}

/* A SPNEGO credential that is limited to a list. */
static gss_cred_id_t credential_for(gss_const_OID spnego, gss_cred_usage_t usage, const char *list)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)spnego};
    gss_OID_set allowed = GSS_C_NO_OID_SET;
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;
    OM_uint32 major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechanisms, usage,
                                       &credential, NULL, NULL);

    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    ck_assert_uint_eq(gss_create_empty_oid_set(&minor, &allowed), GSS_S_COMPLETE);
    for (; *list != '\0'; list++)
        ck_assert_uint_eq(
            gss_add_oid_set_member(&minor, (gss_OID)(uintptr_t)oid_of(*list), &allowed),
            GSS_S_COMPLETE);
    major = gss_set_neg_mechs(&minor, credential, allowed);
    ck_assert_msg(major == GSS_S_COMPLETE, "%s", status_text(major, minor));
    (void)gss_release_oid_set(&minor, &allowed);
    return credential;
}

struct byte_range negoex_part(const gss_buffer_desc *token)
{
    struct neg_token decoded;
    struct byte_range part;
    struct negoex_message message;

    if (neg_token_decode(byte_range_of(token->value, token->length), &decoded) != DER_OK)
        return BYTE_RANGE_ABSENT;
    part = decoded.kind == NEG_TOKEN_INIT ? decoded.init.mech_token : decoded.resp.response_token;
    if (!byte_range_is_present(part))
        return part;
    /* Another mechanism's token has another signature; anything else is a mistake. */
    return negoex_message_decode(&(struct byte_range){part.data, part.length}, &message) ==
                   NEGOEX_BAD_SIGNATURE
               ? BYTE_RANGE_ABSENT
               : part;
}

static void note(char letter)
{
    size_t used = strlen(messages);

    ck_assert_uint_lt(used + 1, sizeof messages);
    messages[used] = letter;
    messages[used + 1] = '\0';
}

static void note_messages(struct exchange *x, void *argument, gss_buffer_t token)
{
    static const char letters[] = {'n', 'N', 'm', 'M', 'C', 'r', 'v', 'a'};
    struct byte_range rest = negoex_part(token);

    (void)argument;
    if (messages[0] != '\0')
        note(' ');
    if (!byte_range_is_present(rest))
        note('?');
    while (byte_range_is_present(rest) && rest.length != 0) {
        struct negoex_message message;
        char letter;

        ck_assert_int_eq(negoex_message_decode(&rest, &message), NEGOEX_OK);
        letter = letters[message.type];
        if (!x->to_server && (letter == 'v' || letter == 'a'))
            letter = letter == 'v' ? 'V' : 'A';
        note(letter);
    }
}

const char *negoex_messages(void)
{
    return messages;
}

void negoex_set_up(struct exchange *x, const struct negoex_peers *peers, const char *client_list,
                   const char *server_list)
{
    gss_const_OID client = peers->our_client && !peers->interposed ? GSS_SSPI_MECH_NEGOTIATE
                                                                   : (gss_const_OID)&spnego_oid;
    gss_const_OID server = peers->our_server && !peers->interposed ? GSS_SSPI_MECH_NEGOTIATE
                                                                   : (gss_const_OID)&spnego_oid;

    messages[0] = '\0';
    *x = (struct exchange){.mechanism = client,
                           .target = "host@localhost",
                           .flags = NEGOEX_FLAGS,
                           .on_token = note_messages};
    if (peers->our_server && !peers->interposed)
        x->server_header = GSS_SSPI_MECH_NEGOTIATE;
    if (client_list != NULL)
        x->client_credential = credential_for(client, GSS_C_INITIATE, client_list);
    if (server_list != NULL)
        x->server_credential = credential_for(server, GSS_C_ACCEPT, server_list);
}

void negoex_tear_down(struct exchange *x)
{
    OM_uint32 minor;

    exchange_reset(x);
    (void)gss_release_cred(&minor, &x->client_credential);
    (void)gss_release_cred(&minor, &x->server_credential);
}

/* What a side says it speaks; gss_inquire_context tells us by name, so the inner one is asked for. */
static char letter_of(gss_ctx_id_t context)
{
    static const char letters[] = "ijkKN";
    gss_buffer_set_t inner = GSS_C_NO_BUFFER_SET;
    gss_OID mechanism = GSS_C_NO_OID;
    gss_OID_desc asked = {0, NULL};
    char found = '?';
    OM_uint32 minor;

    if (!GSS_ERROR(gss_inquire_sec_context_by_oid(
            &minor, context, (gss_OID)(uintptr_t)GSS_SSPI_INQ_INNER_MECHANISM, &inner)) &&
        inner != GSS_C_NO_BUFFER_SET && inner->count == 1)
        asked = (gss_OID_desc){(OM_uint32)inner->elements[0].length, inner->elements[0].value};
    else if (!GSS_ERROR(gss_inquire_context(&minor, context, NULL, NULL, NULL, &mechanism, NULL,
                                            NULL, NULL)))
        asked = *mechanism;
    for (size_t i = 0; letters[i] != '\0'; i++) {
        if (gss_oid_equal(&asked, (gss_OID)(uintptr_t)oid_of(letters[i])))
            found = letters[i];
    }
    (void)gss_release_buffer_set(&minor, &inner);
    return found;
}

char negoex_outcome(const struct exchange *x)
{
    char letter;

    if (x->client_major != GSS_S_COMPLETE || x->server_major != GSS_S_COMPLETE)
        return '-';
    letter = letter_of(x->client);
    ck_assert_int_eq(letter, letter_of(x->server));
    return letter;
}
