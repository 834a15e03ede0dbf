/*
 * Memory of CredSSP contexts beside that of what they are made of; many contexts at once.
 *
 * Memory is what malloc has given out after many of a kind were made, over their number; the first few
 * are left out, which bring what is shared.
 *
 * No figure makes it fail; a logon or a message that does not succeed does.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gssapi_sspi.h"
#include "tests/bench/logon.h"
#include "tests/bench/tls_pair.h"

#define FIRST_FEW 20
#define MEASURED  200
#define AT_ONCE   10000 /* clients and servers together */

#define MESSAGE_OCTETS 16384

static gnutls_certificate_credentials_t tls_client;
static gnutls_certificate_credentials_t tls_server;
static struct credentials negotiate_credentials;
static struct credentials credssp_credentials;

/* One of a kind: what of it there is. */
struct made {
    gss_ctx_id_t client;
    gss_ctx_id_t server;
    struct tls_pair *tls;
};

/* --- memory --- */

static void open_tls_half(struct made *made)
{
    if (!tls_pair_half_open(made->tls, tls_client, tls_server))
        die("the TLS handshake failed", GSS_S_FAILURE, 0);
}

static void open_tls(struct made *made)
{
    if (!tls_pair_handshake(made->tls, tls_client, tls_server))
        die("the TLS handshake failed", GSS_S_FAILURE, 0);
}

static void open_negotiate(struct made *made)
{
    const struct logon logon = {.mechanism = &GSS_SSPI_MECH_NEGOTIATE_desc,
                                .header = &GSS_SSPI_MECH_NEGOTIATE_desc,
                                .with_sealed = true,
                                .credentials = negotiate_credentials};

    logon_run(&logon, &made->client, &made->server);
}

static void open_credssp(struct made *made)
{
    const struct logon logon = {.mechanism = &GSS_SSPI_MECH_CREDSSP_desc,
                                .credentials = credssp_credentials};

    logon_run(&logon, &made->client, &made->server);
}

static void open_credssp_half(struct made *made)
{
    const struct logon logon = {.mechanism = &GSS_SSPI_MECH_CREDSSP_desc,
                                .credentials = credssp_credentials};
    OM_uint32 minor;

    logon_begin(&logon, &made->client, &made->server);
    (void)gss_delete_sec_context(&minor, &made->client, GSS_C_NO_BUFFER);
}

static void give_up(struct made *made)
{
    OM_uint32 minor;

    (void)gss_delete_sec_context(&minor, &made->client, GSS_C_NO_BUFFER);
    (void)gss_delete_sec_context(&minor, &made->server, GSS_C_NO_BUFFER);
    if (made->tls != NULL)
        tls_pair_end(made->tls);
}

static struct made *reserve(size_t count, bool with_tls)
{
    struct made *made = calloc(count, sizeof *made);

    for (size_t i = 0; made != NULL && with_tls && i < count; i++) {
        made[i].tls = calloc(1, sizeof *made[i].tls);
        if (made[i].tls == NULL)
            made = NULL;
    }
    if (made == NULL)
        die("no memory", GSS_S_FAILURE, 0);
    return made;
}

static size_t octets_in_use(void)
{
    const struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Octets that one of a kind holds. */
static double measure(const char *name, void (*open)(struct made *made), bool with_tls)
{
    struct made *made = reserve(FIRST_FEW + MEASURED, with_tls);
    size_t before = 0;
    double octets;

    for (size_t i = 0; i < FIRST_FEW + MEASURED; i++) {
        if (i == FIRST_FEW)
            before = octets_in_use();
        open(&made[i]);
    }
    octets = ((double)octets_in_use() - (double)before) / MEASURED;
    printf("  %-52s %9.0f octets\n", name, octets);
    for (size_t i = 0; i < FIRST_FEW + MEASURED; i++) {
        give_up(&made[i]);
        free(made[i].tls);
    }
    free(made);
    return octets;
}

static void measure_memory(void)
{
    double half_tls;
    double half_ours;
    double tls;
    double negotiate;
    double ours;

    printf("Memory\n");
    half_tls = measure("GnuTLS server after the first flight", open_tls_half, true);
    half_ours = measure("CredSSP acceptor after the first token", open_credssp_half, false);
    tls = measure("GnuTLS client and server, established", open_tls, true);
    negotiate = measure("Negotiate client and server, established", open_negotiate, false);
    ours = measure("CredSSP client and server, established", open_credssp, false);
    printf("      %-52s %9.3f\n", "half open: CredSSP / GnuTLS (limit 1.15)", half_ours / half_tls);
    printf("      %-52s %9.3f\n\n", "established: CredSSP / (GnuTLS + Negotiate) (limit 1.15)",
           ours / (tls + negotiate));
}

/* --- many at once --- */

static void send_message(gss_ctx_id_t from, gss_ctx_id_t to)
{
    static const char text[MESSAGE_OCTETS];
    gss_buffer_desc message = {sizeof text, (void *)(uintptr_t)text};
    gss_buffer_desc sealed = GSS_C_EMPTY_BUFFER;
    gss_buffer_desc opened = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    OM_uint32 major = gss_wrap(&minor, from, 1, GSS_C_QOP_DEFAULT, &message, NULL, &sealed);

    if (!GSS_ERROR(major))
        major = gss_unwrap(&minor, to, &sealed, &opened, NULL, NULL);
    if (GSS_ERROR(major) || opened.length != sizeof text)
        die("a message", major, minor);
    (void)gss_release_buffer(&minor, &sealed);
    (void)gss_release_buffer(&minor, &opened);
}

static void measure_many(void)
{
    const size_t count = AT_ONCE / 2;
    struct made *made = reserve(count, false);
    size_t before = octets_in_use();

    for (size_t i = 0; i < count; i++)
        open_credssp(&made[i]);
    for (size_t i = 0; i < count; i++) {
        send_message(made[i].client, made[i].server);
        send_message(made[i].server, made[i].client);
    }
    printf("%d contexts at once, with a message each\n  %-52s %9.0f octets\n\n", AT_ONCE,
           "one of them", (double)(octets_in_use() - before) / AT_ONCE);
    for (size_t i = 0; i < count; i++)
        give_up(&made[i]);
    free(made);
}

int main(void)
{
    logon_set_up();
    tls_server = tls_pair_certificate(false);
    if (tls_server == NULL || gnutls_certificate_allocate_credentials(&tls_client) < 0)
        die("no memory or no certificate", GSS_S_FAILURE, 0);
    negotiate_credentials = credentials_acquire(&GSS_SSPI_MECH_NEGOTIATE_desc);
    credssp_credentials = credentials_acquire(&GSS_SSPI_MECH_CREDSSP_desc);
    measure_memory();
    measure_many();
    credentials_release(&negotiate_credentials);
    credentials_release(&credssp_credentials);
    logon_tear_down();
    gnutls_certificate_free_credentials(tls_client);
    gnutls_certificate_free_credentials(tls_server);
    tls_pair_tear_down();
    return EXIT_SUCCESS;
}
