#include "mech/policy.h"

#include <krb5.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "mech/policy_option.h"
#include "mech/status.h"

/* Blanks that separate the patterns of a list. */
#define LIST_SEPARATORS " \t\r\n"

/* A reading is used for this long without looking at the files again. */
#define POLICY_MAXIMUM_AGE_SECONDS 1

/* What Windows allows when its policies are not configured. */
#define DEFAULT_ALLOW_FRESH "TERMSRV/*"
#define DEFAULT_ALLOW_NONE  ""

#define DEFAULT_MINIMUM_VERSION  "5"
#define DEFAULT_CHANNEL_BINDINGS "when_supplied"
#define LOWEST_VERSION           2
#define HIGHEST_VERSION          6

static pthread_mutex_t current_lock = PTHREAD_MUTEX_INITIALIZER;
static struct policy *current;
static time_t current_read_at;

static void policy_free(struct policy *policy)
{
    if (policy == NULL)
        return;
    for (int kind = 0; kind < 2; kind++) {
        free(policy->allow[kind][0]);
        free(policy->allow[kind][1]);
        free(policy->deny[kind]);
    }
    free(policy->target_packages);
    free(policy->certificate);
    free(policy->private_key);
    free(policy->tls_priority);
    tls_policy_release(&policy->tls);
    free(policy);
}

/* As they are written in krb5.conf, by their order in the enumeration. */
static const char *const channel_binding_modes[] = {"none", "when_supplied", "required"};

bool channel_binding_mode_parse(const char *text, enum channel_binding_mode *mode)
{
    const size_t count = sizeof channel_binding_modes / sizeof channel_binding_modes[0];

    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(text, channel_binding_modes[i]) == 0) {
            *mode = (enum channel_binding_mode)i;
            return true;
        }
    }
    return false;
}

/* The next word "pattern=list" of *text; false at the end. An empty list means there was no '='. */
static bool next_target(const char **text, struct byte_range *pattern, struct byte_range *list)
{
    const char *equals;
    size_t length;

    *text += strspn(*text, LIST_SEPARATORS);
    length = strcspn(*text, LIST_SEPARATORS);
    if (length == 0)
        return false;
    equals = memchr(*text, '=', length);
    *pattern = byte_range_of(*text, equals != NULL ? (size_t)(equals - *text) : length);
    *list = equals != NULL ? byte_range_of(equals + 1, length - pattern->length - 1)
                           : byte_range_of(NULL, 0);
    *text += length;
    return true;
}

static bool target_packages_are_right(const char *text)
{
    struct byte_range pattern;
    struct byte_range list;
    struct package_list packages;

    while (text != NULL && next_target(&text, &pattern, &list)) {
        if (pattern.length == 0 || list.length == 0 ||
            !package_list_parse((const char *)list.data, list.length, &packages))
            return false;
    }
    return true;
}

void policy_packages_for(const struct policy *policy, const char *target,
                         struct package_list *packages)
{
    const char *text = policy->target_packages;
    struct byte_range pattern;
    struct byte_range list;

    while (next_target(&text, &pattern, &list)) {
        if (policy_pattern_matches((const char *)pattern.data, pattern.length, target)) {
            (void)package_list_parse((const char *)list.data, list.length, packages);
            return;
        }
    }
    *packages = policy->packages;
}

