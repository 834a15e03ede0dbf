/*
 * An SSPI client and server that use what Microsoft documents, and nothing of ours. The compiler's
 * options alone decide whose headers these are, and whether UNICODE is defined: the same file is
 * built against ours and against WinPR's, both ways each. Every test runs twice, by the functions'
 * names and by the table of InitSecurityInterface.
 */
#include <sspi.h>

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/runner.h"

#ifdef UNICODE
typedef WCHAR CHARACTER;
typedef WCHAR *FIELD;
typedef SEC_WINNT_AUTH_IDENTITY_W IDENTITY;
#define IDENTITY_FLAGS SEC_WINNT_AUTH_IDENTITY_UNICODE
#else
typedef CHAR CHARACTER;
typedef UCHAR *FIELD;
typedef SEC_WINNT_AUTH_IDENTITY_A IDENTITY;
#define IDENTITY_FLAGS SEC_WINNT_AUTH_IDENTITY_ANSI
#endif

#define TEXT_MAX 64
/* More than any package's token and a message behind it. */
#define OCTETS_MAX 150000

/* Where an implementation is not what Windows is. */
enum deviation {
    HAS_NO_KERBEROS,
    HAS_NO_CREDSSP,
    HAS_NO_ACCOUNTS,
    HAS_NO_SIGNATURES,
    TELLS_NO_ATTRIBUTES,
    ALLOCATES_NOTHING,
    HAS_NO_CLIENT_NAME,
    HAS_NO_PACKAGE_INFO,
    FORGETS_SMALL_BUFFERS,
    CHECKS_NO_HANDLES,
    DEVIATIONS
};

static const char *const deviations[DEVIATIONS] = {
#ifdef PORTABLE_SSPI_WINPR
    [HAS_NO_KERBEROS] = "WinPR 2, as Debian builds it, has no Kerberos",
    [HAS_NO_CREDSSP] = "its package CREDSSP has functions that do nothing",
    [HAS_NO_ACCOUNTS] = "its server knows one account: that of its credential",
    [HAS_NO_SIGNATURES] = "its MakeSignature says SEC_E_UNSUPPORTED_FUNCTION",
    [TELLS_NO_ATTRIBUTES] = "it does not set *pfContextAttr",
    [ALLOCATES_NOTHING] = "it takes no notice of ISC_REQ_ALLOCATE_MEMORY",
    [HAS_NO_CLIENT_NAME] = "SECPKG_ATTR_NAMES says SEC_E_UNSUPPORTED_FUNCTION",
    [HAS_NO_PACKAGE_INFO] = "so does SECPKG_ATTR_PACKAGE_INFO",
    [FORGETS_SMALL_BUFFERS] = "a buffer that is too small ends the logon: SEC_E_INTERNAL_ERROR",
    [CHECKS_NO_HANDLES] = "what is no handle is SEC_E_SECPKG_NOT_FOUND, or used as an address",
#else
    NULL
#endif
};

static bool deviates(enum deviation deviation)
{
    return deviations[deviation] != NULL;
}

struct package {
    const char *name;
    bool is_stream; /* its tokens and messages are TLS records */
};

static const struct package packages[] = {
    {"NTLM", false},
    {"Negotiate", false},
    {"Kerberos", false},
    {"CREDSSP", true},
};
#define PACKAGES (sizeof packages / sizeof packages[0])

/* A test's number: a package, and by the names of functions or by their table. */
static const struct package *package;
static SecurityFunctionTable by_name;
static SecurityFunctionTable *sspi;

struct octets {
    unsigned char data[OCTETS_MAX];
    ULONG length;
};

struct party {
    bool is_client;
    CredHandle credential;
    CtxtHandle context;
    bool has_credential;
    bool has_context;
    ULONG request;
    ULONG attributes;
    SECURITY_STATUS status;
    struct octets inbox; /* what the peer has sent and no call has consumed */
};

static struct party client;
static struct party server;
static CHARACTER texts[5][TEXT_MAX]; /* of widen */

