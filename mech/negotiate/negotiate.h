/*
 * Negotiate: SPNEGO (RFC 4178, MS-SPNG) over Kerberos and NTLM.
 *
 * initiator.c and acceptor.c hold the two state machines, mechlist.c the list that is negotiated,
 * mic.c its protection, inner_step.c the calls into the inner mechanism, negoex*.c NegoEx, context.c the
 * rest.
 */
#ifndef MECH_NEGOTIATE_NEGOTIATE_H
#define MECH_NEGOTIATE_NEGOTIATE_H

#include "asn1/neg_token.h"
#include "common/byte_buffer.h"
#include "mech/context.h"
#include "mech/inner.h"
#include "mech/policy.h"

enum negotiate_state {
    NEGOTIATE_START,             /* nothing sent or received yet */
    NEGOTIATE_AWAIT_INIT,        /* acceptor: sent its hints, wants the initiator's first token */
    NEGOTIATE_AWAIT_FIRST_REPLY, /* initiator: the reply in which the acceptor chooses */
    NEGOTIATE_AWAIT_REPLY,       /* either: a further NegTokenResp */
    NEGOTIATE_RAW,               /* either: the peer speaks the inner mechanism without SPNEGO */
    NEGOTIATE_DONE,
};

/* Who uses us. */
enum negotiate_caller {
    /* is told our own name (gss-client asks the mechanism for its name types next) */
    NEGOTIATE_BY_NAME,
    /* asked for SPNEGO, and is told the inner mechanism's OID, as MIT's SPNEGO tells it */
    NEGOTIATE_IN_PLACE_OF_SPNEGO,
    /*
     * CredSSP, which brings whole tokens. Where NTLM is all that is left to offer, the initiator's
     * tokens go out without SPNEGO around them: Windows' clients do that, every CredSSP server
     * takes it, and FreeRDP 2's takes nothing else. There is no list of mechanisms then that
     * somebody could shorten.
     */
    NEGOTIATE_INSIDE_CREDSSP,
};

struct negotiate_context {
    struct context base;
    enum negotiate_state state;
    struct policy *policy;
    enum negotiate_caller caller;

    struct package_list packages; /* what may be tried, in our order */

    struct byte_buffer fragments; /* what has come of a token that comes in pieces */

    struct mech_type_list mech_types; /* the initiator's list, exactly as on the wire */
    unsigned char *mech_types_octets; /* what mech_types points into */

    enum inner_kind kind;   /* INNER_NONE until one is chosen */
    enum inner_kind chosen; /* with INNER_NEGOEX: the mechanism that NegoEx uses, or INNER_NONE */
    struct negoex *negoex;  /* with INNER_NEGOEX: its state */
    gss_OID wire_oid;       /* how the chosen mechanism is spelled in supportedMech */
    gss_ctx_id_t inner;
    gss_cred_id_t default_ntlm; /* initiator without a credential of its own */
    bool ntlm_exchanges_key;    /* acceptor: our CHALLENGE asked for a session key */
    bool inner_complete;
    OM_uint32 inner_flags;
    gss_name_t initiator_name; /* acceptor, when the caller wants it */
    gss_name_t target;         /* initiator: the server, in the form of the mechanism in use */
    gss_cred_id_t delegated;

    bool mic_required;
    bool mic_sent;
    bool mic_received;
};

/* Makes a context for one role. NULL, with *minor set, on failure. */
struct context *negotiate_context_create(OM_uint32 *minor, bool initiator,
                                         enum negotiate_caller caller);

/* Makes an established context of an exported inner one. NULL, with *minor set, on failure. */
struct context *negotiate_context_import(OM_uint32 *minor, gss_buffer_t token,
                                         enum negotiate_caller caller);

/*
 * Whether messages can be protected already: the inner mechanism is done, though SPNEGO may still
 * wait for the peer's last word. CredSSP sends its key binding then (MS-CSSP 3.1.5).
 */