/* Options whose values must be checked. Returns the name of a bad one, or NULL. */
static const char *read_checked_options(krb5_context krb5, struct policy *policy, bool *failed)
{
    const char *bad = NULL;
    char *packages = read_option(krb5, "packages", "", failed);
    char *key = read_option(krb5, "self_signed_key", "rsa", failed);
    char *version = read_option(krb5, "minimum_version", DEFAULT_MINIMUM_VERSION, failed);
    char *bindings = read_option(krb5, "channel_bindings", DEFAULT_CHANNEL_BINDINGS, failed);

    if (*failed)
        goto done;
    if (!package_list_parse(packages, strlen(packages), &policy->packages))
        bad = "packages";
    if (!target_packages_are_right(policy->target_packages))
        bad = "target_packages";
    if (!channel_binding_mode_parse(bindings, &policy->channel_bindings))
        bad = "channel_bindings";
    if (strcasecmp(key, "rsa") == 0)
        policy->self_signed_key = SELF_SIGNED_RSA;
    else if (strcasecmp(key, "ecdsa") == 0)
        policy->self_signed_key = SELF_SIGNED_ECDSA;
    else
        bad = "self_signed_key";
    policy->minimum_version = strlen(version) == 1 ? *version - '0' : 0;
    if (policy->minimum_version < LOWEST_VERSION || policy->minimum_version > HIGHEST_VERSION)
        bad = "minimum_version";
    if ((policy->certificate == NULL) != (policy->private_key == NULL))
        bad = policy->certificate == NULL ? "private_key (without certificate)"
                                          : "certificate (without private_key)";
done:
    free(packages);
    free(key);
    free(version);
    free(bindings);
    return bad;
}

static struct policy *policy_read(OM_uint32 *minor)
{
    struct policy *policy = calloc(1, sizeof *policy);
    krb5_context krb5 = NULL;
    const char *bad = NULL;
    bool failed = false;
    krb5_error_code code;

    if (policy == NULL)
        return (void)fail_no_memory(minor), NULL;
    code = krb5_init_context(&krb5);
    if (code != 0) {
        (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CONFIGURATION,
                   "krb5.conf cannot be read (Kerberos error %ld)", (long)code);
        goto failure;
    }
    policy->references = 1;
    policy->allow[FRESH_CREDENTIALS][0] =
        read_option(krb5, "AllowFreshCredentials", DEFAULT_ALLOW_FRESH, &failed);
    policy->allow[FRESH_CREDENTIALS][1] =
        read_option(krb5, "AllowFreshCredentialsWhenNTLMOnly", DEFAULT_ALLOW_FRESH, &failed);
    policy->allow[DEFAULT_CREDENTIALS][0] =
        read_option(krb5, "AllowDefaultCredentials", DEFAULT_ALLOW_NONE, &failed);
    policy->allow[DEFAULT_CREDENTIALS][1] =
        read_option(krb5, "AllowDefaultCredentialsWhenNTLMOnly", DEFAULT_ALLOW_NONE, &failed);
    policy->deny[FRESH_CREDENTIALS] =
        read_option(krb5, "DenyFreshCredentials", DEFAULT_ALLOW_NONE, &failed);
    policy->deny[DEFAULT_CREDENTIALS] =
        read_option(krb5, "DenyDefaultCredentials", DEFAULT_ALLOW_NONE, &failed);
    policy->target_packages = read_option(krb5, "target_packages", "", &failed);
    policy->certificate = read_option(krb5, "certificate", NULL, &failed);
    policy->private_key = read_option(krb5, "private_key", NULL, &failed);
    policy->tls_priority = read_option(krb5, "tls_priority", NULL, &failed);
    bad = read_checked_options(krb5, policy, &failed);
    if (bad == NULL)
        bad = tls_policy_read(krb5, &policy->tls, &failed);
    krb5_free_context(krb5);
    if (failed) {
        (void)fail_no_memory(minor);
        goto failure;
    }
    if (bad != NULL) {
        (void)fail(minor, GSS_S_FAILURE, GSS_SSPI_E_CONFIGURATION, "%s", bad);
        goto failure;
    }
    return policy;

failure:
    policy_free(policy);
    return NULL;
}

struct policy *policy_acquire(OM_uint32 *minor)
{
    struct policy *policy;
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    (void)pthread_mutex_lock(&current_lock);
    if (current == NULL || now.tv_sec - current_read_at >= POLICY_MAXIMUM_AGE_SECONDS) {
        struct policy *old = current;

        current = policy_read(minor);
        current_read_at = now.tv_sec;
        if (old != NULL && __atomic_sub_fetch(&old->references, 1, __ATOMIC_ACQ_REL) == 0)
            policy_free(old);
    }
    policy = current;
    if (policy != NULL)
        (void)__atomic_add_fetch(&policy->references, 1, __ATOMIC_RELAXED);
    (void)pthread_mutex_unlock(&current_lock);
    return policy;
}

