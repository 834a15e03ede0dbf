/* Protected messages: what the packages do behind EncryptMessage and its neighbours. */
#ifndef SSPI_SHIM_MESSAGE_H
#define SSPI_SHIM_MESSAGE_H

#include "sspi-shim/context.h"

/* Supplementary bits with which gss_unwrap and gss_verify_mic tell of replays and gaps. */
#define OUT_OF_SEQUENCE \
    (GSS_S_DUPLICATE_TOKEN | GSS_S_OLD_TOKEN | GSS_S_UNSEQ_TOKEN | GSS_S_GAP_TOKEN)

/* Negotiate, Kerberos, NTLM: gss_wrap tokens, split over TOKEN, DATA and PADDING. */
SECURITY_STATUS wrap_message(struct context *context, ULONG qop, const SecBufferDesc *message);
SECURITY_STATUS unwrap_message(struct context *context, const SecBufferDesc *message, ULONG *qop);

/* CREDSSP: TLS records, split over STREAM_HEADER, DATA and STREAM_TRAILER. */
SECURITY_STATUS seal_record(struct context *context, const SecBufferDesc *message);
SECURITY_STATUS open_record(struct context *context, SecBufferDesc *message);

/*
 * The octets of all SECBUFFER_DATA buffers that a call works on, one behind the other. *copy is
 * malloc()ed, the caller's to wipe and free, and NULL when there is one buffer only.
 */
struct gathered_data {
    gss_buffer_desc octets;
    void *copy;
};

/* False when there is no memory. with_read_only: those that may not be changed, too. */
bool gather_data(const SecBufferDesc *message, bool with_read_only, struct gathered_data *data);
void gathered_data_release(struct gathered_data *data);

#endif
