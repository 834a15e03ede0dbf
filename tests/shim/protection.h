/* Two parties that have logged on, and messages between them: by SSPI on one side, gss_* on both. */
#ifndef TESTS_SHIM_PROTECTION_H
#define TESTS_SHIM_PROTECTION_H

#include "tests/shim/two_parties.h"

#include <gssapi/gssapi_ext.h>

#define LARGEST_MESSAGE 70000
#define PROTECTION_ROOM 512 /* more than any token, padding or signature here has */

/* Lengths of messages: around blocks, records, and 16 bits. */
extern const ULONG message_lengths[];
extern const int message_length_count;

/* How the parties log on. */
struct protection {
    const char *name;
    const char *package;
    const char *target;
    bool by_password;
    bool is_ntlm;
    bool is_dce; /* MIT's gss_unwrap refuses DCE style: gss_unwrap_iov takes its place */
    bool asks_server_nothing;
    ULONG more;   /* ISC_REQ_* */
    ULONG less;   /* of the usual ones */
    ULONG server; /* ASC_REQ_* */
};

/* AES and RC4, plain and with DCE style; NTLM; Negotiate with either. No CREDSSP. */
extern const struct protection protections[];
extern const int protection_count;

/* Before all logons: makes the KDC give RC4 session keys for one of the targets. */
void prepare_realm(void);

void start_protection(const struct protection *protection);

/* Octets that messages are made of. */
void fill_message(unsigned char *octets, size_t length);
bool is_message(const unsigned char *octets, size_t length);

SecPkgContext_Sizes sizes_of_party(struct party *party);

/* A message in one run of memory: TOKEN, DATA and PADDING. */
struct sealed {
    unsigned char octets[LARGEST_MESSAGE + PROTECTION_ROOM];
    SecBuffer buffers[3];
    SecBufferDesc descriptor;
};

/* Fills it in for EncryptMessage by party. */
void prepare_sealed(struct sealed *sealed, struct party *party, ULONG length);

/* EncryptMessage, which must succeed; the octets are then those that go over the wire. */
size_t seal_message(struct sealed *sealed, struct party *party, ULONG length, ULONG qop);

/* DecryptMessage of a STREAM; *data is what was found in it. */
SECURITY_STATUS open_stream(struct party *party, void *octets, size_t length, SecBuffer *data,
                            ULONG *qop);

#endif