void policy_release(struct policy *policy)
{
    if (policy != NULL && __atomic_sub_fetch(&policy->references, 1, __ATOMIC_ACQ_REL) == 0)
        policy_free(policy);
}

bool policy_pattern_matches(const char *pattern, size_t length, const char *text)
{
    const char *star = memchr(pattern, '*', length);
    size_t before = star != NULL ? (size_t)(star - pattern) : length;
    size_t after = star != NULL ? length - before - 1 : 0;
    size_t text_length = strlen(text);

    if (star == NULL)
        return text_length == length && strncasecmp(pattern, text, length) == 0;
    if (memchr(star + 1, '*', after) != NULL || text_length < before + after)
        return false;
    return strncasecmp(pattern, text, before) == 0 &&
           strncasecmp(star + 1, text + text_length - after, after) == 0;
}

static bool list_matches(const char *list, const char *text)
{
    while (*(list += strspn(list, LIST_SEPARATORS)) != '\0') {
        size_t length = strcspn(list, LIST_SEPARATORS);

        if (policy_pattern_matches(list, length, text))
            return true;
        list += length;
    }
    return false;
}

enum delegation_answer policy_allows_delegation(const struct policy *policy,
                                                enum credentials_kind kind, enum server_proof proof,
                                                const char *target)
{
    bool proved = list_matches(policy->allow[kind][0], target);
    bool ntlm_only = list_matches(policy->allow[kind][1], target);

    if (list_matches(policy->deny[kind], target))
        return DELEGATION_DENIED;
    switch (proof) {
    case SERVER_NOT_KNOWN_YET:
        return proved || ntlm_only ? DELEGATION_ALLOWED : DELEGATION_DENIED;
    case SERVER_PROVED_NTLM:
        if (ntlm_only)
            return DELEGATION_ALLOWED;
        return proved ? DELEGATION_DENIED_NTLM_ONLY : DELEGATION_DENIED;
    case SERVER_PROVED:
    default:
        return proved ? DELEGATION_ALLOWED : DELEGATION_DENIED;
    }
}

OM_uint32 policy_describe(OM_uint32 *minor, const struct policy *policy, gss_buffer_t text)
{
    char *packages = package_list_text(&policy->packages);
    char *tls = tls_policy_text(&policy->tls);
    char *lines = NULL;
    int length =
        packages == NULL || tls == NULL
            ? -1
            : asprintf(&lines,
                       "AllowFreshCredentials = %s\n"
                       "AllowFreshCredentialsWhenNTLMOnly = %s\n"
                       "AllowDefaultCredentials = %s\n"
                       "AllowDefaultCredentialsWhenNTLMOnly = %s\n"
                       "DenyFreshCredentials = %s\n"
                       "DenyDefaultCredentials = %s\n"
                       "packages = %s\n"
                       "target_packages = %s\n"
                       "channel_bindings = %s\n"
                       "minimum_version = %d\n"
                       "certificate = %s\n"
                       "private_key = %s\n"
                       "self_signed_key = %s\n"
                       "tls_priority = %s\n"
                       "%s",
                       policy->allow[FRESH_CREDENTIALS][0], policy->allow[FRESH_CREDENTIALS][1],
                       policy->allow[DEFAULT_CREDENTIALS][0], policy->allow[DEFAULT_CREDENTIALS][1],
                       policy->deny[FRESH_CREDENTIALS], policy->deny[DEFAULT_CREDENTIALS], packages,
                       policy->target_packages, channel_binding_modes[policy->channel_bindings],
                       policy->minimum_version, text_or_empty(policy->certificate),
                       text_or_empty(policy->private_key),
                       policy->self_signed_key == SELF_SIGNED_RSA ? "rsa" : "ecdsa",
                       text_or_empty(policy->tls_priority), tls);

    free(packages);
    free(tls);
    if (length < 0)
        return fail_no_memory(minor);
    text->value = lines;
    text->length = (size_t)length;
    *minor = 0;
    return GSS_S_COMPLETE;
}
