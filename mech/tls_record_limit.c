#include "mech/tls_record_limit.h"

/* RFC 8449 5 and 4. */
#define EXTENSION_RECORD_SIZE_LIMIT 28
#define RECORD_SIZE_LIMIT_MINIMUM   64

static int keep_limit(void *context, unsigned int id, const unsigned char *data, unsigned int size)
{
    size_t *limit = context;
    size_t value;

    if (id != EXTENSION_RECORD_SIZE_LIMIT || size != 2)
        return 0;
    value = (size_t)data[0] << 8 | data[1];
    /* GnuTLS has refused lower ones already; sizes are divided by this number. */
    if (value >= RECORD_SIZE_LIMIT_MINIMUM)
        *limit = value;
    return 0;
}

/* A ServerHello from its extensions on: what stands before is version, random, session id, cipher
 * suite and compression (RFC 5246 7.4.1.3). */
static gnutls_datum_t server_hello_extensions(const gnutls_datum_t *message)
{
    const unsigned int before_id = 2 + 32;
    unsigned int start;

    if (message->size <= before_id)
        return (gnutls_datum_t){NULL, 0};
    start = before_id + 1 + message->data[before_id] + 2 + 1;
    if (message->size <= start)
        return (gnutls_datum_t){NULL, 0};
    return (gnutls_datum_t){message->data + start, message->size - start};
}

void tls_find_record_limit(unsigned int type, const gnutls_datum_t *message, size_t *limit)
{
    gnutls_datum_t extensions = *message;
    unsigned int flags = 0;

    if (type == GNUTLS_HANDSHAKE_CLIENT_HELLO)
        flags = GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO;
    else if (type == GNUTLS_HANDSHAKE_SERVER_HELLO)
        extensions = server_hello_extensions(message);
    else if (type != GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS)
        return;
    if (extensions.size != 0)
        (void)gnutls_ext_raw_parse(limit, keep_limit, &extensions, flags);
}
