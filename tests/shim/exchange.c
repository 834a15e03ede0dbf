#include "tests/shim/exchange.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

SEC_WINNT_AUTH_IDENTITY_A identity_of(const char *domain, const char *user, const char *password)
{
    return (SEC_WINNT_AUTH_IDENTITY_A){
        .User = (UCHAR *)(uintptr_t)user,
        .UserLength = user != NULL ? (ULONG)strlen(user) : 0,
        .Domain = (UCHAR *)(uintptr_t)domain,
        .DomainLength = domain != NULL ? (ULONG)strlen(domain) : 0,
        .Password = (UCHAR *)(uintptr_t)password,
        .PasswordLength = password != NULL ? (ULONG)strlen(password) : 0,
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };
}

SEC_WINNT_AUTH_IDENTITY_A identity_of_alice(void)
{
    return identity_of(getenv("REALM_NTLM_DOMAIN"), getenv("REALM_USER"), getenv("REALM_PASSWORD"));
}

void append(struct octets *to, const void *data, size_t length)
{
    ck_assert_uint_le(length, OCTETS_MAX - to->length);
    if (length != 0)
        memcpy(to->data + to->length, data, length);
    to->length += length;
}

static void take_from_front(struct octets *from, size_t length)
{
    from->length -= length;
    memmove(from->data, from->data + length, from->length);
}

void party_init(struct party *party, bool initiator, const char *package)
{
    memset(party, 0, sizeof *party);
    party->initiator = initiator;
    party->package = TEXT_OF(package);
    party->target = TEXT_OF("host/localhost");
    party->request = initiator ? USUAL_ISC : USUAL_ASC;
    SecInvalidateHandle(&party->credential);
    SecInvalidateHandle(&party->context);
    party->status = SEC_I_CONTINUE_NEEDED;
}

SECURITY_STATUS party_acquire(struct party *party, void *identity)
{
    return AcquireCredentialsHandleA(NULL, party->package,
                                     party->initiator ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND,
                                     NULL, identity, NULL, NULL, &party->credential, NULL);
}

void party_must_acquire(struct party *party, void *identity)
{
    SECURITY_STATUS status = party_acquire(party, identity);

    ck_assert_msg(status == SEC_E_OK, "%s: %s", party->package, SspiGssStatusText());
}

void party_end(struct party *party)
{
    if (party->has_context)
        ck_assert_int_eq(DeleteSecurityContext(&party->context), SEC_E_OK);
    party->has_context = false;
    if (SecIsValidHandle(&party->credential))
        ck_assert_int_eq(FreeCredentialsHandle(&party->credential), SEC_E_OK);
    SecInvalidateHandle(&party->credential);
}

/* What the call left of the inbox. */
static void keep_rest(struct party *party, const SecBuffer *rest)
{
    if (party->status == SEC_E_INCOMPLETE_MESSAGE)
        return;
    if (rest->BufferType == SECBUFFER_EXTRA && party->status >= 0) {
        ck_assert_uint_le(rest->cbBuffer, party->inbox.length);
        take_from_front(&party->inbox, party->inbox.length - rest->cbBuffer);
    } else {
        party->inbox.length = 0;
    }
}

SECURITY_STATUS party_step(struct party *party, struct party *peer)
{
    SecBuffer in[3] = {
        {(ULONG)party->inbox.length, SECBUFFER_TOKEN, party->inbox.data},
        {0, SECBUFFER_EMPTY, NULL},
        {0, SECBUFFER_EMPTY, NULL},
    };
    void *room = party->output_room != 0 ? malloc(party->output_room) : NULL;
    SecBuffer out[2] = {{(ULONG)party->output_room, SECBUFFER_TOKEN, room}};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, out};
    SecHandle *context = party->has_context ? &party->context : NULL;
    ULONG request = party->request | (room == NULL ? ISC_REQ_ALLOCATE_MEMORY : 0);

    if (party->extra_input != NULL) {
        in[2] = *party->extra_input;
        input.cBuffers = 3;
    }
    if (party->extra_output != NULL) {
        out[1] = *party->extra_output;
        output.cBuffers = 2;
    }
    party->calls++;
    if (party->initiator)
        party->status = InitializeSecurityContextA(
            &party->credential, context, party->target, request, 0, SECURITY_NATIVE_DREP,
            context == NULL && party->inbox.length == 0 && party->extra_input == NULL ? NULL
                                                                                      : &input,
            0, &party->context, &output, &party->attributes, &party->expiry);
    else
        party->status = AcceptSecurityContext(&party->credential, context, &input, request,
                                              SECURITY_NATIVE_DREP, &party->context, &output,
                                              &party->attributes, &party->expiry);
    if (party->status >= 0)
        party->has_context = true;
    keep_rest(party, &in[1]);
    if (party->extra_output != NULL)
        *party->extra_output = out[1];
    if (out[0].pvBuffer != NULL && party->status != SEC_E_BUFFER_TOO_SMALL &&
        party->status != SEC_E_INCOMPLETE_MESSAGE && (room == NULL || party->status >= 0))
        append(&peer->wire, out[0].pvBuffer, out[0].cbBuffer);
    if (room == NULL && out[0].pvBuffer != NULL)
        ck_assert_int_eq(FreeContextBuffer(out[0].pvBuffer), SEC_E_OK);
    free(room);
    return party->status;
}

static bool is_done(const struct party *party)
{
    return party->status == SEC_E_OK && party->has_context;
}

static bool has_failed(const struct party *party)
{
    return party->status < 0 && party->status != SEC_E_INCOMPLETE_MESSAGE;
}

/* Reads from the wire and makes one call, when there is something to make it with. */
static bool move(struct party *party, struct party *peer, size_t chunk)
{
    size_t length = party->wire.length;

    if (is_done(party) || (length == 0 && !(party->initiator && party->calls == 0)))
        return false;
    if (chunk != 0 && length > chunk)
        length = chunk;
    append(&party->inbox, party->wire.data, length);
    take_from_front(&party->wire, length);
    (void)party_step(party, peer);
    /* A caller looks at what is left over before it reads on. */
    while (party->status == SEC_I_CONTINUE_NEEDED && party->inbox.length != 0)
        (void)party_step(party, peer);
    return true;
}

bool log_on(struct party *client, struct party *server, size_t chunk)
{
    bool moved = true;

    while (moved && !has_failed(client) && !has_failed(server)) {
        moved = move(client, server, chunk);
        if (!has_failed(client) && move(server, client, chunk))
            moved = true;
    }
    return is_done(client) && is_done(server);
}

void must_log_on(struct party *client, struct party *server, const char *package,
                 const char *target, bool by_password)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = identity_of_alice();
    bool done;

    party_init(client, true, package);
    party_init(server, false, package);
    client->target = TEXT_OF(target);
    party_must_acquire(client, by_password ? &alice : NULL);
    party_must_acquire(server, NULL);
    done = log_on(client, server, 0);
    ck_assert_msg(done, "%s: client %s, server %s: %s", package, SspiGssStatusName(client->status),
                  SspiGssStatusName(server->status), SspiGssStatusText());
}
