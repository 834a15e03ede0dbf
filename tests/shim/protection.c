#include "tests/shim/protection.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const ULONG message_lengths[] = {0,    1,     2,     15,    16,    17,    255,  256,
                                 4096, 16383, 16384, 16385, 65535, 65536, 70000};
const int message_length_count = sizeof message_lengths / sizeof message_lengths[0];

const struct protection protections[] = {
    {.name = "Kerberos, AES", .package = "Kerberos", .target = "host/localhost"},
    {.name = "Kerberos, AES, DCE style",
     .package = "Kerberos",
     .target = "host/localhost",
     .is_dce = true,
     .more = ISC_REQ_USE_DCE_STYLE,
     .server = ASC_REQ_USE_DCE_STYLE},
    /* The acceptor's subkey, which comes with mutual authentication, would be AES. */
    {.name = "Kerberos, RC4",
     .package = "Kerberos",
     .target = "HTTP/localhost",
     .less = ISC_REQ_MUTUAL_AUTH},
    {.name = "NTLM",
     .package = "NTLM",
     .target = "host/localhost",
     .by_password = true,
     .is_ntlm = true},
    {.name = "Negotiate, Kerberos", .package = "Negotiate", .target = "host/localhost"},
    {.name = "Negotiate, RC4",
     .package = "Negotiate",
     .target = "HTTP/localhost",
     .less = ISC_REQ_MUTUAL_AUTH},
    {.name = "Negotiate, NTLM",
     .package = "Negotiate",
     .target = "nobody/localhost",
     .by_password = true,
     .is_ntlm = true},
};
const int protection_count = sizeof protections / sizeof protections[0];

void prepare_realm(void)
{
    char command[512];

    (void)snprintf(command, sizeof command,
                   "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin kadmin.local -r %s "
                   "-q 'setstr HTTP/localhost session_enctypes arcfour-hmac' >%s/rc4.log 2>&1",
                   getenv("REALM"), getenv("REALM_DIR"));
    ck_assert_int_eq(system(command), 0);
}

void start_protection(const struct protection *protection)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    bool done;

    party_init(&client, true, protection->package);
    party_init(&server, false, protection->package);
    client.target = TEXT_OF(protection->target);
    client.request = (client.request | protection->more) & ~protection->less;
    if (protection->asks_server_nothing)
        server.request = 0;
    server.request |= protection->server;
    party_must_acquire(&client, protection->by_password ? &alice : NULL);
    party_must_acquire(&server, NULL);
    done = log_on(&client, &server, 0);
    ck_assert_msg(done, "%s: client %s, server %s: %s", protection->name,
                  SspiGssStatusName(client.status), SspiGssStatusName(server.status),
                  SspiGssStatusText());
}

void fill_message(unsigned char *octets, size_t length)
{
    for (size_t i = 0; i < length; i++)
        octets[i] = (unsigned char)(i * 37 + (i >> 8));
}

bool is_message(const unsigned char *octets, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (octets[i] != (unsigned char)(i * 37 + (i >> 8)))
            return false;
    }
    return true;
}

SecPkgContext_Sizes sizes_of_party(struct party *party)
{
    SecPkgContext_Sizes sizes;

    ck_assert_int_eq(QueryContextAttributesA(&party->context, SECPKG_ATTR_SIZES, &sizes), SEC_E_OK);
    ck_assert_uint_le(sizes.cbSecurityTrailer + sizes.cbBlockSize, PROTECTION_ROOM);
    ck_assert_uint_le(sizes.cbMaxSignature, PROTECTION_ROOM);
    return sizes;
}

void prepare_sealed(struct sealed *sealed, struct party *party, ULONG length)
{
    SecPkgContext_Sizes sizes = sizes_of_party(party);
    unsigned char *data = sealed->octets + sizes.cbSecurityTrailer;

    fill_message(data, length);
    sealed->buffers[0] = (SecBuffer){sizes.cbSecurityTrailer, SECBUFFER_TOKEN, sealed->octets};
    sealed->buffers[1] = (SecBuffer){length, SECBUFFER_DATA, data};
    sealed->buffers[2] = (SecBuffer){sizes.cbBlockSize, SECBUFFER_PADDING, data + length};
    sealed->descriptor = (SecBufferDesc){SECBUFFER_VERSION, 3, sealed->buffers};
}

size_t seal_message(struct sealed *sealed, struct party *party, ULONG length, ULONG qop)
{
    SecBuffer *buffers = sealed->buffers;
    ULONG room;

    prepare_sealed(sealed, party, length);
    room = buffers[0].cbBuffer;
    ck_assert_msg(EncryptMessage(&party->context, qop, &sealed->descriptor, 0) == SEC_E_OK,
                  "%u octets: %s", (unsigned)length, SspiGssStatusText());
    ck_assert_uint_le(buffers[0].cbBuffer, room);
    ck_assert_uint_eq(buffers[1].cbBuffer, length);
    /* A program puts them together for the wire. */
    memmove(sealed->octets + buffers[0].cbBuffer, buffers[1].pvBuffer,
            (size_t)length + buffers[2].cbBuffer);
    buffers[1].pvBuffer = sealed->octets + buffers[0].cbBuffer;
    buffers[2].pvBuffer = sealed->octets + buffers[0].cbBuffer + length;
    return (size_t)buffers[0].cbBuffer + length + buffers[2].cbBuffer;
}

SECURITY_STATUS open_stream(struct party *party, void *octets, size_t length, SecBuffer *data,
                            ULONG *qop)
{
    SecBuffer buffers[2] = {
        {(ULONG)length, SECBUFFER_STREAM, octets},
        {0, SECBUFFER_DATA, NULL},
    };
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    SECURITY_STATUS status = DecryptMessage(&party->context, &message, 0, qop);

    *data = buffers[1];
    return status;
}