static CHARACTER *widen(int place, const char *text)
{
    size_t i = 0;

    ck_assert_uint_lt(strlen(text), TEXT_MAX);
    for (; text[i] != '\0'; i++)
        texts[place][i] = (CHARACTER)text[i];
    texts[place][i] = 0;
    return texts[place];
}

static bool is_text(const CHARACTER *text, const char *expected)
{
    size_t i = 0;

    while (expected[i] != '\0' && text[i] == (CHARACTER)expected[i])
        i++;
    return expected[i] == '\0' && text[i] == 0;
}

/* alice, with this password. */
static IDENTITY identity_with(const char *password)
{
    const char *user = getenv("REALM_USER");
    const char *domain = getenv("REALM_NTLM_DOMAIN");
    IDENTITY identity;

    memset(&identity, 0, sizeof identity);
    ck_assert_ptr_nonnull(user);
    ck_assert_ptr_nonnull(domain);
    identity.User = (FIELD)widen(0, user);
    identity.UserLength = (ULONG)strlen(user);
    identity.Domain = (FIELD)widen(1, domain);
    identity.DomainLength = (ULONG)strlen(domain);
    identity.Password = (FIELD)widen(2, password);
    identity.PasswordLength = (ULONG)strlen(password);
    identity.Flags = IDENTITY_FLAGS;
    return identity;
}

static SECURITY_STATUS acquire(struct party *party, IDENTITY *identity)
{
    TimeStamp expiry;
    SECURITY_STATUS status = sspi->AcquireCredentialsHandle(
        NULL, widen(3, package->name),
        party->is_client ? SECPKG_CRED_OUTBOUND : SECPKG_CRED_INBOUND, NULL, identity, NULL, NULL,
        &party->credential, &expiry);

    party->has_credential = status == SEC_E_OK;
    return status;
}

static SECURITY_STATUS try_to_start(struct party *party, bool is_client, const char *password)
{
    IDENTITY identity = identity_with(password);

    memset(party, 0, sizeof *party);
    party->is_client = is_client;
    party->request = is_client
                         ? ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT |
                               ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY
                         : ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT |
                               ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY;
    return acquire(party, is_client || deviates(HAS_NO_ACCOUNTS) ? &identity : NULL);
}

static void start(struct party *party, bool is_client)
{
    ck_assert_int_eq(try_to_start(party, is_client, getenv("REALM_PASSWORD")), SEC_E_OK);
}

static void stop(struct party *party)
{
    if (party->has_context)
        ck_assert_int_eq(sspi->DeleteSecurityContext(&party->context), SEC_E_OK);
    if (party->has_credential)
        ck_assert_int_eq(sspi->FreeCredentialsHandle(&party->credential), SEC_E_OK);
    party->has_context = false;
    party->has_credential = false;
}

static void put(struct octets *to, const void *data, ULONG length)
{
    ck_assert_uint_le(length, OCTETS_MAX - to->length);
    if (length != 0)
        memcpy(to->data + to->length, data, length);
    to->length += length;
}

/* Keeps the last octets. */
static void keep(struct octets *octets, ULONG length)
{
    ck_assert_uint_le(length, octets->length);
    memmove(octets->data, octets->data + octets->length - length, length);
    octets->length = length;
}

/* SEC_I_COMPLETE_NEEDED and SEC_I_COMPLETE_AND_CONTINUE, as InitializeSecurityContext's page says. */
static SECURITY_STATUS complete(struct party *party, SecBufferDesc *output)
{
    SECURITY_STATUS status;

    if (party->status != SEC_I_COMPLETE_NEEDED && party->status != SEC_I_COMPLETE_AND_CONTINUE)
        return party->status;
    status = sspi->CompleteAuthToken(&party->context, output);
    if (status < 0)
        return status;
    return party->status == SEC_I_COMPLETE_NEEDED ? SEC_E_OK : SEC_I_CONTINUE_NEEDED;
}

