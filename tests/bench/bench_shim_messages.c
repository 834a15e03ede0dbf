/*
 * What the SSPI shim adds to messages: CPU time of EncryptMessage at the client and DecryptMessage at
 * the server beside that of the gss_* calls which they stand for, on the same contexts. The two run in
 * turn, in small batches, so that whatever else the machine does hits both alike; medians are shown.
 *
 * bench_shim_messages             the table; fails when 16 KiB cost more than the limit
 * bench_shim_messages ROW COUNT   only what is measured in the row of this number, so many times, for a
 *                                 profiler
 */
#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>

#include "tests/bench/comparison.h"
#include "tests/bench/shim_logon.h"

#define SMALL      1024
#define LARGE      16384
#define COST_LIMIT 1.02

/* Room for the header, the padding or the trailer of any message. */
#define PROTECTION_OCTETS 256

static const struct {
    const char *package;
    bool by_password;
    bool is_stream;
} kinds[] = {
    {"Kerberos", false, false},
    {"NTLM", true, false},
    {"Negotiate", false, false},
    {"CREDSSP", true, true},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static struct {
    struct shim_side client;
    struct shim_side server;
    ULONG header;
    ULONG trailer;
} logons[KINDS];

/* Header, data and trailer in one run of memory, as programs keep them. */
static unsigned char message[PROTECTION_OCTETS + LARGE + PROTECTION_OCTETS];
static unsigned char *const data = message + PROTECTION_OCTETS;

/*
 * How the buffers on the stack are aligned changes what the cryptography takes, and a call that passes
 * through more functions has another alignment always: each call is made from another place.
 */
#define STACK_STEP      16
#define STACK_POSITIONS 256
#define STACK_STRIDE    37

static void run_elsewhere(struct row *row, void (*run)(struct row *row))
{
    static size_t calls;
    volatile char *moved = alloca(STACK_STEP * (1 + calls++ * STACK_STRIDE % STACK_POSITIONS));

    moved[0] = 0; /* or it would not be there */
    run(row);
}

/* Four rows of each kind: gss_* and SSPI, for both lengths. */
static size_t kind_of(const struct row *row);

static void call_gss(struct row *row)
{
    gss_buffer_desc plain = {row->message, data};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_wrap(&minor, row->client, 1, GSS_C_QOP_DEFAULT, &plain, NULL, &sealed);

    if (!GSS_ERROR(major))
        major = gss_unwrap(&minor, row->server, &sealed, &opened, NULL, NULL);
    if (GSS_ERROR(major) || opened.length != row->message)
        die("gss_wrap or gss_unwrap", major, minor);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &opened);
}

static void call_gss_iov(struct row *row)
{
    size_t kind = kind_of(row);
    gss_iov_buffer_desc iov[3] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, {logons[kind].header, data - logons[kind].header}},
        {GSS_IOV_BUFFER_TYPE_DATA, {row->message, data}},
        {GSS_IOV_BUFFER_TYPE_TRAILER, {logons[kind].trailer, data + row->message}},
    };
    int count = kinds[kind].is_stream ? 3 : 2;
    OM_uint32 minor;
    OM_uint32 major = gss_wrap_iov(&minor, row->client, 1, GSS_C_QOP_DEFAULT, NULL, iov, count);

    if (!GSS_ERROR(major) && kinds[kind].is_stream) {
        iov[0].type = GSS_IOV_BUFFER_TYPE_STREAM;
        iov[0].buffer.length += row->message + iov[2].buffer.length;
        count = 2;
    }
    if (!GSS_ERROR(major))
        major = gss_unwrap_iov(&minor, row->server, NULL, NULL, iov, count);
    if (GSS_ERROR(major) || iov[1].buffer.length != row->message)
        die("gss_wrap_iov or gss_unwrap_iov", major, minor);
}

static void call_sspi(struct row *row)
{
    size_t kind = kind_of(row);
    SecBuffer buffers[2] = {
        {logons[kind].header, SECBUFFER_TOKEN, data - logons[kind].header},
        {(ULONG)row->message, SECBUFFER_DATA, data},
    };
    SecBufferDesc descriptor = {SECBUFFER_VERSION, 2, buffers};

    if (EncryptMessage(&logons[kind].client.context, 0, &descriptor, 0) != SEC_E_OK ||
        DecryptMessage(&logons[kind].server.context, &descriptor, 0, NULL) != SEC_E_OK)
        shim_die("EncryptMessage or DecryptMessage");
}

static void call_sspi_record(struct row *row)
{
    size_t kind = kind_of(row);
    SecBuffer buffers[4] = {
        {logons[kind].header, SECBUFFER_STREAM_HEADER, data - logons[kind].header},
        {(ULONG)row->message, SECBUFFER_DATA, data},
        {logons[kind].trailer, SECBUFFER_STREAM_TRAILER, data + row->message},
        {0, SECBUFFER_EMPTY, NULL},
    };
    SecBufferDesc descriptor = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status = EncryptMessage(&logons[kind].client.context, 0, &descriptor, 0);
    SecBuffer record = {buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer,
                        SECBUFFER_DATA, buffers[0].pvBuffer};

    memset(buffers, 0, sizeof buffers);
    buffers[0] = record;
    if (status != SEC_E_OK ||
        DecryptMessage(&logons[kind].server.context, &descriptor, 0, NULL) != SEC_E_OK)
        shim_die("EncryptMessage or DecryptMessage");
}

static void run_gss(struct row *row)
{
    run_elsewhere(row, call_gss);
}

static void run_gss_iov(struct row *row)
{
    run_elsewhere(row, call_gss_iov);
}