bool negotiate_can_protect(const struct context *context);

/*
 * Initiator: takes the logon for done without the acceptor's last NegTokenResp, which CredSSP
 * servers may leave out. The caller must have verified a message under the inner mechanism's keys
 * since.
 */
OM_uint32 negotiate_conclude(OM_uint32 *minor, struct context *context);

/* The mechanism whose context negotiate->inner is. */
static inline enum inner_kind negotiate_mechanism(const struct negotiate_context *negotiate)
{
    return negotiate->kind == INNER_NEGOEX ? negotiate->chosen : negotiate->kind;
}

/* The inner mechanism in use, or INNER_NONE. */
enum inner_kind negotiate_kind(const struct context *context);

/* The two state machines (operations of the context table). */
OM_uint32 negotiate_initiate(OM_uint32 *minor, struct context *context,
                             const struct initiate_request *request, gss_buffer_t input,
                             gss_buffer_t output);
OM_uint32 negotiate_accept(OM_uint32 *minor, struct context *context,
                           const struct accept_request *request, gss_buffer_t input,
                           gss_buffer_t output);

/* --- mechlist.c --- */

/* Builds the list that an initiator or a hinting acceptor offers, from kinds in order. */
OM_uint32 mechlist_build(OM_uint32 *minor, struct negotiate_context *negotiate,
                         const enum inner_kind *kinds, size_t count);

/* Keeps a copy of the list that the initiator sent. */
OM_uint32 mechlist_keep(OM_uint32 *minor, struct negotiate_context *negotiate,
                        const struct mech_type_list *received);

/* Forgets the list. */
void mechlist_clear(struct negotiate_context *negotiate);

/* Whether the list has a mechanism, in any spelling. */
bool mechlist_has(const struct mech_type_list *list, enum inner_kind kind);

/* --- mic.c --- */

/* Whether NTLM wants a mechListMIC; asking also tells it that there can be one (MS-SPNG 3.3.5.1).
 */
bool mic_wanted_by_ntlm(struct negotiate_context *negotiate);

/* Makes our mechListMIC. The caller frees *mic with gss_release_buffer. */
OM_uint32 mic_make(OM_uint32 *minor, struct negotiate_context *negotiate, gss_buffer_t mic);

/* Verifies the peer's mechListMIC. */
OM_uint32 mic_verify(OM_uint32 *minor, struct negotiate_context *negotiate, struct byte_range mic);

/* --- ntlm_message.c --- */

/*
 * Whether an NTLM message is an AUTHENTICATE that says it carries a MIC (MS-NLMP 2.2.2.1, MsvAvFlags): the
 * initiator must then send a mechListMIC (MS-SPNG 3.3.5.1). The flag is protected by the user's
 * password, so nobody on the way can take it out.
 */
bool ntlm_message_has_mic(struct byte_range message);

/* The MD5 of the channel bindings in an AUTHENTICATE (MsvAvChannelBindings), or absent. */
struct byte_range ntlm_message_channel_bindings(struct byte_range message);

/*
 * Whether an NTLM message that comes to an initiator may be handed to gss-ntlmssp: 1.2.0 writes
 * through a null pointer when a CHALLENGE says that it names its server and the name is empty.
 */
bool ntlm_challenge_is_readable(struct byte_range message);

/* Whether a CHALLENGE says that the client is to send a session key. */
bool ntlm_challenge_exchanges_key(struct byte_range message);

/*
 * Whether an NTLM message that comes to an acceptor may be handed to gss-ntlmssp. 1.2.0 takes the
 * lengths of an AUTHENTICATE's fields for granted: 16 octets of session key where one is exchanged,
 * 24 of LmChallengeResponse beside an NTLMv1 response, 16 of NtChallengeResponse beside LMv2's. That
 * the first is needed is what our CHALLENGE said: exchanges_key.
 */
