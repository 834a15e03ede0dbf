/*
 * One side of a logon through libsspi-gss whose other side is a GSS-API program, and the messages
 * behind it. Failures are said on standard error.
 */
#ifndef TESTS_INTEROP_SSPI_PARTY_H
#define TESTS_INTEROP_SSPI_PARTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sspi-gss/sspi.h>
#include "common/byte_range.h"

/* More than any token of a logon here has. */
#define SSPI_TOKEN_MAX 150000

struct sspi_token {
    unsigned char data[SSPI_TOKEN_MAX];
    size_t length;
};

struct sspi_party {
    bool is_initiator;
    bool is_stream; /* CREDSSP: TLS records, whose first one GSS-API puts a header before */
    const char *target;
    CredHandle credential;
    CtxtHandle context;
    bool has_credential;
    bool has_context;
};

enum sspi_step { SSPI_STEP_FAILED, SSPI_STEP_CONTINUES, SSPI_STEP_DONE };

/*
 * Acquires credentials: those of domain\\user with this password, or the caller's own when user is
 * NULL. target is what an initiator logs on to. sspi_party_end releases all.
 */
bool sspi_party_begin(struct sspi_party *party, const char *package, const char *target,
                      const char *domain, const char *user, const char *password);
void sspi_party_end(struct sspi_party *party);

/* Takes the peer's GSS-API token (absent at first), and makes the one to send, which may be empty. */
enum sspi_step sspi_party_step(struct sspi_party *party, struct byte_range input,
                               struct sspi_token *output);

/* What gss_unwrap opens, from EncryptMessage; and what gss_wrap made, by DecryptMessage. */
bool sspi_party_seal(struct sspi_party *party, struct byte_range text, struct sspi_token *sealed);
bool sspi_party_open(struct sspi_party *party, struct sspi_token *sealed, struct byte_range *text);

/* What gss_verify_mic takes, from MakeSignature; and what gss_get_mic made, by VerifySignature. */
bool sspi_party_sign(struct sspi_party *party, struct byte_range text,
                     struct sspi_token *signature);
bool sspi_party_verify(struct sspi_party *party, struct byte_range text,
                       struct sspi_token *signature);

#endif
