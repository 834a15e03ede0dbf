/*
 * What libsspi-gss adds to the gss_* calls beneath it: CPU time of logons and of messages of 16 KiB
 * through SSPI's functions, beside the same by GSS-API; and what it takes to look up a handle when a
 * million are alive. What is compared runs in turn, in small batches, so that whatever else the machine
 * does hits all of it alike; medians are shown.
 *
 * bench_shim             the table
 * bench_shim ROW COUNT   only what is measured in the row of this number, so many times, for a profiler
 *
 * No figure makes it fail; a logon, a message or a lookup that does not succeed does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>
#include <sspi-gss/security.h>
#include <sspi-gss/sspi_gss.h>

#include "gssapi_sspi.h"
#include "sspi-shim/handles.h"
#include "tests/bench/comparison.h"

#define MESSAGE_OCTETS 16384

/* Room for what stands before or behind the data of any message. */
#define PROTECTION_OCTETS 256

#define REQUEST                                                              \
    (ISC_REQ_MUTUAL_AUTH | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT | \
     ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_ALLOCATE_MEMORY)

/* A package, and what stands for it in SSPI. */
struct package {
    const gss_OID_desc *mechanism;
    SEC_CHAR name[16];
    CredHandle client_credential;
    CredHandle server_credential;
    CtxtHandle client; /* for messages */
    CtxtHandle server;
    ULONG header;
    ULONG trailer;
};

static struct package credssp = {.mechanism = &GSS_SSPI_MECH_CREDSSP_desc, .name = "CREDSSP"};
static struct package negotiate = {.mechanism = &GSS_SSPI_MECH_NEGOTIATE_desc, .name = "Negotiate"};

/* A message as programs lay it out: what protects it right before and behind the data. */
static unsigned char laid_out[PROTECTION_OCTETS + MESSAGE_OCTETS + PROTECTION_OCTETS];

static struct package *package_of(const struct row *row)
{
    return row->logon.mechanism == credssp.mechanism ? &credssp : &negotiate;
}

static void must(const char *what, SECURITY_STATUS status)
{
    if (status < 0) {
        fprintf(stderr, "%s: %08x %s\n", what, (unsigned)status, SspiGssStatusText());
        exit(EXIT_FAILURE);
    }
}

/* --- logons --- */

/* More than the longest flight of a logon. */
#define INBOX_OCTETS 65536

/* One side of a logon through SSPI. */
struct side {
    bool initiator;
    bool has_context;
    bool done;
    CtxtHandle context;
    unsigned char inbox[INBOX_OCTETS];
    size_t start;
    size_t end;
};

static void deliver(struct side *to, SecBuffer *token)
{
    if (token->cbBuffer > sizeof to->inbox - to->end)
        die("a token that is too long", GSS_S_FAILURE, 0);
    if (token->cbBuffer != 0)
        memcpy(to->inbox + to->end, token->pvBuffer, token->cbBuffer);
    to->end += token->cbBuffer;
    if (token->pvBuffer != NULL)
        (void)FreeContextBuffer(token->pvBuffer);
}