bool ntlm_authenticate_is_readable(struct byte_range message, bool exchanges_key);

/* --- inner_step.c --- */

/* One step of the inner mechanism, as initiator. output may carry a token with an error too. */
OM_uint32 inner_initiate(OM_uint32 *minor, struct negotiate_context *negotiate,
                         const struct initiate_request *request, struct byte_range input,
                         gss_buffer_t output);

/* One step of the inner mechanism, as acceptor; a first token must be of the chosen mechanism. */
OM_uint32 inner_accept(OM_uint32 *minor, struct negotiate_context *negotiate,
                       const struct accept_request *request, struct byte_range input,
                       gss_buffer_t output);

/* One step of negotiate_mechanism() itself, be it within NegoEx or not. */
OM_uint32 mechanism_initiate(OM_uint32 *minor, struct negotiate_context *negotiate,
                             const struct initiate_request *request, struct byte_range input,
                             gss_buffer_t output);
OM_uint32 mechanism_accept(OM_uint32 *minor, struct negotiate_context *negotiate,
                           const struct accept_request *request, struct byte_range input,
                           gss_buffer_t output);

/* Deletes the inner context and what came of it. */
void mechanism_drop(struct negotiate_context *negotiate);

/*
 * Deletes the inner context, NegoEx' state, and what is known of mechListMICs that were made with it, to
 * begin again with another mechanism.
 */
void inner_restart(struct negotiate_context *negotiate);

/* Finds out which mechanisms may be tried: negotiate->packages. target is the initiator's. */
OM_uint32 inner_find_usable(OM_uint32 *minor, struct negotiate_context *negotiate,
                            struct credential *credential, gss_name_t target);

/* Whether the mechanism may be tried, and stands in SPNEGO's list by itself. */
bool inner_is_usable(const struct negotiate_context *negotiate, enum inner_kind kind);

/* --- fragments.c --- */

/*
 * Puts a token together that comes in pieces (MS-SPNG 3.1.5.6 to 3.1.5.11). *token is the piece, and
 * the whole token when GSS_S_COMPLETE is returned; GSS_S_CONTINUE_NEEDED asks for the next piece.
 */
OM_uint32 fragments_collect(OM_uint32 *minor, struct negotiate_context *negotiate,
                            struct byte_range *token);

/* --- channel_bindings.c --- */

/* The caller's bindings as the acceptor's inner mechanism is to see them; they may be absent. */
gss_channel_bindings_t channel_bindings_to_check(const struct negotiate_context *negotiate,
                                                 const struct accept_request *request);

/* An acceptor whose inner mechanism is done: GSS_S_BAD_BINDINGS where policy wanted more. */
OM_uint32 channel_bindings_confirm(OM_uint32 *minor, const struct negotiate_context *negotiate,
                                   const struct accept_request *request);

/*
 * Whether an NTLM message is an AUTHENTICATE made for another channel than bindings: gss-ntlmssp does
 * not say so when it refuses one.
 */
bool channel_bindings_are_others(gss_channel_bindings_t bindings, struct byte_range message);

/* --- reply.c --- */

/* What one NegTokenResp of ours says. */
struct reply {
    enum neg_state neg_state;
    gss_OID supported_mech;
    gss_buffer_desc token; /* released by reply_encode */
    gss_buffer_desc mic;   /* released by reply_encode */
};

/* Encodes into *output, for the caller to free, and releases what the reply holds. */
OM_uint32 reply_encode(OM_uint32 *minor, struct reply *reply, gss_buffer_t output);

/*
 * Tells the peer that the logon failed, with the inner mechanism's own error token where it made one.
 * major is that of the failure, and is returned.
 */
OM_uint32 reply_reject(OM_uint32 major, struct reply *reply, gss_buffer_t output);

/* The error for a token that could not be decoded. */
OM_uint32 fail_bad_token(OM_uint32 *minor, enum der_error error);

#endif
