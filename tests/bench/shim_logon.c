#include "tests/bench/shim_logon.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than all that is on its way at one time. */
#define QUEUE_OCTETS 65536

#define CLIENT_REQUEST                                                       \
    (ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | \
     ISC_REQ_SEQUENCE_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY)
#define SERVER_REQUEST (ASC_REQ_ALLOCATE_MEMORY | ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY)

void shim_die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, SspiGssStatusText());
    exit(EXIT_FAILURE);
}

static SEC_CHAR *text_of(const char *text)
{
    return (SEC_CHAR *)(uintptr_t)text;
}

static void acquire(const char *package, ULONG use, bool by_password, CredHandle *credential)
{
    SEC_WINNT_AUTH_IDENTITY_A alice = {
        .User = (UCHAR *)getenv("REALM_USER"),
        .Domain = (UCHAR *)getenv("REALM_NTLM_DOMAIN"),
        .Password = (UCHAR *)getenv("REALM_PASSWORD"),
        .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
    };

    if (alice.User == NULL || alice.Domain == NULL || alice.Password == NULL)
        shim_die("there is no realm");
    alice.UserLength = (ULONG)strlen((char *)alice.User);
    alice.DomainLength = (ULONG)strlen((char *)alice.Domain);
    alice.PasswordLength = (ULONG)strlen((char *)alice.Password);
    if (AcquireCredentialsHandleA(NULL, text_of(package), use, NULL, by_password ? &alice : NULL,
                                  NULL, NULL, credential, NULL) != SEC_E_OK)
        shim_die("AcquireCredentialsHandle");
}

/* What one side has sent and the other not read. */
struct queue {
    unsigned char octets[QUEUE_OCTETS];
    size_t length;
};

static void put(struct queue *queue, SecBuffer *token)
{
    if (token->cbBuffer > sizeof queue->octets - queue->length)
        shim_die("the logon's tokens are too long");
    if (token->cbBuffer != 0)
        memcpy(queue->octets + queue->length, token->pvBuffer, token->cbBuffer);
    queue->length += token->cbBuffer;
    if (token->pvBuffer != NULL)
        (void)FreeContextBuffer(token->pvBuffer);
}

/* One call with what was received; the rest of it stays. */
static SECURITY_STATUS step(struct shim_side *side, bool is_client, bool is_first,
                            struct queue *received, struct queue *sent)
{
    SecBuffer in[2] = {
        {(ULONG)received->length, SECBUFFER_TOKEN, received->octets},
        {0, SECBUFFER_EMPTY, NULL},
    };
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SecHandle *context = is_first ? NULL : &side->context;
    ULONG attributes;
    SECURITY_STATUS status;

    if (is_client)
        status = InitializeSecurityContextA(&side->credential, context, text_of("host/localhost"),
                                            CLIENT_REQUEST, 0, SECURITY_NATIVE_DREP,
                                            is_first ? NULL : &input, 0, &side->context, &output,
                                            &attributes, NULL);
    else
        status =
            AcceptSecurityContext(&side->credential, context, &input, SERVER_REQUEST,
                                  SECURITY_NATIVE_DREP, &side->context, &output, &attributes, NULL);
    if (status < 0)
        shim_die(is_client ? "InitializeSecurityContext" : "AcceptSecurityContext");
    put(sent, &out);
    if (in[1].BufferType == SECBUFFER_EXTRA)
        memmove(received->octets, received->octets + received->length - in[1].cbBuffer,
                in[1].cbBuffer);
    received->length = in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0;
    return status;
}

void shim_logon_run(const char *package, bool by_password, struct shim_side *client,
                    struct shim_side *server)
{
    static struct queue to_server;
    static struct queue to_client;
    SECURITY_STATUS client_status;
    SECURITY_STATUS server_status = SEC_I_CONTINUE_NEEDED;
    bool is_first = true;

    acquire(package, SECPKG_CRED_OUTBOUND, by_password, &client->credential);
    acquire(package, SECPKG_CRED_INBOUND, false, &server->credential);
    client_status = step(client, true, true, &to_client, &to_server);
    while (to_server.length != 0 || to_client.length != 0) {
        if (to_server.length != 0) {
            server_status = step(server, false, is_first, &to_server, &to_client);
            is_first = false;
        } else {
            client_status = step(client, true, false, &to_client, &to_server);
        }
    }
    if (client_status != SEC_E_OK || server_status != SEC_E_OK)
        shim_die("the logon did not end");
}

void shim_logon_end(struct shim_side *client, struct shim_side *server)
{
    (void)DeleteSecurityContext(&client->context);
    (void)DeleteSecurityContext(&server->context);
    (void)FreeCredentialsHandle(&client->credential);
    (void)FreeCredentialsHandle(&server->credential);
}