/* One call: of TLS it takes one record, and what it makes goes to the other side. */
static void step(const struct package *package, struct side *side, struct side *peer)
{
    static SEC_CHAR target[] = "host/localhost";
    SecBuffer in[2] = {
        {(ULONG)(side->end - side->start), SECBUFFER_TOKEN, side->inbox + side->start},
        {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
    CtxtHandle *context = side->has_context ? &side->context : NULL;
    CredHandle credential =
        side->initiator ? package->client_credential : package->server_credential;
    SECURITY_STATUS status;
    ULONG attributes;

    if (side->initiator)
        status = InitializeSecurityContextA(&credential, context, target, REQUEST, 0,
                                            SECURITY_NATIVE_DREP, context == NULL ? NULL : &input,
                                            0, &side->context, &output, &attributes, NULL);
    else
        status = AcceptSecurityContext(
            &credential, context, &input,
            ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY | ASC_REQ_ALLOCATE_MEMORY,
            SECURITY_NATIVE_DREP, &side->context, &output, &attributes, NULL);
    must(side->initiator ? "InitializeSecurityContext" : "AcceptSecurityContext", status);
    side->start = side->end - (in[1].BufferType == SECBUFFER_EXTRA ? in[1].cbBuffer : 0);
    if (side->start == side->end)
        side->start = side->end = 0;
    side->has_context = true;
    side->done = status == SEC_E_OK;
    deliver(peer, &token);
}

static void begin(struct side *side, bool initiator)
{
    side->initiator = initiator;
    side->has_context = side->done = false;
    side->start = side->end = 0;
}

static void log_on(const struct package *package, CtxtHandle *client, CtxtHandle *server)
{
    static struct side client_side;
    static struct side server_side;
    bool goes_on = true;

    begin(&client_side, true);
    begin(&server_side, false);
    step(package, &client_side, &server_side);
    while (goes_on) {
        goes_on = server_side.end != 0 || client_side.end != 0;
        while (server_side.end != 0)
            step(package, &server_side, &client_side);
        while (client_side.end != 0)
            step(package, &client_side, &server_side);
    }
    if (!client_side.done || !server_side.done)
        die("the logon did not end", GSS_S_FAILURE, 0);
    *client = client_side.context;
    *server = server_side.context;
}

static void run_sspi_logon(struct row *row)
{
    CtxtHandle client;
    CtxtHandle server;

    log_on(package_of(row), &client, &server);
    must("DeleteSecurityContext", DeleteSecurityContext(&client));
    must("DeleteSecurityContext", DeleteSecurityContext(&server));
}

static void run_gss_logon(struct row *row)
{
    gss_ctx_id_t client = GSS_C_NO_CONTEXT;
    gss_ctx_id_t server = GSS_C_NO_CONTEXT;
    OM_uint32 minor;

    logon_run(&row->logon, &client, &server);
    (void)gss_delete_sec_context(&minor, &client, GSS_C_NO_BUFFER);
    (void)gss_delete_sec_context(&minor, &server, GSS_C_NO_BUFFER);
}

/* --- messages --- */

static void run_records(struct row *row)
{
    struct package *package = package_of(row);
    unsigned char *data = laid_out + package->header;
    SecBuffer sealed[4] = {
        {package->header, SECBUFFER_STREAM_HEADER, laid_out},
        {MESSAGE_OCTETS, SECBUFFER_DATA, data},
        {package->trailer, SECBUFFER_STREAM_TRAILER, data + MESSAGE_OCTETS},
        {0, SECBUFFER_EMPTY, NULL},
    };
    SecBuffer opened[4] = {{0, SECBUFFER_DATA, laid_out},
                           {0, SECBUFFER_EMPTY, NULL},
                           {0, SECBUFFER_EMPTY, NULL},
                           {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, 4, sealed};

    must("EncryptMessage", EncryptMessage(&package->client, 0, &message, 0));
    opened[0].cbBuffer = sealed[0].cbBuffer + sealed[1].cbBuffer + sealed[2].cbBuffer;
    message.pBuffers = opened;
    must("DecryptMessage", DecryptMessage(&package->server, &message, 0, NULL));
}

static void run_tokens(struct row *row)
{
    struct package *package = package_of(row);
    unsigned char *data = laid_out + package->header;
    SecBuffer buffers[3] = {
        {package->header, SECBUFFER_TOKEN, laid_out},
        {MESSAGE_OCTETS, SECBUFFER_DATA, data},
        {package->trailer, SECBUFFER_PADDING, data + MESSAGE_OCTETS},
    };
    SecBufferDesc message = {SECBUFFER_VERSION, 3, buffers};

    must("EncryptMessage", EncryptMessage(&package->client, 0, &message, 0));
    must("DecryptMessage", DecryptMessage(&package->server, &message, 0, NULL));
}

/* As the shim does it: TLS has a TRAILER, a Kerberos token for SSPI has none. */
static void run_gss_in_place(struct row *row)
{
    const OM_uint32 last =
        package_of(row) == &credssp ? GSS_IOV_BUFFER_TYPE_TRAILER : GSS_IOV_BUFFER_TYPE_PADDING;
    const size_t header = package_of(row)->header;
    unsigned char *data = laid_out + header;
    gss_iov_buffer_desc iov[3] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, {header, laid_out}},
        {GSS_IOV_BUFFER_TYPE_DATA, {MESSAGE_OCTETS, data}},
        {last, {package_of(row)->trailer, data + MESSAGE_OCTETS}},
    };
    OM_uint32 minor;
    OM_uint32 major = gss_wrap_iov(&minor, row->client, 1, GSS_C_QOP_DEFAULT, NULL, iov, 3);

    if (!GSS_ERROR(major))
        major = gss_unwrap_iov(&minor, row->server, NULL, NULL, iov, 3);
    if (GSS_ERROR(major))
        die("gss_wrap_iov or gss_unwrap_iov", major, minor);
}

static void run_gss_wrap(struct row *row)
{
    gss_buffer_desc message = {MESSAGE_OCTETS, laid_out};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_wrap(&minor, row->client, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed);

    if (!GSS_ERROR(major))
        major = gss_unwrap(&minor, row->server, &sealed, &opened, NULL, NULL);
    if (GSS_ERROR(major))
        die("gss_wrap or gss_unwrap", major, minor);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &opened);
}