static void run_sspi(struct row *row)
{
    run_elsewhere(row, call_sspi);
}

static void run_sspi_record(struct row *row)
{
    run_elsewhere(row, call_sspi_record);
}

static struct row rows[] = {
    {"Kerberos, gss_*_iov, 1 KiB", .run = run_gss_iov, .message = SMALL},
    {"Kerberos, SSPI, 1 KiB", .run = run_sspi, .message = SMALL},
    {"Kerberos, gss_*_iov, 16 KiB", .run = run_gss_iov, .message = LARGE},
    {"Kerberos, SSPI, 16 KiB", .run = run_sspi, .message = LARGE},
    {"NTLM, gss_wrap and gss_unwrap, 1 KiB", .run = run_gss, .message = SMALL},
    {"NTLM, SSPI, 1 KiB", .run = run_sspi, .message = SMALL},
    {"NTLM, gss_wrap and gss_unwrap, 16 KiB", .run = run_gss, .message = LARGE},
    {"NTLM, SSPI, 16 KiB", .run = run_sspi, .message = LARGE},
    {"Negotiate, gss_*_iov, 1 KiB", .run = run_gss_iov, .message = SMALL},
    {"Negotiate, SSPI, 1 KiB", .run = run_sspi, .message = SMALL},
    {"Negotiate, gss_*_iov, 16 KiB", .run = run_gss_iov, .message = LARGE},
    {"Negotiate, SSPI, 16 KiB", .run = run_sspi, .message = LARGE},
    {"CREDSSP, gss_*_iov, 1 KiB", .run = run_gss_iov, .message = SMALL},
    {"CREDSSP, SSPI, 1 KiB", .run = run_sspi_record, .message = SMALL},
    {"CREDSSP, gss_*_iov, 16 KiB", .run = run_gss_iov, .message = LARGE},
    {"CREDSSP, SSPI, 16 KiB", .run = run_sspi_record, .message = LARGE},
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static const struct ratio ratios[] = {
    {"Kerberos, 1 KiB", 1, {0}, 1},  {"Kerberos, 16 KiB", 3, {2}, 1},
    {"NTLM, 1 KiB", 5, {4}, 1},      {"NTLM, 16 KiB", 7, {6}, 1},
    {"Negotiate, 1 KiB", 9, {8}, 1}, {"Negotiate, 16 KiB", 11, {10}, 1},
    {"CREDSSP, 1 KiB", 13, {12}, 1}, {"CREDSSP, 16 KiB", 15, {14}, 1},
};
#define RATIO_COUNT (sizeof ratios / sizeof ratios[0])

static size_t kind_of(const struct row *row)
{
    return (size_t)(row - rows) / (ROW_COUNT / KINDS);
}

static gss_ctx_id_t gss_of(struct shim_side *party)
{
    SecPkgContext_GssContext gss;

    if (QueryContextAttributesA(&party->context, SECPKG_ATTR_GSS_CONTEXT, &gss) != SEC_E_OK)
        shim_die("QueryContextAttributes");
    return gss.Context;
}

static void set_up(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        SecPkgContext_StreamSizes stream = {0};
        SecPkgContext_Sizes sizes;

        shim_logon_run(kinds[i].package, kinds[i].by_password, &logons[i].client,
                       &logons[i].server);
        (void)QueryContextAttributesA(&logons[i].client.context, SECPKG_ATTR_SIZES, &sizes);
        (void)QueryContextAttributesA(&logons[i].client.context, SECPKG_ATTR_STREAM_SIZES, &stream);
        logons[i].header = kinds[i].is_stream ? stream.cbHeader : sizes.cbSecurityTrailer;
        logons[i].trailer = stream.cbTrailer;
    }
    for (size_t i = 0; i < ROW_COUNT; i++) {
        rows[i].client = gss_of(&logons[kind_of(&rows[i])].client);
        rows[i].server = gss_of(&logons[kind_of(&rows[i])].server);
        rows[i].run(&rows[i]);
        size_batch(&rows[i]);
    }
}

static void tear_down(void)
{
    for (size_t i = 0; i < KINDS; i++)
        shim_logon_end(&logons[i].client, &logons[i].server);
}

/* False when one that is as long as the limit is for exceeds it. */
static bool show_ratios(void)
{
    bool kept = true;

    printf("Cost, where that of the gss_* calls is 1\n");
    for (size_t i = 0; i < RATIO_COUNT; i++) {
        double ratio = ratio_of(rows, &ratios[i]);
        bool exceeds = rows[ratios[i].row].message == LARGE && ratio > COST_LIMIT;

        printf("  %-20s %.3f%s\n", ratios[i].text, ratio, exceeds ? "  over the limit" : "");
        kept = kept && !exceeds;
    }
    return kept;
}

static bool measure_all(void)
{
    sample(rows, ROW_COUNT);
    printf("Messages from client to server, sealed and opened (limit of 16 KiB: %.2f)\n",
           COST_LIMIT);
    for (size_t i = 0; i < ROW_COUNT; i++)
        show(&rows[i], i + 1);
    return show_ratios();
}

int main(int argc, char **argv)
{
    bool kept = true;

    set_up();
    if (argc == 3) {
        size_t row = strtoul(argv[1], NULL, 10);

        for (unsigned long i = strtoul(argv[2], NULL, 10); i > 0; i--)
            rows[(row - 1) % ROW_COUNT].run(&rows[(row - 1) % ROW_COUNT]);
    } else {
        kept = measure_all();
    }
    tear_down();
    return kept ? EXIT_SUCCESS : EXIT_FAILURE;
}
