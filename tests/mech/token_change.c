#include "tests/mech/token_change.h"

#include <stdlib.h>
#include <string.h>

#include "tests/asn1/mutate.h"

/* What a change needs until the token is encoded again. */
#define HELD 12

struct change {
    struct chance *chance;
    const struct seen_tokens *seen;
    unsigned char *held[HELD];
    size_t held_count;
};

static const struct byte_range known_mechanisms[] = {
    {(const unsigned char *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 9},      /* Kerberos */
    {(const unsigned char *)"\x2a\x86\x48\x82\xf7\x12\x01\x02\x02", 9},      /* Microsoft's */
    {(const unsigned char *)"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", 10}, /* NTLM */
    {(const unsigned char *)"\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e", 10}, /* NegoEx */
    {(const unsigned char *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x03", 10}, /* user to user */
    {(const unsigned char *)"\x2b\x05\x01\x05\x02", 5},                      /* Kerberos' draft */
    {(const unsigned char *)"\x2b\x06\x01\x05\x02\x05", 6},                  /* IAKERB */
    {(const unsigned char *)"\x2b\x06\x01\x05\x05\x02", 6},                  /* SPNEGO */
    {(const unsigned char *)"\x69\xb1\xd6\xc9\x88\x9c\x93\xe3\x94\x39\x02", 11}, /* Negotiate */
    {(const unsigned char *)"\x2a\x03\x04\x05", 4},                              /* nobody's */
};
#define KNOWN_MECHANISMS (sizeof known_mechanisms / sizeof known_mechanisms[0])
#define KERBEROS         known_mechanisms[0]
#define KERBEROS_TOO     known_mechanisms[1]

static void *allocate(size_t length)
{
    void *octets = malloc(length != 0 ? length : 1);

    if (octets == NULL)
        abort();
    return octets;
}

struct byte_range octets_copy(struct byte_range octets)
{
    unsigned char *copy = allocate(octets.length);

    if (octets.length != 0)
        memcpy(copy, octets.data, octets.length);
    return byte_range_of(copy, octets.length);
}

void seen_tokens_add(struct seen_tokens *seen, struct byte_range token, bool to_server)
{
    if (seen->count == SEEN_TOKENS || token.length == 0)
        return;
    seen->tokens[seen->count].octets = octets_copy(token);
    seen->tokens[seen->count++].to_server = to_server;
}

void seen_tokens_cut(struct seen_tokens *seen, size_t count)
{
    while (seen->count > count)
        free((void *)(uintptr_t)seen->tokens[--seen->count].octets.data);
}

/* Octets that stay until the change is done. */
static unsigned char *hold(struct change *change, size_t length)
{
    if (change->held_count == HELD)
        abort();
    return change->held[change->held_count++] = allocate(length);
}

static void release(struct change *change)
{
    while (change->held_count != 0)
        free(change->held[--change->held_count]);
}

/* --- parts of tokens --- */

/* A part of a token that went by: the inner mechanism's token, a mechListMIC, or all of it. */
static struct byte_range seen_part(struct change *change)
{
    struct byte_range whole = BYTE_RANGE_ABSENT;
    struct neg_token token;
    bool wants_mic;

    if (change->seen->count == 0)
        return whole;
    whole = change->seen->tokens[choose(change->chance, change->seen->count)].octets;
    wants_mic = choose(change->chance, 4) == 3;
    if (neg_token_decode(whole, &token) != DER_OK)
        return whole;
    if (token.kind == NEG_TOKEN_INIT)
        return wants_mic ? token.init.mech_list_mic : token.init.mech_token;
    return wants_mic ? token.resp.mech_list_mic : token.resp.response_token;
}

static struct byte_range flip_bit(struct change *change, struct byte_range octets)
{
    unsigned char *copy = hold(change, octets.length);
    size_t near_start = octets.length < 64 ? octets.length : 64;
    size_t position;

    if (octets.length == 0)
        return octets;
    memcpy(copy, octets.data, octets.length);
    /* The headers and NTLM's flags are at the beginning. */
    position = choose(change->chance, choose(change->chance, 2) != 0 ? near_start : octets.length);
    copy[position] ^= (unsigned char)(1U << choose(change->chance, 8));
    return byte_range_of(copy, octets.length);
}

static struct byte_range lengthen(struct change *change, struct byte_range octets)
{
    unsigned char *copy = hold(change, octets.length + 1);

    if (octets.length != 0)
        memcpy(copy, octets.data, octets.length);
    copy[octets.length] = (unsigned char)choose(change->chance, 256);
    return byte_range_of(copy, octets.length + 1);
}

static struct byte_range change_part(struct change *change, struct byte_range part)
{
    switch (choose(change->chance, 12)) {
    case 1:
        return BYTE_RANGE_ABSENT;
    case 2:
        return byte_range_of("", 0);
    case 3:
    case 4:
        return seen_part(change);
    case 5:
        return flip_bit(change, part);
    case 6:
        return byte_range_of(part.data, part.length != 0 ? choose(change->chance, part.length) : 0);
    case 7:
        return lengthen(change, part);
    default:
        return part;
    }
}

/* --- the list of mechanisms --- */

static void remove_mechanism(struct mech_type_list *list, size_t at)
{
    for (size_t i = at + 1; i < list->count; i++)
        list->oids[i - 1] = list->oids[i];
    list->count--;
}

static void insert_mechanism(struct mech_type_list *list, size_t at, struct byte_range oid)
{
    if (list->count == NEG_TOKEN_MAX_MECH_TYPES)
        return;
    for (size_t i = list->count++; i > at; i--)
        list->oids[i] = list->oids[i - 1];
    list->oids[at] = oid;
}

static void respell_kerberos(struct mech_type_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (byte_range_equal(list->oids[i], KERBEROS))
            list->oids[i] = KERBEROS_TOO;
        else if (byte_range_equal(list->oids[i], KERBEROS_TOO))
            list->oids[i] = KERBEROS;
    }
}

static void swap_mechanisms(struct mech_type_list *list, size_t one, size_t other)
{
    struct byte_range kept = list->oids[one];

    list->oids[one] = list->oids[other];
    list->oids[other] = kept;
}

/* What the changed list becomes on the wire. An empty one has no encoder. */
static void encode_list(struct change *change, struct mech_type_list *list)
{
    unsigned char *octets = NULL;

    if (list->count == 0) {
        list->der = byte_range_of("\x30\x00", 2);
        return;
    }
    if (mech_type_list_encode(list->oids, list->count, &octets, &list->der.length) != DER_OK ||
        change->held_count == HELD)
        abort();
    list->der.data = change->held[change->held_count++] = octets;
}

static void change_list(struct change *change, struct mech_type_list *list)
{
    struct chance *chance = change->chance;

    if (list->count == 0)
        return;
    switch (choose(chance, 8)) {
    case 1:
        remove_mechanism(list, choose(chance, list->count));
        break;
    case 2:
        swap_mechanisms(list, choose(chance, list->count), choose(chance, list->count));
        break;
    case 3:
        insert_mechanism(list, choose(chance, list->count + 1),
                         known_mechanisms[choose(chance, KNOWN_MECHANISMS)]);
        break;
    case 4:
        respell_kerberos(list);
        break;
    case 5:
        list->count = choose(chance, list->count);
        break;
    case 6:
        list->count = 1;
        list->oids[0] = known_mechanisms[choose(chance, KNOWN_MECHANISMS)];
        break;
    default:
        return;
    }
    encode_list(change, list);
}

/* --- whole tokens --- */

struct byte_range token_encode(const struct neg_token *token)
{
    unsigned char *octets = NULL;
    size_t length = 0;
    enum der_error error = token->kind == NEG_TOKEN_INIT
                               ? neg_token_init_encode(&token->init, &octets, &length)
                               : neg_token_resp_encode(&token->resp, &octets, &length);

    return error == DER_OK ? byte_range_of(octets, length) : BYTE_RANGE_ABSENT;
}

/* mechListMIC and the token change places, or the one becomes the other. */
static void move_mic(struct change *change, struct byte_range *token, struct byte_range *mic)
{
    struct byte_range kept = *mic;

    switch (choose(change->chance, 8)) {
    case 1:
        *mic = *token;
        break;
    case 2:
        *mic = *token;
        *token = kept;
        break;
    case 3:
        *token = kept;
        break;
    default:
        break;
    }
}

static struct byte_range change_fields(struct change *change, struct neg_token *token)
{
    struct chance *chance = change->chance;

    if (token->kind == NEG_TOKEN_INIT) {
        struct neg_token_init *init = &token->init;

        change_list(change, &init->mech_types);
        init->mech_token = change_part(change, init->mech_token);
        init->mech_list_mic = change_part(change, init->mech_list_mic);
        move_mic(change, &init->mech_token, &init->mech_list_mic);
        if (choose(chance, 8) == 1)
            init->hint_name = byte_range_of(NEG_TOKEN_HINT_NAME, sizeof NEG_TOKEN_HINT_NAME - 1);
    } else {
        struct neg_token_resp *resp = &token->resp;

        if (choose(chance, 2) != 0)
            resp->neg_state = (enum neg_state)((int)choose(chance, 5) - 1);
        if (choose(chance, 3) == 1)
            resp->supported_mech = known_mechanisms[choose(chance, KNOWN_MECHANISMS)];
        if (choose(chance, 8) == 1)
            resp->supported_mech = BYTE_RANGE_ABSENT;
        resp->response_token = change_part(change, resp->response_token);
        resp->mech_list_mic = change_part(change, resp->mech_list_mic);
        move_mic(change, &resp->response_token, &resp->mech_list_mic);
    }
    return token_encode(token);
}

static struct byte_range change_element(struct change *change, struct byte_range token)
{
    unsigned char *octets = NULL;
    size_t length = 0;
    unsigned identifier, parent;

    if (!mutate(token, false, choose(change->chance, 24),
                (enum mutation)choose(change->chance, MUTATION_COUNT), &octets, &length,
                &identifier, &parent))
        return octets_copy(token);
    return byte_range_of(octets, length);
}

/* What stands in SPNEGO without SPNEGO around it. */
static struct byte_range bare(const struct neg_token *token)
{
    struct byte_range inner =
        token->kind == NEG_TOKEN_INIT ? token->init.mech_token : token->resp.response_token;

    return octets_copy(inner);
}

/* Something that went by, or this token, as an answer that says what chance wants it to say. */
static struct byte_range answer(struct change *change, struct byte_range token)
{
    struct neg_token made = {
        .kind = NEG_TOKEN_RESP,
        .resp = {.neg_state = (enum neg_state)((int)choose(change->chance, 5) - 1),
                 .supported_mech = choose(change->chance, 2) != 0
                                       ? known_mechanisms[choose(change->chance, KNOWN_MECHANISMS)]
                                       : BYTE_RANGE_ABSENT,
                 .response_token = choose(change->chance, 2) != 0 ? seen_part(change) : token,
                 .mech_list_mic = BYTE_RANGE_ABSENT}};

    made.resp.mech_list_mic = change_part(change, BYTE_RANGE_ABSENT);
    return token_encode(&made);
}

static struct byte_range change_spnego(struct change *change, struct byte_range octets,
                                       struct neg_token *token, const char **what)
{
    switch (choose(change->chance, 8)) {
    case 1:
        *what = "element";
        return change_element(change, octets);
    case 2:
        *what = "bare";
        return bare(token);
    default:
        *what = "fields";
        return change_fields(change, token);
    }
}

struct byte_range token_change(struct chance *chance, const struct seen_tokens *seen,
                               struct byte_range octets, const char **what)
{
    struct change change = {.chance = chance, .seen = seen};
    struct byte_range changed;
    struct neg_token token;

    switch (choose(chance, 10)) {
    case 1:
        *what = "bit";
        changed = octets_copy(flip_bit(&change, octets));
        break;
    case 2:
        *what = "cut";
        changed = octets_copy(
            byte_range_of(octets.data, octets.length != 0 ? choose(chance, octets.length) : 0));
        break;
    case 3:
        *what = "longer";
        changed = octets_copy(lengthen(&change, octets));
        break;
    case 4:
        *what = "answer";
        changed = answer(&change, octets);
        break;
    default:
        if (neg_token_decode(octets, &token) == DER_OK) {
            changed = change_spnego(&change, octets, &token, what);
        } else {
            *what = "part";
            changed = octets_copy(change_part(&change, octets));
        }
        break;
    }
    release(&change);
    return byte_range_is_present(changed) ? changed : octets_copy(octets);
}

struct byte_range token_without_mic(struct byte_range octets, bool strip, enum neg_state neg_state)
{
    struct neg_token token;

    if (neg_token_decode(octets, &token) != DER_OK)
        return octets_copy(octets);
    if (token.kind == NEG_TOKEN_INIT) {
        if (strip)
            token.init.mech_list_mic = BYTE_RANGE_ABSENT;
    } else {
        if (strip)
            token.resp.mech_list_mic = BYTE_RANGE_ABSENT;
        if (neg_state != NEG_STATE_ABSENT)
            token.resp.neg_state = neg_state;
    }
    return token_encode(&token);
}