/* --- the rows --- */

/* That is what the shim asks of GSS-API: SSPI's functions get the target as text, and answer all. */
#define OF_CREDSSP .logon.mechanism = &GSS_SSPI_MECH_CREDSSP_desc, .logon.asks_everything = true
#define OF_NEGOTIATE                                  \
    .logon.mechanism = &GSS_SSPI_MECH_NEGOTIATE_desc, \
    .logon.header = &GSS_SSPI_MECH_NEGOTIATE_desc, .logon.asks_everything = true
#define ONE_MESSAGE .message = MESSAGE_OCTETS

static struct row rows[] = {
    {"CredSSP logon, GSS-API", .run = run_gss_logon, OF_CREDSSP},
    {"CredSSP logon, SSPI", .run = run_sspi_logon, OF_CREDSSP},
    {"Negotiate logon, GSS-API", .run = run_gss_logon, OF_NEGOTIATE},
    {"Negotiate logon, SSPI", .run = run_sspi_logon, OF_NEGOTIATE},
    {"CredSSP, gss_wrap and gss_unwrap", .run = run_gss_wrap, OF_CREDSSP, ONE_MESSAGE},
    {"CredSSP, gss_wrap_iov and gss_unwrap_iov", .run = run_gss_in_place, OF_CREDSSP, ONE_MESSAGE},
    {"CredSSP, EncryptMessage and DecryptMessage", .run = run_records, OF_CREDSSP, ONE_MESSAGE},
    {"Negotiate, gss_wrap and gss_unwrap", .run = run_gss_wrap, OF_NEGOTIATE, ONE_MESSAGE},
    {"Negotiate, gss_wrap_iov and gss_unwrap_iov", .run = run_gss_in_place, OF_NEGOTIATE,
     ONE_MESSAGE},
    {"Negotiate, EncryptMessage and DecryptMessage", .run = run_tokens, OF_NEGOTIATE, ONE_MESSAGE},
};

static const struct ratio ratios[] = {
    {"CredSSP logon: SSPI / GSS-API (limit 1.02)", 1, {0}, 1},
    {"Negotiate logon: SSPI / GSS-API (limit 1.02)", 3, {2}, 1},
    {"CredSSP message: SSPI / gss_wrap and gss_unwrap", 6, {4}, 1},
    {"CredSSP message: SSPI / in place (limit 1.02)", 6, {5}, 1},
    {"Negotiate message: SSPI / gss_wrap and gss_unwrap", 9, {7}, 1},
    {"Negotiate message: SSPI / in place (limit 1.02)", 9, {8}, 1},
};

#define ROW_COUNT   (sizeof rows / sizeof rows[0])
#define RATIO_COUNT (sizeof ratios / sizeof ratios[0])

static void acquire(struct package *package)
{
    must("AcquireCredentialsHandle",
         AcquireCredentialsHandleA(NULL, package->name, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                                   NULL, &package->client_credential, NULL));
    must("AcquireCredentialsHandle",
         AcquireCredentialsHandleA(NULL, package->name, SECPKG_CRED_INBOUND, NULL, NULL, NULL, NULL,
                                   &package->server_credential, NULL));
    log_on(package, &package->client, &package->server);
}

static void find_sizes(void)
{
    SecPkgContext_StreamSizes stream;
    SecPkgContext_Sizes sizes;

    must("SECPKG_ATTR_STREAM_SIZES",
         QueryContextAttributesA(&credssp.client, SECPKG_ATTR_STREAM_SIZES, &stream));
    must("SECPKG_ATTR_SIZES",
         QueryContextAttributesA(&negotiate.client, SECPKG_ATTR_SIZES, &sizes));
    credssp.header = stream.cbHeader;
    credssp.trailer = stream.cbTrailer;
    negotiate.header = sizes.cbSecurityTrailer;
    negotiate.trailer = sizes.cbBlockSize;
}

static void release(struct package *package)
{
    must("DeleteSecurityContext", DeleteSecurityContext(&package->client));
    must("DeleteSecurityContext", DeleteSecurityContext(&package->server));
    must("FreeCredentialsHandle", FreeCredentialsHandle(&package->client_credential));
    must("FreeCredentialsHandle", FreeCredentialsHandle(&package->server_credential));
}

