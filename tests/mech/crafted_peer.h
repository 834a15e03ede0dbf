/*
 * A CredSSP peer made by hand, client or server, that speaks to the plugin in the same process: TLS
 * by GnuTLS over memory, TSRequests by asn1/ts_request.h, the logon inside by the mechglue. It
 * shares no code of the protocol with the plugin, and says what the test wants it to say.
 */
#ifndef TESTS_MECH_CRAFTED_PEER_H
#define TESTS_MECH_CRAFTED_PEER_H

#include <gnutls/gnutls.h>

#include "asn1/ts_request.h"
#include "common/byte_buffer.h"
#include "tests/mech/exchange.h"

#define CRAFTED_NONCE_OCTETS 32

struct crafted_peer {
    /* What to do; all may be left zero. Nothing is owned. */
    bool initiator;          /* the peer is the client, and the plugin the server */
    gss_const_OID mechanism; /* of the logon inside; MIT's SPNEGO when absent */
    gss_cred_id_t credential;
    gss_cred_id_t plugin_credential;
    OM_uint32 plugin_flags;
    OM_uint32 inner_flags; /* client: more for the logon inside */
    /* Server: its certificate; one of its own, with a P-256 key, when absent. */
    gnutls_certificate_credentials_t certificate;
    const char *priority;          /* GnuTLS'; NORMAL when absent */
    unsigned int tls_flags;        /* more for gnutls_init */
    gnutls_datum_t tls_ticket_key; /* server: tickets are offered when there is one */
    gnutls_datum_t tls_session;    /* client: a session to resume */
    size_t token_octets;           /* the plugin gets pieces of this size; 0: all that there is */
    size_t record_octets;          /* data in one TLS record; 0: as much as there is */
    size_t record_limit;    /* data in one record that the peer takes; 0: GnuTLS' own limit */
    uint32_t version;       /* announced; 6 when 0 */
    uint32_t version_bound; /* whose form of pubKeyAuth is made; that of version when 0 */
    bool reflect;           /* makes pubKeyAuth as the other side would */
    struct byte_range key;  /* bound in place of the session's */
    struct byte_range credentials; /* sealed into authInfo in place of empty ones */
    bool sign_only;                /* what should be sealed is signed */
    /* Called with each TSRequest before it is sent; sent tells how many have gone. */
    void (*on_request)(struct crafted_peer *peer, struct ts_request *request);
    void (*on_octets)(struct crafted_peer *peer, unsigned char **octets, size_t *length);
    void *argument;
    /* Calls our side, whose tokens have no header, in place of the mechglue; see there for *output. */
    OM_uint32 (*call)(struct crafted_peer *peer, gss_buffer_t input, gss_buffer_t output);

    /* What came of it. */
    gnutls_session_t tls;
    gss_ctx_id_t plugin;
    OM_uint32 major, minor; /* the plugin's last answer */
    struct gss_sspi_failure failure;
    OM_uint32 plugin_flags_granted;
    gss_cred_id_t delegated;
    gss_ctx_id_t inner;
    gss_buffer_desc token; /* the inner logon's last one */
    bool inner_done;
    unsigned char nonce[CRAFTED_NONCE_OCTETS];
    bool binding_seen;         /* the plugin sent pubKeyAuth */
    bool binding_agreed;       /* and it was right */
    gss_buffer_desc auth_info; /* what the plugin delegated, opened */
    uint32_t error_code;       /* what the plugin reported */
    bool has_error_code;
    struct ts_request last; /* the plugin's TSRequest that came last */
    unsigned sent;
    unsigned calls; /* of the plugin */
    struct byte_buffer to_plugin, from_plugin;
    unsigned char received[65536];
};

/* Begins the TLS session; the plugin's first token is fetched when it is the client. */
void crafted_peer_begin(struct crafted_peer *peer);

/* The TLS handshake. False when one side refuses. */
bool crafted_peer_handshake(struct crafted_peer *peer);

/* All of a logon, from the beginning. True when the plugin completed it, and agreed in all. */
bool crafted_peer_run(struct crafted_peer *peer);

/* Releases what came of it. */
void crafted_peer_reset(struct crafted_peer *peer);

/* --- single steps, for those who want something else --- */

/* Hands what waits to the plugin. False when it refused. */
bool crafted_peer_flush(struct crafted_peer *peer);

/* Seals octets into TLS records; they wait for the next flush. */
void crafted_peer_write(struct crafted_peer *peer, const void *octets, size_t length);

/* Writes a TSRequest, with the peer's version, after on_request has seen it. */
void crafted_peer_send(struct crafted_peer *peer, const struct ts_request *request);

/* Flushes, and reads the plugin's TSRequest. False when there is none or it is a refusal. */
bool crafted_peer_receive(struct crafted_peer *peer, struct ts_request *request);

/* One step of the logon inside. False when it failed. */
bool crafted_peer_step(struct crafted_peer *peer, struct byte_range input);

/* pubKeyAuth's content for this peer, and authInfo or pubKeyAuth sealed. The caller frees. */
gss_buffer_desc crafted_peer_seal(struct crafted_peer *peer, struct byte_range plain);
gss_buffer_desc crafted_peer_binding(struct crafted_peer *peer);

/* The logon up to where the client's pubKeyAuth is due (client only); the last token waits. */
bool crafted_peer_logon(struct crafted_peer *peer);

/* A public key as certificates hold it, that nobody uses; malloc()ed. */
struct byte_range crafted_other_key(void);

#endif
