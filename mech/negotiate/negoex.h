/*
 * NegoEx (draft-zhu-negoex-04, MS-NEGOEX): what SPNEGO's list calls one mechanism is a negotiation of its
 * own between mechanisms that are known by GUIDs, their authentication schemes.
 *
 * Each token is a row of messages. The first two carry both sides' lists (NEGO), what each mechanism
 * has to say beforehand (META_DATA) and the initiator's optimistic token (AP_REQUEST); the mechanism's
 * tokens follow. As soon as a side has a key from the mechanism it sends a checksum over everything
 * before it (VERIFY); a logon is complete when each side has verified the other's.
 *
 * negoex.c holds what both sides have in common, negoex_verify.c the checksums, negoex_initiator.c and
 * negoex_acceptor.c the two state machines. Nothing here is reached unless a mechanism with an
 * authentication scheme is registered and allowed, and the peer's first choice or our own is NegoEx.
 */
#ifndef MECH_NEGOTIATE_NEGOEX_H
#define MECH_NEGOTIATE_NEGOEX_H

#include <krb5.h>
#include "common/secret.h"
#include "mech/negotiate/negoex_message.h"
#include "mech/negotiate/negotiate.h"

/*
 * All octets of both directions are kept until the logon is done, because checksums go over them.
 * Four Kerberos tokens of the largest kind fit.
 */
#define NEGOEX_TRANSCRIPT_LIMIT ((size_t)1 << 18)

/* Messages in one token: a NEGO, metadata of more mechanisms than anybody has, and three others. */
#define NEGOEX_MAX_MESSAGES 64

/* Tokens that one side takes. Every one may have to be answered with a checksum over all before. */
#define NEGOEX_MAX_STEPS 64

/* A key of RFC 3961; absent as long as the mechanism has none. */
struct negoex_key {
    krb5_enctype type;
    struct secret octets;
};

/* A mechanism that both sides may have. */
struct negoex_candidate {
    enum inner_kind kind;
    gss_ctx_id_t context; /* made for metadata; moves to the negotiate context when it is used */
    gss_buffer_desc meta_data;
    struct byte_range received; /* the peer's metadata, in the token that is being read */
};

struct negoex {
    unsigned steps;
    uint32_t sequence; /* of the next message, whoever sends it */
    unsigned char conversation[NEGOEX_GUID_OCTETS];
    struct byte_buffer transcript;
    krb5_context krb5;

    size_t count; /* candidates, in order of preference; the first one is or will be in use */
    struct negoex_candidate candidates[INNER_MAXIMUM];

    /* The mechanism in use, whose context is the negotiate context's. */
    bool started;
    bool mechanism_complete;
    bool verify_sent;
    bool verified;
    struct negoex_key key;        /* for our checksum */
    struct negoex_key verify_key; /* for the peer's */
};

/* What one token of the peer says; borrowed from it. */
struct negoex_token {
    struct byte_range schemes; /* the first one's NEGO */
    struct byte_range token;   /* the mechanism's; absent when there is none */
    const unsigned char *token_scheme;
    bool has_verify;
    struct negoex_message verify;
    size_t verify_offset; /* where VERIFY begins: what it covers ends there */
    const unsigned char
        *no_key_for; /* the scheme of an alert that our VERIFY could not be checked */
};

/* What a step puts into its token, beside what is due anyway. */
struct negoex_answer {
    gss_buffer_desc token; /* the mechanism's */
    bool no_key;           /* the peer's VERIFY could not be checked yet */
};

/* --- the two state machines --- */

/* One step, as inner_initiate() and inner_accept(). */
OM_uint32 negoex_initiate(OM_uint32 *minor, struct negotiate_context *negotiate,
                          const struct initiate_request *request, struct byte_range input,
                          gss_buffer_t output);
OM_uint32 negoex_accept(OM_uint32 *minor, struct negotiate_context *negotiate,
                        const struct accept_request *request, struct byte_range input,
                        gss_buffer_t output);

/* --- negoex.c --- */

/* Makes negotiate->negoex, with every mechanism that may be tried as a candidate. */
OM_uint32 negoex_create(OM_uint32 *minor, struct negotiate_context *negotiate);

/* Releases and sets to NULL; NULL is allowed. */
void negoex_delete(struct negoex **negoex);

/* What NegoEx calls the mechanism of a candidate. */
const unsigned char *negoex_scheme(const struct negoex_candidate *candidate);

/* The candidate of a scheme, or NULL. */
struct negoex_candidate *negoex_candidate_of(struct negoex *negoex, const unsigned char *scheme);

/* Takes a candidate out; candidate is one of negoex->candidates, and the next one is in its place. */
void negoex_remove_candidate(struct negoex *negoex, struct negoex_candidate *candidate);

/* Leaves only this one. */
void negoex_choose(struct negoex *negoex, const struct negoex_candidate *candidate);

/* Lets the first candidate's mechanism begin: its context becomes the negotiate context's. */
void negoex_use_first(struct negotiate_context *negotiate);

/* Forgets what the mechanism in use has done so far. */
void negoex_unuse(struct negotiate_context *negotiate);

/*
 * Decodes the peer's token and checks the order of its messages. Metadata goes to the candidates, which
 * must be all there are when the first token comes.
 */
OM_uint32 negoex_receive(OM_uint32 *minor, struct negotiate_context *negotiate,
                         struct byte_range input, struct negoex_token *token);

/* Where the peer could not check our VERIFY for want of a key, it gets another one. */
void negoex_heed_alert(struct negoex *negoex, const struct negoex_token *token);

/* Appends a VERIFY to the transcript. */
OM_uint32 negoex_add_verify_message(OM_uint32 *minor, struct negoex *negoex, uint32_t type,
                                    struct byte_range value);

/*
 * Ends a step: verifies the peer's checksum where it can be, keeps the peer's token, and makes ours in
 * *output, which stays empty when nothing is left to say. GSS_S_COMPLETE, GSS_S_CONTINUE_NEEDED or
 * an error.
 */
OM_uint32 negoex_end_step(OM_uint32 *minor, struct negotiate_context *negotiate,
                          struct byte_range input, const struct negoex_token *token,
                          struct negoex_answer *answer, gss_buffer_t output);

/* Makes a token of nothing but the mechanism's own, which says why the logon failed. */
void negoex_encode_failure(struct negotiate_context *negotiate, const gss_buffer_desc *token,
                           gss_buffer_t output);

/* The failure when no candidate is left. */
OM_uint32 negoex_fail_no_scheme(OM_uint32 *minor);

/* --- negoex_verify.c --- */

/* Asks the mechanism in use for its keys. It need not have any yet. */
OM_uint32 negoex_fetch_keys(OM_uint32 *minor, struct negotiate_context *negotiate);

/* Forgets them. */
void negoex_forget_keys(struct negoex *negoex);

/* Appends our VERIFY to the transcript. There must be a key. */
OM_uint32 negoex_add_verify(OM_uint32 *minor, struct negotiate_context *negotiate);

/*
 * Checks the peer's VERIFY in token, which input was decoded to; the transcript ends where input
 * begins. *no_key: it could not be checked yet.
 */
OM_uint32 negoex_check_verify(OM_uint32 *minor, struct negotiate_context *negotiate,
                              struct byte_range input, const struct negoex_token *token,
                              bool *no_key);

#endif
