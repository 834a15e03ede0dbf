/*
 * A client and a server of one process that log on through the shim, with the loop that SSPI
 * programs have around InitializeSecurityContext and AcceptSecurityContext.
 */
#ifndef TESTS_SHIM_EXCHANGE_H
#define TESTS_SHIM_EXCHANGE_H

#include <stdbool.h>
#include <sspi-gss/credssp.h>
#include <sspi-gss/schannel.h>
#include <sspi-gss/security.h>
#include <sspi-gss/sspi_gss.h>

/* More than any token of a logon here has. */
#define OCTETS_MAX 200000

/* Octets on their way. */
struct octets {
    unsigned char data[OCTETS_MAX];
    size_t length;
};

struct party {
    bool initiator;
    char *package;
    char *target;
    ULONG request;
    CredHandle credential;
    CtxtHandle context;
    bool has_context;
    SECURITY_STATUS status; /* of the last call */
    ULONG attributes;
    TimeStamp expiry;
    size_t output_room;      /* of the caller-allocated buffer; 0: ISC_REQ_ALLOCATE_MEMORY */
    SecBuffer *extra_input;  /* one more input buffer, or NULL */
    SecBuffer *extra_output; /* one more output buffer, or NULL */
    struct octets wire;      /* sent by the peer, not yet read */
    struct octets inbox;     /* read, not yet consumed */
    int calls;
};

/* What both sides ask for unless a test wants something else. */
#define USUAL_ISC                                                            \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | \
     ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY)
#define USUAL_ASC (ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY)

/* A string that the prototypes do not say is only read. */
#define TEXT_OF(text) ((SEC_CHAR *)(uintptr_t)(text))

/* An identity, UTF-8; the strings must outlive it. NULL domain, user or password: not given. */
SEC_WINNT_AUTH_IDENTITY_A identity_of(const char *domain, const char *user, const char *password);

/* alice of the realm with her password, as NTLM knows her. */
SEC_WINNT_AUTH_IDENTITY_A identity_of_alice(void);

/* Sets up a client or a server, without credentials. */
void party_init(struct party *party, bool initiator, const char *package);

/* Acquires credentials; a failure is the caller's to look at. */
SECURITY_STATUS party_acquire(struct party *party, void *identity);

/* Acquires them and demands success. */
void party_must_acquire(struct party *party, void *identity);

/* Ends context and credentials. */
void party_end(struct party *party);

/* One call with what is in the inbox; what it gives to send goes on the peer's wire. */
SECURITY_STATUS party_step(struct party *party, struct party *peer);

/*
 * Runs the loop until both are done, one has failed, or nothing moves any more. Each read takes
 * chunk octets at most; 0: all there are. True when both are done.
 */
bool log_on(struct party *client, struct party *server, size_t chunk);

/* A usual logon that must succeed: alice by her ticket or, when by_password, by her password. */
void must_log_on(struct party *client, struct party *server, const char *package,
                 const char *target, bool by_password);

/* Puts octets behind others. */
void append(struct octets *to, const void *data, size_t length);

#endif