/* One call with what has come; the answer goes into *out, which has room for *room octets. */
static SECURITY_STATUS call(struct party *party, SecBuffer in[2], SecBuffer *out)
{
    SecBufferDesc input = {SECBUFFER_VERSION, package->is_stream ? 2 : 1, in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, out};
    PCtxtHandle context = party->has_context ? &party->context : NULL;
    TimeStamp expiry;

    in[0].BufferType = SECBUFFER_TOKEN;
    in[0].cbBuffer = party->inbox.length;
    in[0].pvBuffer = party->inbox.data;
    memset(&in[1], 0, sizeof in[1]);
    party->status =
        party->is_client
            ? sspi->InitializeSecurityContext(
                  &party->credential, context, widen(4, "host/localhost"), party->request, 0,
                  SECURITY_NATIVE_DREP, context != NULL ? &input : NULL, 0, &party->context,
                  &output, &party->attributes, &expiry)
            : sspi->AcceptSecurityContext(&party->credential, context, &input, party->request,
                                          SECURITY_NATIVE_DREP, &party->context, &output,
                                          &party->attributes, &expiry);
    if (party->status >= 0)
        party->has_context = true;
    party->status = complete(party, &output);
    return party->status;
}

/* The same as most programs make it: a buffer of the package's largest token. */
static SECURITY_STATUS step(struct party *party, struct party *peer)
{
    static unsigned char room[OCTETS_MAX];
    bool allocated = (party->request & ISC_REQ_ALLOCATE_MEMORY) != 0;
    SecBuffer out = {allocated ? 0 : OCTETS_MAX, SECBUFFER_TOKEN, allocated ? NULL : room};
    SecBuffer in[2];

    if (call(party, in, &out) == SEC_E_INCOMPLETE_MESSAGE)
        return party->status;
    keep(&party->inbox,
         party->status >= 0 && in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    if (party->status >= 0)
        put(&peer->inbox, out.pvBuffer, out.cbBuffer);
    if (allocated && out.pvBuffer != NULL)
        ck_assert_int_eq(sspi->FreeContextBuffer(out.pvBuffer), SEC_E_OK);
    return party->status;
}

static bool goes_on(const struct party *party)
{
    return party->status == SEC_I_CONTINUE_NEEDED;
}

/* False when either side has refused. */
static bool log_on(void)
{
    (void)step(&client, &server);
    server.status = SEC_I_CONTINUE_NEEDED;
    while (client.status >= 0 && server.status >= 0 && (goes_on(&client) || goes_on(&server))) {
        if (goes_on(&server) && server.inbox.length != 0)
            (void)step(&server, &client);
        else if (goes_on(&client) && client.inbox.length != 0)
            (void)step(&client, &server);
        else
            return false;
    }
    return client.status == SEC_E_OK && server.status == SEC_E_OK;
}

static void must_log_on(void)
{
    start(&client, true);
    start(&server, false);
    ck_assert_msg(log_on(), "%s: client 0x%08x, server 0x%08x", package->name,
                  (unsigned)client.status, (unsigned)server.status);
}

static void stop_both(void)
{
    stop(&client);
    stop(&server);
}

/* A message as its parts lie in memory: what stands before the text, the text, what stands behind. */
struct message {
    unsigned char octets[1024];
    SecBuffer buffers[4];
    SecBufferDesc all;
};

/* An unprotected text, between as much room as the context's attributes say. */
static void lay_out(struct message *message, struct party *from, const char *text)
{
    SecPkgContext_StreamSizes stream;
    SecPkgContext_Sizes sizes;
    ULONG length = (ULONG)strlen(text);
    ULONG before;
    ULONG behind = 0;

    memset(message, 0, sizeof *message);
    if (package->is_stream) {
        ck_assert_int_eq(
            sspi->QueryContextAttributes(&from->context, SECPKG_ATTR_STREAM_SIZES, &stream),
            SEC_E_OK);
        before = stream.cbHeader;
        behind = stream.cbTrailer;
        message->buffers[0].BufferType = SECBUFFER_STREAM_HEADER;
        message->buffers[2].BufferType = SECBUFFER_STREAM_TRAILER;
    } else {
        ck_assert_int_eq(sspi->QueryContextAttributes(&from->context, SECPKG_ATTR_SIZES, &sizes),
                         SEC_E_OK);
        before = sizes.cbSecurityTrailer;
        message->buffers[0].BufferType = SECBUFFER_TOKEN;
    }
    ck_assert_uint_lt(before + length + behind, sizeof message->octets);
    message->buffers[0].cbBuffer = before;
    message->buffers[0].pvBuffer = message->octets;
    message->buffers[1].BufferType = SECBUFFER_DATA;
    message->buffers[1].cbBuffer = length;
    message->buffers[1].pvBuffer = message->octets + before;
    message->buffers[2].cbBuffer = behind;
    message->buffers[2].pvBuffer = message->octets + before + length;
    memcpy(message->buffers[1].pvBuffer, text, length);
    message->all.ulVersion = SECBUFFER_VERSION;
    message->all.cBuffers = package->is_stream ? 4 : 2;
    message->all.pBuffers = message->buffers;
}

static void seal(struct message *message, struct party *from, const char *text, ULONG number)
{
    lay_out(message, from, text);
    ck_assert_int_eq(sspi->EncryptMessage(&from->context, 0, &message->all, number), SEC_E_OK);
    ck_assert_uint_eq(message->buffers[1].cbBuffer, strlen(text));
    ck_assert_mem_ne(message->buffers[1].pvBuffer, text, strlen(text));
}

/* Streams are opened as they come from the wire, and followed by so much of the next record. */
static SECURITY_STATUS open_message(struct message *message, struct party *to, ULONG number)
{
    SecBuffer *buffers = message->buffers;
    ULONG quality = 0;

    if (package->is_stream) {
        buffers[0].BufferType = SECBUFFER_DATA;
        buffers[0].cbBuffer += buffers[1].cbBuffer + buffers[2].cbBuffer;
        memset(&buffers[1], 0, 3 * sizeof buffers[1]);
    }
    return sspi->DecryptMessage(&to->context, &message->all, number, &quality);
}

static const SecBuffer *find(const struct message *message, ULONG type)
{
    for (ULONG i = 0; i < message->all.cBuffers; i++) {
        if (message->buffers[i].BufferType == type)
            return &message->buffers[i];
    }
    return NULL;
}

static void send_text(struct party *from, struct party *to, const char *text, ULONG number)
{
    struct message message;
    const SecBuffer *data;

    seal(&message, from, text, number);
    ck_assert_int_eq(open_message(&message, to, number), SEC_E_OK);
    data = find(&message, SECBUFFER_DATA);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq(data->cbBuffer, strlen(text));
    ck_assert_mem_eq(data->pvBuffer, text, strlen(text));
}

static void choose(int number)
{
    package = &packages[number / 2];
    sspi = number % 2 == 0 ? &by_name : InitSecurityInterface();
    client.status = SEC_E_OK;
    server.status = SEC_E_OK;
}

START_TEST(the_package_describes_itself)
{
    PSecPkgInfo info = NULL;
    PSecPkgInfo all = NULL;
    ULONG count = 0;
    bool is_listed = false;

    choose(_i);
    ck_assert_int_eq(sspi->QuerySecurityPackageInfo(widen(0, package->name), &info), SEC_E_OK);
    ck_assert(is_text(info->Name, package->name));
    ck_assert_uint_ne(info->cbMaxToken, 0);
    ck_assert_uint_eq(info->wVersion, 1);
    ck_assert_int_eq(sspi->EnumerateSecurityPackages(&count, &all), SEC_E_OK);
    for (ULONG i = 0; i < count; i++)
        is_listed = is_listed || is_text(all[i].Name, package->name);
    ck_assert(is_listed);
    ck_assert_int_eq(sspi->FreeContextBuffer(all), SEC_E_OK);
    ck_assert_int_eq(sspi->FreeContextBuffer(info), SEC_E_OK);
    ck_assert_int_eq(sspi->QuerySecurityPackageInfo(widen(0, "No such package"), &info),
                     SEC_E_SECPKG_NOT_FOUND);
}
END_TEST

START_TEST(messages_go_both_ways)
{
    choose(_i);
    must_log_on();
    if (!deviates(TELLS_NO_ATTRIBUTES)) {
        ck_assert_uint_ne(client.attributes & ISC_RET_CONFIDENTIALITY, 0);
        ck_assert_uint_ne(server.attributes & ASC_RET_CONFIDENTIALITY, 0);
    }
    send_text(&client, &server, "from the client", 0);
    send_text(&server, &client, "from the server", 0);
    send_text(&client, &server, "and again", 1);
    stop_both();
}
END_TEST

START_TEST(memory_is_allocated_on_request)
{
    choose(_i);
    start(&client, true);
    start(&server, false);
    client.request |= ISC_REQ_ALLOCATE_MEMORY;
    server.request |= ASC_REQ_ALLOCATE_MEMORY;
    ck_assert(log_on());
    ck_assert_uint_ne(client.attributes & ISC_RET_ALLOCATED_MEMORY, 0);
    ck_assert_uint_ne(server.attributes & ASC_RET_ALLOCATED_MEMORY, 0);
    send_text(&client, &server, "a message", 0);
    stop_both();
}
END_TEST

START_TEST(the_server_learns_who_it_is)
{
    SecPkgContext_Names names;
    CHARACTER user[TEXT_MAX];
    bool is_found = false;
    const char *expected = getenv("REALM_USER");
    size_t length;

    choose(_i);
    must_log_on();
    ck_assert_int_eq(sspi->QueryContextAttributes(&server.context, SECPKG_ATTR_NAMES, &names),
                     SEC_E_OK);
    ck_assert_ptr_nonnull(expected);
    length = strlen(expected);
    memcpy(user, widen(0, expected), sizeof user);
    for (const CHARACTER *at = (const CHARACTER *)names.sUserName; *at != 0 && !is_found; at++)
        is_found = memcmp(at, user, length * sizeof *at) == 0;
    ck_assert(is_found);
    ck_assert_int_eq(sspi->FreeContextBuffer(names.sUserName), SEC_E_OK);
    stop_both();
}
END_TEST

START_TEST(the_context_names_its_package)
{
    SecPkgContext_PackageInfo info;

    choose(_i);
    must_log_on();
    ck_assert_int_eq(sspi->QueryContextAttributes(&client.context, SECPKG_ATTR_PACKAGE_INFO, &info),
                     SEC_E_OK);
    /* Negotiate's is the package that it has chosen. */
    if (strcmp(package->name, "Negotiate") == 0)
        ck_assert(is_text((CHARACTER *)info.PackageInfo->Name, "Kerberos") ||
                  is_text((CHARACTER *)info.PackageInfo->Name, "NTLM"));
    else
        ck_assert(is_text((CHARACTER *)info.PackageInfo->Name, package->name));
    ck_assert_int_eq(sspi->FreeContextBuffer(info.PackageInfo), SEC_E_OK);
    stop_both();
}
END_TEST

/* True for the codes by which packages say that a message is not what was sealed. */
static bool is_refused(SECURITY_STATUS status)
{
    return status == SEC_E_MESSAGE_ALTERED || status == SEC_E_DECRYPT_FAILURE;
}

START_TEST(altered_messages_are_refused)
{
    struct message message;

    choose(_i);
    must_log_on();
    seal(&message, &client, "transfer 100", 0);
    ((unsigned char *)message.buffers[1].pvBuffer)[9] ^= 1;
    ck_assert(is_refused(open_message(&message, &server, 0)));
    stop_both();
}
END_TEST

/* A text and, behind it, its signature. */
struct signed_text {
    unsigned char text[16];
    unsigned char signature[256];
    SecBuffer buffers[2];
    SecBufferDesc all;
};

static void sign(struct signed_text *message, struct party *from, ULONG number)
{
    SecPkgContext_Sizes sizes;

    ck_assert_int_eq(sspi->QueryContextAttributes(&from->context, SECPKG_ATTR_SIZES, &sizes),
                     SEC_E_OK);
    ck_assert_uint_le(sizes.cbMaxSignature, sizeof message->signature);
    memset(message, 0, sizeof *message);
    memcpy(message->text, "a public text", 13);
    message->buffers[0].BufferType = SECBUFFER_DATA;
    message->buffers[0].cbBuffer = sizeof message->text;
    message->buffers[0].pvBuffer = message->text;
    message->buffers[1].BufferType = SECBUFFER_TOKEN;
    message->buffers[1].cbBuffer = sizes.cbMaxSignature;
    message->buffers[1].pvBuffer = message->signature;
    message->all.ulVersion = SECBUFFER_VERSION;
    message->all.cBuffers = 2;
    message->all.pBuffers = message->buffers;
    ck_assert_int_eq(sspi->MakeSignature(&from->context, 0, &message->all, number), SEC_E_OK);
    ck_assert_str_eq((char *)message->text, "a public text");
}

static SECURITY_STATUS verify(struct signed_text *message, struct party *to, ULONG number)
{
    ULONG quality = 0;

    return sspi->VerifySignature(&to->context, &message->all, number, &quality);
}

START_TEST(signatures_show_who_wrote)
{
    struct signed_text message;

    choose(_i);
    must_log_on();
    sign(&message, &client, 0);
    ck_assert_int_eq(verify(&message, &server, 0), SEC_E_OK);
    sign(&message, &server, 0);
    ck_assert_int_eq(verify(&message, &client, 0), SEC_E_OK);
    sign(&message, &client, 1);
    message.text[2] ^= 1;
    ck_assert_int_eq(verify(&message, &server, 1), SEC_E_MESSAGE_ALTERED);
    stop_both();
}
END_TEST

START_TEST(a_signature_counts_once)
{
    struct signed_text message;

    choose(_i);
    must_log_on();
    sign(&message, &client, 0);
    ck_assert_int_eq(verify(&message, &server, 0), SEC_E_OK);
    ck_assert_int_lt(verify(&message, &server, 0), 0);
    stop_both();
}
END_TEST

START_TEST(a_wrong_password_is_refused)
{
    SECURITY_STATUS refusal;

    choose(_i);
    /* Kerberos may ask its KDC here, or with the first token. */
    refusal = try_to_start(&client, true, "not the password");
    start(&server, false);
    if (refusal == SEC_E_OK) {
        ck_assert(!log_on());
        refusal = client.status < 0 ? client.status : server.status;
    }
    ck_assert_msg(refusal ==
                      (deviates(HAS_NO_ACCOUNTS) ? SEC_E_MESSAGE_ALTERED : SEC_E_LOGON_DENIED),
                  "0x%08x", (unsigned)refusal);
    stop_both();
}
END_TEST

START_TEST(a_buffer_that_is_too_small_loses_nothing)
{
    static unsigned char room[OCTETS_MAX];
    unsigned char little[1];
    SecBuffer out = {sizeof little, SECBUFFER_TOKEN, little};
    SecBuffer in[2];
    ULONG needed;

    choose(_i);
    start(&client, true);
    start(&server, false);
    ck_assert_int_eq(call(&client, in, &out), SEC_E_BUFFER_TOO_SMALL);
    needed = out.cbBuffer;
    ck_assert_uint_gt(needed, sizeof little);
    out = (SecBuffer){needed, SECBUFFER_TOKEN, room};
    ck_assert_int_eq(call(&client, in, &out), SEC_I_CONTINUE_NEEDED);
    ck_assert_uint_eq(out.cbBuffer, needed);
    put(&server.inbox, out.pvBuffer, out.cbBuffer);
    out = (SecBuffer){sizeof little, SECBUFFER_TOKEN, little};
    ck_assert_int_eq(call(&server, in, &out), SEC_E_BUFFER_TOO_SMALL);
    out = (SecBuffer){out.cbBuffer, SECBUFFER_TOKEN, room};
    ck_assert_int_ge(call(&server, in, &out), 0);
    keep(&server.inbox, 0);
    put(&client.inbox, out.pvBuffer, out.cbBuffer);
    while (goes_on(&client) || goes_on(&server)) {
        if (goes_on(&client))
            ck_assert_int_ge(step(&client, &server), 0);
        if (goes_on(&server))
            ck_assert_int_ge(step(&server, &client), 0);
    }
    ck_assert_int_eq(client.status, SEC_E_OK);
    ck_assert_int_eq(server.status, SEC_E_OK);
    stop_both();
}
END_TEST

START_TEST(nonsense_is_no_token)
{
    choose(_i);
    start(&server, false);
    put(&server.inbox, "\x16nonsense of a stranger", 23);
    client.is_client = true;
    ck_assert_int_lt(step(&server, &client), 0);
    stop(&server);
}
END_TEST

START_TEST(what_is_no_handle_is_refused)
{
    SecPkgContext_Sizes sizes;
    CtxtHandle nothing;

    choose(_i);
    memset(&nothing, 0, sizeof nothing);
    ck_assert_int_eq(sspi->DeleteSecurityContext(&nothing), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(sspi->FreeCredentialsHandle(&nothing), SEC_E_INVALID_HANDLE);
    nothing.dwLower = 0x1234;
    nothing.dwUpper = 0x5678;
    ck_assert_int_eq(sspi->QueryContextAttributes(&nothing, SECPKG_ATTR_SIZES, &sizes),
                     SEC_E_INVALID_HANDLE);
    start(&client, true);
    nothing = client.credential;
    ck_assert_int_eq(sspi->DeleteSecurityContext(&client.credential), SEC_E_INVALID_HANDLE);
    ck_assert_int_eq(sspi->FreeCredentialsHandle(&nothing), SEC_E_OK);
    ck_assert_int_eq(sspi->FreeCredentialsHandle(&client.credential), SEC_E_INVALID_HANDLE);
}
END_TEST

/* CREDSSP: a token that has come in part. */
START_TEST(missing_octets_are_asked_for)
{
    static unsigned char room[OCTETS_MAX];
    SecBuffer out = {sizeof room, SECBUFFER_TOKEN, room};
    SecBuffer in[2];
    ULONG whole;

    choose(_i);
    start(&client, true);
    start(&server, false);
    ck_assert_int_eq(step(&client, &server), SEC_I_CONTINUE_NEEDED);
    whole = server.inbox.length;
    server.inbox.length = whole - 3;
    ck_assert_int_eq(call(&server, in, &out), SEC_E_INCOMPLETE_MESSAGE);
    ck_assert_uint_eq(in[1].BufferType, SECBUFFER_MISSING);
    ck_assert_uint_eq(in[1].cbBuffer, 3);
    server.inbox.length = whole;
    ck_assert_int_eq(step(&server, &client), SEC_I_CONTINUE_NEEDED);
    stop_both();
}
END_TEST

/* CREDSSP: two records that came together. */
START_TEST(extra_octets_are_left)
{
    struct message first;
    struct message second;
    ULONG length;
    ULONG second_length;
    const SecBuffer *extra;

    choose(_i);
    must_log_on();
    seal(&first, &client, "the first", 0);
    seal(&second, &client, "the second", 0);
    length = first.buffers[0].cbBuffer + first.buffers[1].cbBuffer + first.buffers[2].cbBuffer;
    second_length =
        second.buffers[0].cbBuffer + second.buffers[1].cbBuffer + second.buffers[2].cbBuffer;
    ck_assert_uint_le(length + second_length, sizeof first.octets);
    memcpy(first.octets + length, second.octets, second_length);
    first.buffers[2].cbBuffer += second_length;
    ck_assert_int_eq(open_message(&first, &server, 0), SEC_E_OK);
    extra = find(&first, SECBUFFER_EXTRA);
    ck_assert_ptr_nonnull(extra);
    ck_assert_uint_eq(extra->cbBuffer, second_length);
    ck_assert_int_eq(open_message(&second, &server, 0), SEC_E_OK);
    ck_assert_mem_eq(find(&second, SECBUFFER_DATA)->pvBuffer, "the second", 10);
    stop_both();
}
END_TEST

static void fill_by_name(void)
{
    by_name.EnumerateSecurityPackages = EnumerateSecurityPackages;
    by_name.QuerySecurityPackageInfo = QuerySecurityPackageInfo;
    by_name.AcquireCredentialsHandle = AcquireCredentialsHandle;
    by_name.FreeCredentialsHandle = FreeCredentialsHandle;
    by_name.InitializeSecurityContext = InitializeSecurityContext;
    by_name.AcceptSecurityContext = AcceptSecurityContext;
    by_name.CompleteAuthToken = CompleteAuthToken;
    by_name.DeleteSecurityContext = DeleteSecurityContext;
    by_name.QueryContextAttributes = QueryContextAttributes;
    by_name.FreeContextBuffer = FreeContextBuffer;
    by_name.MakeSignature = MakeSignature;
    by_name.VerifySignature = VerifySignature;
    by_name.EncryptMessage = EncryptMessage;
    by_name.DecryptMessage = DecryptMessage;
}

struct test {
    const TTest *run;
    bool is_of_streams;
    bool is_of_others;
    enum deviation unless; /* DEVIATIONS: none */
};

static void add_tests(TCase *cases, int number)
{
    const struct test tests[] = {
        {the_package_describes_itself, true, true, DEVIATIONS},
        {messages_go_both_ways, true, true, DEVIATIONS},
        {memory_is_allocated_on_request, true, true, ALLOCATES_NOTHING},
        {the_server_learns_who_it_is, true, true, HAS_NO_CLIENT_NAME},
        {the_context_names_its_package, true, true, HAS_NO_PACKAGE_INFO},
        {altered_messages_are_refused, true, true, DEVIATIONS},
        {signatures_show_who_wrote, false, true, HAS_NO_SIGNATURES},
        {a_signature_counts_once, false, true, HAS_NO_SIGNATURES},
        {a_wrong_password_is_refused, true, true, DEVIATIONS},
        {a_buffer_that_is_too_small_loses_nothing, true, true, FORGETS_SMALL_BUFFERS},
        {nonsense_is_no_token, true, true, DEVIATIONS},
        {what_is_no_handle_is_refused, true, true, CHECKS_NO_HANDLES},
        {missing_octets_are_asked_for, true, false, DEVIATIONS},
        {extra_octets_are_left, true, false, DEVIATIONS},
    };
    bool is_stream = packages[number].is_stream;

    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (is_stream ? !tests[i].is_of_streams : !tests[i].is_of_others)
            continue;
        if (tests[i].unless == DEVIATIONS || !deviates(tests[i].unless))
            tcase_add_loop_test(cases, tests[i].run, 2 * number, 2 * number + 2);
    }
}

static bool is_missing(const char *name)
{
    return (strcmp(name, "Kerberos") == 0 && deviates(HAS_NO_KERBEROS)) ||
           (strcmp(name, "CREDSSP") == 0 && deviates(HAS_NO_CREDSSP));
}

int main(void)
{
    Suite *suite = suite_create("portable SSPI program");

    fill_by_name();
    for (int i = 0; i < DEVIATIONS; i++) {
        if (deviations[i] != NULL)
            (void)printf("not as on Windows: %s\n", deviations[i]);
    }
    for (size_t i = 0; i < PACKAGES; i++) {
        TCase *cases = tcase_create(packages[i].name);

        tcase_set_timeout(cases, 60);
        if (!is_missing(packages[i].name))
            add_tests(cases, (int)i);
        suite_add_tcase(suite, cases);
    }
    return run_suite(suite);
}
