#include "tests/fuzz/negotiate_start.h"

#include <stdlib.h>
#include <time.h>

#include "tests/mech/token_change.h"

/* An AP-REQ is taken for some minutes, so it is made again after this many seconds. */
#define TOKENS_AGE_SECONDS 60

/* First tokens of clients, without SPNEGO; malloc()ed. */
static struct {
    struct byte_range kerberos, kerberos_dce, ntlm;
} client;
static struct byte_range ntlm_challenge;
static time_t made;

static const unsigned char stranger_octets[] = {0x2a, 0x03, 0x04, 0x05};

static void replace(struct byte_range *kept, gss_buffer_desc token)
{
    OM_uint32 minor;

    free((void *)(uintptr_t)kept->data);
    *kept = octets_copy(byte_range_of(token.value, token.length));
    (void)gss_release_buffer(&minor, &token);
}

static void make_first_token(struct byte_range *kept, gss_OID mechanism, OM_uint32 flags)
{
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    must(gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, negotiate_side_target(),
                              mechanism, flags, 0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, NULL,
                              &token, NULL, NULL) == GSS_S_CONTINUE_NEEDED,
         "a mechanism makes a first token");
    replace(kept, token);
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
}

/* What a server answers to the first token of a mechanism without SPNEGO. */
static gss_buffer_desc bare_answer(struct byte_range octets)
{
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    gss_buffer_desc input = {octets.length, (void *)(uintptr_t)octets.data};
    gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    must(gss_accept_sec_context(&minor, &context, GSS_C_NO_CREDENTIAL, &input,
                                GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &answer, NULL, NULL,
                                NULL) == GSS_S_CONTINUE_NEEDED,
         "a mechanism answers a first token");
    (void)gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    return answer;
}

