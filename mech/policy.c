#include "mech/policy.h"

#include <krb5.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "mech/certificate_source.h"
#include "mech/policy_option.h"
#include "mech/status.h"

/* A reading is used for this long without looking at the files again. */
#define POLICY_MAXIMUM_AGE_SECONDS 1

#define DEFAULT_MINIMUM_VERSION  5
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
    delegation_policy_clear(&policy->delegation);
    free(policy->target_packages);
    free(policy->certificate);
    free(policy->private_key);
    free(policy->tls_priority);
    tls_policy_release(&policy->tls);
    free(policy);
}

/* As they are written in krb5.conf, by their order in the enumeration. */
static const char *const channel_binding_modes[] = {"none", "when_supplied", "required"};

static const char *const self_signed_keys[] = {"rsa", "ecdsa", "ed25519"};

bool channel_binding_mode_parse(const char *text, enum channel_binding_mode *mode)
{
    size_t word;
    bool found = policy_word_find(channel_binding_modes,
                                  sizeof channel_binding_modes / sizeof channel_binding_modes[0],
                                  text, &word);

    if (found)
        *mode = (enum channel_binding_mode)word;
    return found;
}

/* The next word "pattern=list" of *text; false at the end. An empty list means there was no '='. */
static bool next_target(const char **text, struct byte_range *pattern, struct byte_range *list)
{
    const char *equals;
    size_t length;

    *text += strspn(*text, POLICY_LIST_SEPARATORS);
    length = strcspn(*text, POLICY_LIST_SEPARATORS);
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
            !policy_pattern_is_right((const char *)pattern.data, pattern.length) ||
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

/* A version of CredSSP; that of default_version when the option is not set. */
static bool read_version(krb5_context krb5, const char *name, int default_version, int *version,
                         bool *failed)
{
    char *text = policy_option_read(krb5, name, NULL, failed);

    *version = default_version;
    if (text != NULL)
        *version = strlen(text) == 1 ? *text - '0' : 0;
    free(text);
    return *version >= LOWEST_VERSION && *version <= HIGHEST_VERSION;
}

/* Returns the name of a bad one, or NULL. */
static const char *read_minimum_versions(krb5_context krb5, struct policy *policy, bool *failed)
{
    static const char *const names[] = {
        [POLICY_CLIENT] = "minimum_version_client",
        [POLICY_SERVER] = "minimum_version_server",
    };

    if (!read_version(krb5, "minimum_version", DEFAULT_MINIMUM_VERSION, &policy->minimum_version,
                      failed))
        return "minimum_version";
    for (size_t role = 0; role < 2; role++) {
        if (!read_version(krb5, names[role], policy->minimum_version,
                          &policy->minimum_version_of[role], failed))
            return names[role];
    }
    return NULL;
}

/* Options whose values must be checked. Returns the name of a bad one, or NULL. */
static const char *read_checked_options(krb5_context krb5, struct policy *policy, bool *failed)
{
    const char *bad = NULL;
    size_t word = 0;
    const char *bad_version;
    char *packages = policy_option_read(krb5, "packages", "", failed);
    char *key = policy_option_read(krb5, "self_signed_key", "rsa", failed);
    char *bindings = policy_option_read(krb5, "channel_bindings", DEFAULT_CHANNEL_BINDINGS, failed);

    if (*failed)
        goto done;
    if (!package_list_parse(packages, strlen(packages), &policy->packages))
        bad = "packages";
    if (delegation_policy_flaw(&policy->delegation) != NULL)
        bad = delegation_policy_flaw(&policy->delegation);
    if (!target_packages_are_right(policy->target_packages))
        bad = "target_packages";
    if (!channel_binding_mode_parse(bindings, &policy->channel_bindings))
        bad = "channel_bindings";
    if (!policy_word_find(self_signed_keys, SELF_SIGNED_KINDS, key, &word))
        bad = "self_signed_key";
    policy->self_signed_key = (enum self_signed_key)word;
    bad_version = read_minimum_versions(krb5, policy, failed);
    if (bad_version != NULL)
        bad = bad_version;
    if ((policy->certificate == NULL) != (policy->private_key == NULL))
        bad = policy->certificate == NULL ? "private_key (without certificate)"
                                          : "certificate (without private_key)";
done:
    free(packages);
    free(key);
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
    delegation_policy_read(krb5, &policy->delegation, &failed);
    policy->target_packages = policy_option_read(krb5, "target_packages", "", &failed);
    policy->certificate = policy_option_read(krb5, "certificate", NULL, &failed);
    policy->private_key = policy_option_read(krb5, "private_key", NULL, &failed);
    policy->tls_priority = policy_option_read(krb5, "tls_priority", NULL, &failed);
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

bool policy_pattern_is_right(const char *pattern, size_t length)
{
    const char *star = memchr(pattern, '*', length);

    return memchr(pattern, ',', length) == NULL &&
           (star == NULL || memchr(star + 1, '*', length - (size_t)(star - pattern) - 1) == NULL);
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

OM_uint32 policy_describe(OM_uint32 *minor, const struct policy *policy, gss_buffer_t text)
{
    char *packages = package_list_text(&policy->packages);
    char *delegation = delegation_policy_text(&policy->delegation);
    char *tls = tls_policy_text(&policy->tls);
    char *lines = NULL;
    int length = packages == NULL || tls == NULL || delegation == NULL
                     ? -1
                     : asprintf(&lines,
                                "%s"
                                "packages = %s\n"
                                "target_packages = %s\n"
                                "channel_bindings = %s\n"
                                "minimum_version = %d\n"
                                "minimum_version_client = %d\n"
                                "minimum_version_server = %d\n"
                                "certificate = %.*s\n"
                                "private_key = %.*s\n"
                                "self_signed_key = %s\n"
                                "tls_priority = %s\n"
                                "%s",
                                delegation, packages, policy->target_packages,
                                channel_binding_modes[policy->channel_bindings],
                                policy->minimum_version, policy->minimum_version_of[POLICY_CLIENT],
                                policy->minimum_version_of[POLICY_SERVER],
                                certificate_source_shown(text_or_empty(policy->certificate)),
                                text_or_empty(policy->certificate),
                                certificate_source_shown(text_or_empty(policy->private_key)),
                                text_or_empty(policy->private_key),
                                self_signed_keys[policy->self_signed_key],
                                text_or_empty(policy->tls_priority), tls);

    free(packages);
    free(tls);
    free(delegation);
    if (length < 0)
        return fail_no_memory(minor);
    text->value = lines;
    text->length = (size_t)length;
    *minor = 0;
    return GSS_S_COMPLETE;
}