static void prepare(struct row *row)
{
    if (row->run == run_gss_logon)
        row->logon.credentials = credentials_acquire(row->logon.mechanism);
    if (row->run == run_gss_in_place || row->run == run_gss_wrap)
        logon_run(&row->logon, &row->client, &row->server);
    row->run(row);
    size_batch(row);
}

static void clean_up(struct row *row)
{
    OM_uint32 minor;

    credentials_release(&row->logon.credentials);
    (void)gss_delete_sec_context(&minor, &row->client, GSS_C_NO_BUFFER);
    (void)gss_delete_sec_context(&minor, &row->server, GSS_C_NO_BUFFER);
}

static const struct row_keeping keeping = {prepare, clean_up};

static void measure_all(void)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        prepare(&rows[i]);
    sample(rows, ROW_COUNT);
    printf("SSPI beside GSS-API, messages of 16 KiB\n");
    for (size_t i = 0; i < ROW_COUNT; i++)
        show(&rows[i], i + 1);
    for (size_t i = 0; i < RATIO_COUNT; i++)
        printf("      %-52s %9.3f\n", ratios[i].text, ratio_of(rows, &ratios[i]));
    for (size_t i = 0; i < ROW_COUNT; i++)
        clean_up(&rows[i]);
}

/* --- handles --- */

#define HANDLES       1000000
#define LOOKUP_ROUNDS 9
#define ONE_HANDLE    1 /* how many of them are looked up in turn */
#define SOME_HANDLES  1000

static SecHandle handles[HANDLES];
static struct handle_object handle_objects[HANDLES];

static void destroy_nothing(void *object)
{
    (void)object;
}

/* Nanoseconds of a lookup and its end, the best of some rounds. */
static double time_lookups(size_t different)
{
    double best = 0;

    for (int round = 0; round < LOOKUP_ROUNDS; round++) {
        double start = cpu_microseconds();
        double nanoseconds;

        for (size_t i = 0, next = 0; i < HANDLES; i++) {
            struct handle_object *object = handle_acquire(HANDLE_CONTEXT, &handles[next]);

            if (object != NULL)
                handle_release(object);
            else
                die("a handle was not found", GSS_S_FAILURE, 0);
            next = next + 1 < different ? next + 1 : 0;
        }
        nanoseconds = (cpu_microseconds() - start) * 1e3 / HANDLES;
        best = round == 0 || nanoseconds < best ? nanoseconds : best;
    }
    return best;
}

/* Fisher and Yates, by a generator whose numbers are the same each time. */
static void shuffle_handles(void)
{
    unsigned long long state = 1;

    for (size_t i = HANDLES - 1; i > 0; i--) {
        SecHandle handle = handles[i];
        size_t other;

        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        other = (size_t)(state >> 33) % (i + 1);
        handles[i] = handles[other];
        handles[other] = handle;
    }
}

static void measure_handles(void)
{
    double in_order;

    for (size_t i = 0; i < HANDLES; i++) {
        if (!handle_create(HANDLE_CONTEXT, &handle_objects[i], destroy_nothing, &handles[i]))
            die("handle_create", GSS_S_FAILURE, 0);
    }
    in_order = time_lookups(HANDLES);
    shuffle_handles();
    printf("Looking up a handle while %d are alive (limit 20 ns)\n", HANDLES);
    printf("  %-56s %9.1f ns\n", "the same again and again", time_lookups(ONE_HANDLE));
    printf("  %-56s %9.1f ns\n", "a thousand in turn, any of the million",
           time_lookups(SOME_HANDLES));
    printf("  %-56s %9.1f ns\n", "all, in the order of their creation", in_order);
    printf("  %-56s %9.1f ns\n", "all, in any order (memory decides)", time_lookups(HANDLES));
    for (size_t i = 0; i < HANDLES; i++) {
        if (!handle_close(HANDLE_CONTEXT, &handles[i]))
            die("handle_close", GSS_S_FAILURE, 0);
    }
}

int main(int argc, char **argv)
{
    int status = EXIT_SUCCESS;

    logon_set_up();
    acquire(&credssp);
    acquire(&negotiate);
    find_sizes();
    if (argc != 3) {
        measure_all();
        measure_handles();
    } else if (!run_one_row(rows, ROW_COUNT, &keeping, argv)) {
        status = EXIT_FAILURE;
    }
    release(&credssp);
    release(&negotiate);
    logon_tear_down();
    return status;
}
