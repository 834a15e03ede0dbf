/*
 * A plugin whose two roles are as old as a test wants them to be: its TSRequests say so, and it
 * takes the other side for no newer than itself. All else is the plugin's own code, which this file
 * is linked around (--wrap).
 *
 * CREDSSP_INITIATOR_VERSION and CREDSSP_ACCEPTOR_VERSION in the environment are read with every
 * message; the newest version is in force where they are absent. Both roles take turns in one
 * thread.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "asn1/ts_request.h"

/* The linker's names for what it wraps. */
enum der_error __real_ts_request_encode(const struct ts_request *request, unsigned char **output,
                                        size_t *length);
enum der_error __wrap_ts_request_encode(const struct ts_request *request, unsigned char **output,
                                        size_t *length);
enum der_error __real_ts_request_decode(struct byte_range input, struct ts_request *request);
enum der_error __wrap_ts_request_decode(struct byte_range input, struct ts_request *request);

static bool last_from_initiator;

/* The version of a role, which is not above that of the plugin. */
static uint32_t version_of(bool initiator, uint32_t newest)
{
    const char *text = getenv(initiator ? "CREDSSP_INITIATOR_VERSION" : "CREDSSP_ACCEPTOR_VERSION");
    uint32_t version = text != NULL ? (uint32_t)(*text - '0') : newest;

    return version < newest ? version : newest;
}

enum der_error __wrap_ts_request_encode(const struct ts_request *request, unsigned char **output,
                                        size_t *length)
{
    struct ts_request older = *request;

    /* Our initiator sends its nonce with every message, and our acceptor has none. */
    last_from_initiator = byte_range_is_present(request->client_nonce);
    older.version = version_of(last_from_initiator, request->version);
    return __real_ts_request_encode(&older, output, length);
}

enum der_error __wrap_ts_request_decode(struct byte_range input, struct ts_request *request)
{
    enum der_error error = __real_ts_request_decode(input, request);

    if (error == DER_OK)
        request->version = version_of(!last_from_initiator, request->version);
    return error;
}
