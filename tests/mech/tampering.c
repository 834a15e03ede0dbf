#include "tests/mech/tampering.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Pieces that a token is split into at most. */
#define MOST_PIECES 4

/* What is done to a token on its way. As many numbers again stand for nothing. */
enum act {
    LEAVE,
    CHANGE,    /* another one in its place, made of it */
    REPLAY,    /* one that went by before, in its place */
    REFLECT,   /* one that the receiver sent itself */
    INSERT,    /* one that went by before, ahead of it */
    DUPLICATE, /* twice */
    SPLIT,     /* in pieces, in their order */
    SHUFFLE,   /* in pieces, out of order, or one of them missing or twice */
    EMPTY,     /* nothing, in its place */
    DROP,
    ACT_COUNT
};

static const char *const act_names[ACT_COUNT] = {
    "left alone", "changed", "replayed", "reflected", "another first",
    "twice",      "split",   "shuffled", "emptied",   "dropped"};

static void note(struct tampering *tampering, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct tampering *tampering, const char *format, ...)
{
    size_t used = strlen(tampering->log);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(tampering->log + used, sizeof tampering->log - used, format, arguments);
    va_end(arguments);
}

static struct byte_range list_of(struct byte_range octets)
{
    struct neg_token token;

    if (neg_token_decode(octets, &token) != DER_OK || token.kind != NEG_TOKEN_INIT)
        return BYTE_RANGE_ABSENT;
    return token.init.mech_types.der;
}

/* Keeps the list that the client sent, and compares it with the first that the server took. */
static void watch_list(struct tampering *tampering, struct byte_range token, OM_uint32 major)
{
    struct byte_range list = list_of(token);

    if (tampering->list_read || !byte_range_is_present(list) || GSS_ERROR(major))
        return;
    tampering->list_read = true;
    tampering->list_changed = !byte_range_equal(list, tampering->list_sent);
}

/* Delivers a token. What the side answers takes the place of an answer that nobody has read. */
static void deliver(struct tampering *tampering, bool to_server, struct byte_range token,
                    gss_buffer_t answer)
{
    struct tampered_side *side = to_server ? &tampering->server : &tampering->client;
    gss_buffer_desc input = {token.length, (void *)(uintptr_t)token.data};
    gss_buffer_desc output = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    if (side->major != GSS_S_CONTINUE_NEEDED || tampering->deliveries == TAMPERING_MAX_DELIVERIES)
        return;
    tampering->deliveries++;
    side->major = side->step(side->side, &input, &output);
    if (to_server)
        watch_list(tampering, token, side->major);
    else if (!byte_range_is_present(tampering->list_sent))
        tampering->list_sent = octets_copy(list_of(byte_range_of(output.value, output.length)));
    seen_tokens_add(tampering->seen, byte_range_of(output.value, output.length), !to_server);
    if (output.length == 0)
        return;
    (void)gss_release_buffer(&minor, answer);
    *answer = output;
}

/* A token that went by; of those that the receiver sent, when own is set. */
static struct byte_range earlier(struct tampering *tampering, bool to_server, bool own)
{
    const struct seen_tokens *seen = tampering->seen;
    size_t start;

    if (seen->count == 0)
        return byte_range_of(NULL, 0);
    start = choose(tampering->chance, seen->count);
    for (size_t i = 0; i < seen->count && own; i++) {
        size_t at = (start + seen->count - i) % seen->count;

        if (seen->tokens[at].to_server != to_server)
            return seen->tokens[at].octets;
    }
    return seen->tokens[start].octets;
}

/*
 * Cuts a token into pieces and delivers them. What the receiver says to a piece that is not the
 * last one goes back like any answer.
 */
static void deliver_pieces(struct tampering *tampering, bool to_server, struct byte_range token,
                           bool shuffled, gss_buffer_t answer)
{
    size_t ends[MOST_PIECES + 1] = {0};
    size_t pieces = 2 + choose(tampering->chance, MOST_PIECES - 1);

    for (size_t i = 1; i < pieces; i++) {
        size_t left = token.length - ends[i - 1];

        ends[i] = ends[i - 1] + (left != 0 ? choose(tampering->chance, left) : 0);
    }
    ends[pieces] = token.length;
    for (size_t i = 0; i < pieces; i++) {
        size_t at = shuffled ? choose(tampering->chance, pieces) : i;

        note(tampering, " %zu+%zu", ends[at], ends[at + 1] - ends[at]);
        deliver(tampering, to_server, byte_range_of(token.data + ends[at], ends[at + 1] - ends[at]),
                answer);
    }
}

