#include "mech/tls_priority.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * What CredSSP never speaks, whatever the system's policy or the administrator's string enables.
 * DTLS is no part of a stream session, but costs nothing to name.
 */
#define PRIORITY_RESTRICTION "-VERS-SSL3.0:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS-ALL"

static const char *const restrictions[TLS_VERSIONS_COUNT] = {
    [TLS_VERSIONS_ALL] = PRIORITY_RESTRICTION,
    [TLS_VERSIONS_1_2] = PRIORITY_RESTRICTION ":-VERS-TLS1.3",
    [TLS_VERSIONS_1_3] = PRIORITY_RESTRICTION ":-VERS-TLS1.2",
};

/*
 * Priority strings take a while to parse; the last one used is kept. GnuTLS counts its own references
 * from sessions to the parsed form, so that ours may go when another string comes.
 */
static pthread_mutex_t last_priority_lock = PTHREAD_MUTEX_INITIALIZER;
static char *last_priority_text; /* NULL: the system's default */
static enum tls_versions last_priority_versions;
static gnutls_priority_t last_priority;

static bool is_last_priority(const char *priority, enum tls_versions versions)
{
    if (last_priority == NULL || versions != last_priority_versions ||
        (priority == NULL) != (last_priority_text == NULL))
        return false;
    return priority == NULL || strcmp(priority, last_priority_text) == 0;
}

static int parse_priority(const char *priority, enum tls_versions versions,
                          gnutls_priority_t *parsed)
{
    char *restricted = NULL;
    int status;

    if (priority == NULL)
        return gnutls_priority_init2(parsed, restrictions[versions], NULL,
                                     GNUTLS_PRIORITY_INIT_DEF_APPEND);
    if (asprintf(&restricted, "%s:%s", priority, restrictions[versions]) < 0)
        return GNUTLS_E_MEMORY_ERROR;
    status = gnutls_priority_init(parsed, restricted, NULL);
    free(restricted);
    return status;
}

/* Makes priority the last one used; the lock is held. */
static int keep_priority(const char *priority, enum tls_versions versions)
{
    gnutls_priority_t parsed = NULL;
    char *text = NULL;
    int status = parse_priority(priority, versions, &parsed);

    if (status < 0)
        return status;
    if (priority != NULL && (text = strdup(priority)) == NULL) {
        gnutls_priority_deinit(parsed);
        return GNUTLS_E_MEMORY_ERROR;
    }
    if (last_priority != NULL)
        gnutls_priority_deinit(last_priority);
    free(last_priority_text);
    last_priority = parsed;
    last_priority_text = text;
    last_priority_versions = versions;
    return 0;
}

int tls_priority_set(gnutls_session_t session, const char *priority, enum tls_versions versions)
{
    int status = 0;

    (void)pthread_mutex_lock(&last_priority_lock);
    if (!is_last_priority(priority, versions))
        status = keep_priority(priority, versions);
    if (status >= 0)
        status = gnutls_priority_set(session, last_priority);
    (void)pthread_mutex_unlock(&last_priority_lock);
    return status;
}