static void make_tokens(void)
{
    make_first_token(&client.kerberos, oid_krb5, SIDE_FLAGS);
    make_first_token(&client.kerberos_dce, oid_krb5, SIDE_FLAGS | GSS_C_DCE_STYLE);
    make_first_token(&client.ntlm, oid_ntlmssp, SIDE_FLAGS);
    replace(&ntlm_challenge, bare_answer(client.ntlm));
    made = time(NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    negotiate_side_prepare();
    make_tokens();
    return 0;
}

static void keep_tokens_young(void)
{
    if (time(NULL) - made > TOKENS_AGE_SECONDS)
        make_tokens();
}

static void feed(struct negotiate_side *side, const struct neg_token *token)
{
    struct byte_range octets = token_encode(token);

    must(byte_range_is_present(octets), "a token can be written");
    must(negotiate_side_feed(side, octets) == GSS_S_CONTINUE_NEEDED, "a real token is taken");
    free((void *)(uintptr_t)octets.data);
}

/* NegTokenInit with one or two mechanisms. */
static void feed_init(struct negotiate_side *side, const struct byte_range *oids, size_t count,
                      struct byte_range mech_token)
{
    struct neg_token token = {.kind = NEG_TOKEN_INIT, .init = {.mech_token = mech_token}};
    struct mech_type_list *list = &token.init.mech_types;
    unsigned char *octets = NULL;

    must(mech_type_list_encode(oids, count, &octets, &list->der.length) == DER_OK,
         "a list can be written");
    list->der.data = octets;
    list->count = count;
    feed(side, &token);
    free(octets);
}

static void feed_resp(struct negotiate_side *side, enum neg_state neg_state,
                      struct byte_range supported_mech, struct byte_range response_token)
{
    const struct neg_token token = {.kind = NEG_TOKEN_RESP,
                                    .resp = {.neg_state = neg_state,
                                             .supported_mech = supported_mech,
                                             .response_token = response_token}};

    feed(side, &token);
}

/* A mechanism that nobody knows stands first, so that the acceptor chooses the second. */
static void feed_second_choice(struct negotiate_side *side, gss_OID mechanism)
{
    const struct byte_range oids[] = {byte_range_of(stranger_octets, sizeof stranger_octets),
                                      oid_range(mechanism)};

    feed_init(side, oids, 2, BYTE_RANGE_ABSENT);
}

struct negotiate_side negotiate_start_acceptor(enum acceptor_start start)
{
    struct negotiate_side side = {
        .mechanisms = start == ACCEPTOR_FIRST_TOKEN_WITH_NTLM_ONLY ? SIDE_HAS_NTLM : SIDE_HAS_ALL};
    const struct byte_range krb5 = oid_range(oid_krb5), ntlm = oid_range(oid_ntlmssp);

    keep_tokens_young();
    switch (start) {
    case ACCEPTOR_SENT_HINTS:
        (void)negotiate_side_feed(&side, byte_range_of(NULL, 0));
        break;
    case ACCEPTOR_SENT_NTLM_CHALLENGE:
        feed_init(&side, &ntlm, 1, client.ntlm);
        break;
    case ACCEPTOR_SENT_BARE_NTLM_CHALLENGE:
        (void)negotiate_side_feed(&side, client.ntlm);
        break;
    case ACCEPTOR_WANTS_DCE_THIRD_LEG:
        feed_init(&side, &krb5, 1, client.kerberos_dce);
        break;
    case ACCEPTOR_REQUESTED_MIC:
        feed_second_choice(&side, oid_ntlmssp);
        break;
    case ACCEPTOR_WAITS_FOR_KERBEROS_MIC:
        feed_second_choice(&side, oid_krb5);
        feed_resp(&side, NEG_STATE_ACCEPT_INCOMPLETE, BYTE_RANGE_ABSENT, client.kerberos);
        break;
    case ACCEPTOR_FIRST_TOKEN:
    case ACCEPTOR_FIRST_TOKEN_WITH_NTLM_ONLY:
    case ACCEPTOR_STARTS:
    default:
        return side;
    }
    must(side.major == GSS_S_CONTINUE_NEEDED, "the acceptor waits for a token");
    return side;
}

/* A real server's answer to the DCE style token that the side has sent. */
static void answer_dce(struct negotiate_side *side, gss_buffer_t sent)
{
    struct neg_token token;
    gss_buffer_desc answer;
    OM_uint32 minor;

    must(neg_token_decode(byte_range_of(sent->value, sent->length), &token) == DER_OK &&
             token.kind == NEG_TOKEN_INIT,
         "an initiator begins with a NegTokenInit");
    answer = bare_answer(token.init.mech_token);
    feed_resp(side, NEG_STATE_ACCEPT_INCOMPLETE, oid_range(oid_krb5),
              byte_range_of(answer.value, answer.length));
    (void)gss_release_buffer(&minor, &answer);
}

/* The hint of a server that takes NTLM only. */
static void feed_hint(struct negotiate_side *side)
{
    const struct byte_range ntlm = oid_range(oid_ntlmssp);

    feed_init(side, &ntlm, 1, BYTE_RANGE_ABSENT);
}

static struct negotiate_side new_initiator(enum initiator_start start)
{
    struct negotiate_side side = {.initiator = true, .flags = SIDE_FLAGS};

    if (start == INITIATOR_SENT_NTLM || start == INITIATOR_SENT_NTLM_AUTHENTICATE)
        side.mechanisms = SIDE_HAS_NTLM;
    if (start == INITIATOR_SENT_KERBEROS_ONE_WAY)
        side.flags &= ~(OM_uint32)GSS_C_MUTUAL_FLAG;
    if (start == INITIATOR_SENT_DCE_THIRD_LEG)
        side.flags |= GSS_C_DCE_STYLE;
    return side;
}

struct negotiate_side negotiate_start_initiator(enum initiator_start start)
{
    struct negotiate_side side = new_initiator(start);
    gss_buffer_desc nothing = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc sent = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    keep_tokens_young();
    if (start == INITIATOR_FIRST_CALL)
        return side;
    if (start == INITIATOR_SENT_NO_TOKEN)
        feed_hint(&side);
    else
        must(negotiate_side_step(&side, &nothing, &sent) == GSS_S_CONTINUE_NEEDED,
             "an initiator begins");
    if (start == INITIATOR_RESELECTED_NTLM)
        feed_resp(&side, NEG_STATE_REQUEST_MIC, oid_range(oid_ntlmssp), BYTE_RANGE_ABSENT);
    else if (start == INITIATOR_SENT_NTLM_AUTHENTICATE)
        feed_resp(&side, NEG_STATE_ACCEPT_INCOMPLETE, oid_range(oid_ntlmssp), ntlm_challenge);
    else if (start == INITIATOR_SENT_DCE_THIRD_LEG)
        answer_dce(&side, &sent);
    (void)gss_release_buffer(&minor, &sent);
    return side;
}

/* A first token may be a real one from the corpus, as somebody who listened could send it again. */
bool negotiate_start_acceptor_may_complete(enum acceptor_start start)
{
    return start < ACCEPTOR_SECOND_TOKEN;
}

/* A client that has heard a Kerberos server, or did not want to, takes its last word unprotected. */
bool negotiate_start_initiator_may_complete(enum initiator_start start)
{
    return start == INITIATOR_SENT_KERBEROS_ONE_WAY || start == INITIATOR_SENT_DCE_THIRD_LEG;
}
