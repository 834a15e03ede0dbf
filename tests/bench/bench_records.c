/*
 * What CredSSP's messages cost beside GnuTLS' records over memory: CPU time of sealing a message at
 * the client and opening it at the server, by gss_wrap and gss_unwrap and in place. GSS-API's calls
 * return new memory each time, which the caller frees: GnuTLS' records are shown without and with that.
 * What is compared
 * runs in turn, in small batches, so that whatever else the machine does hits all of it alike;
 * medians are shown.
 *
 * bench_records             the table
 * bench_records ROW COUNT   only what is measured in the row of this number, so many times, for a
 *                           profiler
 *
 * No figure makes it fail; a message that does not arrive does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gssapi/gssapi_ext.h>

#include "gssapi_sspi.h"
#include "tests/bench/comparison.h"
#include "tests/bench/tls_pair.h"

#define LARGEST 16384

static gnutls_certificate_credentials_t tls_client;
static gnutls_certificate_credentials_t tls_server;
static struct tls_pair tls;

static unsigned char octets[LARGEST];
static unsigned char received[LARGEST];

static void run_record(struct row *row)
{
    if (!tls_pair_send(&tls, octets, row->message, received))
        die("the TLS record failed", GSS_S_FAILURE, 0);
}

static void run_record_in_new_memory(struct row *row)
{
    if (!tls_pair_send_in_new_memory(&tls, octets, row->message))
        die("the TLS record failed", GSS_S_FAILURE, 0);
}

static void run_wrap(struct row *row)
{
    gss_buffer_desc message = {row->message, octets};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_wrap(&minor, row->client, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed);

    if (!GSS_ERROR(major))
        major = gss_unwrap(&minor, row->server, &sealed, &opened, NULL, NULL);
    if (GSS_ERROR(major) || opened.length != row->message)
        die("gss_wrap or gss_unwrap", major, minor);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &opened);
}

static void run_in_place(struct row *row)
{
    unsigned char header[TLS_RECORD_OVERHEAD];
    unsigned char trailer[TLS_RECORD_OVERHEAD];
    gss_iov_buffer_desc iov[] = {
        {GSS_IOV_BUFFER_TYPE_HEADER, {sizeof header, header}},
        {GSS_IOV_BUFFER_TYPE_DATA, {row->message, octets}},
        {GSS_IOV_BUFFER_TYPE_TRAILER, {sizeof trailer, trailer}},
    };
    const int count = sizeof iov / sizeof iov[0];
    OM_uint32 minor;
    OM_uint32 major = gss_wrap_iov(&minor, row->client, 1, GSS_C_QOP_DEFAULT, NULL, iov, count);

    if (!GSS_ERROR(major))
        major = gss_unwrap_iov(&minor, row->server, NULL, NULL, iov, count);
    if (GSS_ERROR(major) || iov[1].buffer.length != row->message)
        die("gss_wrap_iov or gss_unwrap_iov", major, minor);
}

static struct row rows[] = {
    {"GnuTLS records, 1 KiB", .run = run_record, .message = 1024},
    {"GnuTLS records in new memory, 1 KiB", .run = run_record_in_new_memory, .message = 1024},
    {"gss_wrap and gss_unwrap, 1 KiB", .run = run_wrap, .message = 1024},
    {"gss_wrap_iov and gss_unwrap_iov, 1 KiB", .run = run_in_place, .message = 1024},
    {"GnuTLS records, 16 KiB", .run = run_record, .message = LARGEST},
    {"GnuTLS records in new memory, 16 KiB", .run = run_record_in_new_memory, .message = LARGEST},
    {"gss_wrap and gss_unwrap, 16 KiB", .run = run_wrap, .message = LARGEST},
    {"gss_wrap_iov and gss_unwrap_iov, 16 KiB", .run = run_in_place, .message = LARGEST},
};

/* How fast ours is: the time of GnuTLS to ours. */
static const struct ratio ratios[] = {
    {"1 KiB: gss_wrap and gss_unwrap (target 0.95)", 0, {2}, 1},
    {"1 KiB: the same, beside records in new memory", 1, {2}, 1},
    {"1 KiB: in place (target 0.95)", 0, {3}, 1},
    {"16 KiB: gss_wrap and gss_unwrap (target 0.97)", 4, {6}, 1},
    {"16 KiB: the same, beside records in new memory", 5, {6}, 1},
    {"16 KiB: in place (target 0.97)", 4, {7}, 1},
};

#define ROW_COUNT   (sizeof rows / sizeof rows[0])
#define RATIO_COUNT (sizeof ratios / sizeof ratios[0])

static void prepare(struct row *row)
{
    row->logon.mechanism = &GSS_SSPI_MECH_CREDSSP_desc;
    if (row->run != run_record && row->run != run_record_in_new_memory)
        logon_run(&row->logon, &row->client, &row->server);
    row->run(row);
    size_batch(row);
}

static void clean_up(struct row *row)
{
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &row->client, GSS_C_NO_BUFFER);
    (void)gss_delete_sec_context(&minor, &row->server, GSS_C_NO_BUFFER);
}

static void set_up(void)
{
    logon_set_up();
    tls_server = tls_pair_certificate(false);
    if (tls_server == NULL || gnutls_certificate_allocate_credentials(&tls_client) < 0 ||
        !tls_pair_handshake(&tls, tls_client, tls_server))
        die("the TLS handshake failed", GSS_S_FAILURE, 0);
}

static void tear_down(void)
{
    tls_pair_end(&tls);
    gnutls_certificate_free_credentials(tls_client);
    gnutls_certificate_free_credentials(tls_server);
    tls_pair_tear_down();
    logon_tear_down();
}

static const struct row_keeping keeping = {prepare, clean_up};

static void measure_all(void)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        prepare(&rows[i]);
    sample(rows, ROW_COUNT);
    printf("Messages from client to server, sealed and opened\n");
    for (size_t i = 0; i < ROW_COUNT; i++)
        show(&rows[i], i + 1);
    printf("Speed, where GnuTLS' records are 1\n");
    for (size_t i = 0; i < RATIO_COUNT; i++)
        printf("      %-52s %9.3f\n", ratios[i].text, ratio_of(rows, &ratios[i]));
    for (size_t i = 0; i < ROW_COUNT; i++)
        clean_up(&rows[i]);
}

int main(int argc, char **argv)
{
    int status = EXIT_SUCCESS;

    set_up();
    if (argc != 3)
        measure_all();
    else if (!run_one_row(rows, ROW_COUNT, &keeping, argv))
        status = EXIT_FAILURE;
    tear_down();
    return status;
}
