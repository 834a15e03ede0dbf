/* One token of a negotiation, changed by somebody who knows what it is made of. */
#ifndef TESTS_MECH_TOKEN_CHANGE_H
#define TESTS_MECH_TOKEN_CHANGE_H

#include "asn1/neg_token.h"
#include "tests/mech/chance.h"

#define SEEN_TOKENS 48

/* Tokens that went by, in this logon and in others: what can be sent again, whole or in parts. */
struct seen_tokens {
    size_t count;
    struct {
        struct byte_range octets; /* malloc()ed */
        bool to_server;
    } tokens[SEEN_TOKENS];
};

/* Keeps a copy. When there is no room left, or the token is empty, it is passed over. */
void seen_tokens_add(struct seen_tokens *seen, struct byte_range token, bool to_server);

/* Forgets all but the first ones. */
void seen_tokens_cut(struct seen_tokens *seen, size_t count);

/*
 * Changes a token as chance says: octets, elements, fields, what stands around it. The result is
 * malloc()ed and the caller's, *what says in a word what was done.
 */
struct byte_range token_change(struct chance *chance, const struct seen_tokens *seen,
                               struct byte_range token, const char **what);

/* Takes mechListMIC out of a token, and sets negState unless it is to be absent; malloc()ed. */
struct byte_range token_without_mic(struct byte_range token, bool strip, enum neg_state neg_state);

/* The token in DER, malloc()ed; absent when it cannot be written. */
struct byte_range token_encode(const struct neg_token *token);

/* A copy, malloc()ed; never without memory behind it. */
struct byte_range octets_copy(struct byte_range octets);

#endif
