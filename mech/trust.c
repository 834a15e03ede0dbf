#include "mech/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "mech/status.h"

/* Where the system keeps its authorities is GnuTLS' knowledge: they are read again so often. */
#define SYSTEM_TRUST_SECONDS 600

static struct file_cache trusts = FILE_CACHE_INITIALIZER;

static void trust_destroy(struct cached *cached)
{
    struct trust *trust = (struct trust *)cached;

    if (trust->list != NULL)
        gnutls_x509_trust_list_deinit(trust->list, 1);
    free(trust);
}

static struct cached *make_trust(OM_uint32 *minor, const void *argument)
{
    const char *file = argument;
    struct trust *trust = calloc(1, sizeof *trust);
    int count;

    if (trust == NULL) {
        (void)fail_no_memory(minor);
        return NULL;
    }
    trust->base = (struct cached){.references = 1, .destroy = trust_destroy};
    count = gnutls_x509_trust_list_init(&trust->list, 0);
    if (count >= 0)
        count = file != NULL ? gnutls_x509_trust_list_add_trust_file(trust->list, file, NULL,
                                                                     GNUTLS_X509_FMT_PEM, 0, 0)
                             : gnutls_x509_trust_list_add_system_trust(trust->list, 0, 0);
    if (count > 0)
        return &trust->base;
    (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_TRUST, "%s: %s",
               file != NULL ? file : "the system's",
               count < 0 ? gnutls_strerror(count) : "there are none");
    cached_release(&trust->base);
    return NULL;
}

/* As long as this stays the same, the system's authorities are not read again. */
static char *system_identity(void)
{
    struct timespec now = {0};
    char *identity = NULL;

    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    if (asprintf(&identity, "system %jd", (intmax_t)now.tv_sec / SYSTEM_TRUST_SECONDS) < 0)
        return NULL;
    return identity;
}

struct trust *trust_acquire(OM_uint32 *minor, const char *file)
{
    char *identity = file != NULL ? file_identity(file, NULL) : system_identity();

    return (struct trust *)file_cache_acquire(minor, &trusts, identity, make_trust, file);
}
