/* What a test driver and spnego_peer say to each other: a request, then its answer, and so on. */
#ifndef TESTS_INTEROP_PEER_FRAME_H
#define TESTS_INTEROP_PEER_FRAME_H

#include <stdint.h>

/* Both run on one machine: the header goes as it is. */
struct peer_frame_header {
    char kind;
    uint32_t length; /* octets that follow */
};

/* Longer than any token or record here. */
#define PEER_FRAME_MAXIMUM ((uint32_t)1 << 20)

/* What PEER_SIGN is asked to sign, and PEER_VERIFY takes the signature to be of. */
#define PEER_SIGNED_TEXT "signed, and not sealed"

/* Requests. */
#define PEER_STEP          's' /* a token, or nothing; answered with a token, or nothing */
#define PEER_WRAP          'w' /* a message; answered with it sealed */
#define PEER_WRAP_UNSEALED 'i' /* a message; answered with it signed */
#define PEER_UNWRAP        'u' /* what the above made */
#define PEER_SIGN          'm' /* a message; answered with its signature */
#define PEER_VERIFY        'v' /* a signature */
#define PEER_REPORT        'r' /* answered with lines name=value on what came of the logon */

/* Answers. */
#define PEER_CONTINUES 'c' /* a step: it wants another token */
#define PEER_DONE      'd'
#define PEER_FAILED    'e' /* a step: with a token for the other side, or none; else a sentence */

#endif