/* Replaces *token by another one that is malloc()ed. */
static void put_in_place(struct byte_range *token, struct byte_range other)
{
    free((void *)(uintptr_t)token->data);
    *token = other;
}

static void change(struct tampering *tampering, struct byte_range *token)
{
    const char *what = "";

    put_in_place(token, token_change(tampering->chance, tampering->seen, *token, &what));
    note(tampering, " %s", what);
}

/* Does to a token what was decided for the whole logon. */
static void apply_plan(struct tampering *tampering, bool to_server, struct byte_range *token)
{
    enum neg_state state = to_server ? NEG_STATE_ABSENT : tampering->first_state;

    if (!tampering->strip_mic[to_server] && state == NEG_STATE_ABSENT)
        return;
    put_in_place(token, token_without_mic(*token, tampering->strip_mic[to_server], state));
    tampering->changed = true;
    if (!to_server)
        tampering->first_state = NEG_STATE_ABSENT;
}

/* Lets one token pass, or not. *answer is what the receiver said. */
static void pass(struct tampering *tampering, bool to_server, struct byte_range original,
                 gss_buffer_t answer)
{
    struct byte_range token = octets_copy(original);
    unsigned act = LEAVE;

    if (tampering->chance != NULL) {
        apply_plan(tampering, to_server, &token);
        act = choose(tampering->chance, 2 * ACT_COUNT);
    }
    if (act >= ACT_COUNT)
        act = LEAVE;
    if (act != LEAVE) {
        note(tampering, "; delivery %u, to the %s: %s", tampering->deliveries + 1,
             to_server ? "server" : "client", act_names[act]);
        tampering->changed = true;
    }
    switch (act) {
    case CHANGE:
        change(tampering, &token);
        break;
    case REPLAY:
    case REFLECT:
        put_in_place(&token, octets_copy(earlier(tampering, to_server, act == REFLECT)));
        break;
    case INSERT:
        deliver(tampering, to_server, earlier(tampering, to_server, false), answer);
        break;
    case DUPLICATE:
        deliver(tampering, to_server, token, answer);
        break;
    case EMPTY:
        token.length = 0;
        break;
    default:
        break;
    }
    if (act == SPLIT || act == SHUFFLE)
        deliver_pieces(tampering, to_server, token, act == SHUFFLE, answer);
    else if (act != DROP)
        deliver(tampering, to_server, token, answer);
    free((void *)(uintptr_t)token.data);
}

/* Half of the logons are left to single acts; in the others something is done all along. */
static void make_plan(struct tampering *tampering)
{
    tampering->first_state = NEG_STATE_ABSENT;
    if (tampering->chance == NULL || choose(tampering->chance, 4) != 3)
        return;
    tampering->strip_mic[true] = choose(tampering->chance, 2) != 0;
    tampering->strip_mic[false] = choose(tampering->chance, 2) != 0;
    tampering->first_state = (enum neg_state)((int)choose(tampering->chance, 5) - 1);
    note(tampering, "plan: mechListMIC %s%s, negState %d",
         tampering->strip_mic[true] ? "not to server " : "",
         tampering->strip_mic[false] ? "not to client" : "", (int)tampering->first_state);
}

void tampering_run(struct tampering *tampering)
{
    gss_buffer_desc token = GSS_C_EMPTY_BUFFER;
    bool to_server = !tampering->server_first;
    OM_uint32 minor;

    tampering->client.major = tampering->server.major = GSS_S_CONTINUE_NEEDED;
    make_plan(tampering);
    deliver(tampering, tampering->server_first, byte_range_of(NULL, 0), &token);
    while (token.length != 0 && tampering->deliveries < TAMPERING_MAX_DELIVERIES) {
        gss_buffer_desc answer = GSS_C_EMPTY_BUFFER;

        pass(tampering, to_server, byte_range_of(token.value, token.length), &answer);
        (void)gss_release_buffer(&minor, &token);
        token = answer;
        to_server = !to_server;
    }
    (void)gss_release_buffer(&minor, &token);
    free((void *)(uintptr_t)tampering->list_sent.data);
    tampering->list_sent = BYTE_RANGE_ABSENT;
}

bool tampering_both_succeeded(const struct tampering *tampering)
{
    return tampering->client.major == GSS_S_COMPLETE && tampering->server.major == GSS_S_COMPLETE;
}
