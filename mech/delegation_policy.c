#include "mech/delegation_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/byte_buffer.h"
#include "mech/policy.h"
#include "mech/policy_option.h"

/* What Windows allows when its policies are not configured. */
#define REMOTE_DESKTOPS "TERMSRV/*"
#define NOBODY          ""

/* Lists as text: each is a line of krb5.conf, whose lines are shorter. */
#define TEXT_LIMIT ((size_t)1 << 20)

/* The lists of one kind, by the names of the group policy. */
struct list_names {
    const char *allow[2];
    const char *deny;
};

static const struct list_names names[CREDENTIALS_KINDS] = {
    [FRESH_CREDENTIALS] = {{"AllowFreshCredentials", "AllowFreshCredentialsWhenNTLMOnly"},
                           "DenyFreshCredentials"},
    [SAVED_CREDENTIALS] = {{"AllowSavedCredentials", "AllowSavedCredentialsWhenNTLMOnly"},
                           "DenySavedCredentials"},
    [DEFAULT_CREDENTIALS] = {{"AllowDefaultCredentials", "AllowDefCredentialsWhenNTLMOnly"},
                             "DenyDefaultCredentials"},
};

/* What AllowDefCredentialsWhenNTLMOnly is called by those who guess its name by the others. */
static const char default_ntlm_only_in_full[] = "AllowDefaultCredentialsWhenNTLMOnly";

/*
 * Windows delegates saved credentials over NTLM from computers that are in no domain. One of ours
 * is in one when it has a default realm.
 */
static bool is_in_a_domain(krb5_context krb5)
{
    char *realm = NULL;

    if (krb5_get_default_realm(krb5, &realm) != 0)
        return false;
    krb5_free_default_realm(krb5, realm);
    return true;
}

static char *read_default_ntlm_only(krb5_context krb5, const char *name, bool *failed)
{
    char *list = policy_option_read(krb5, name, NULL, failed);

    return list != NULL ? list
                        : policy_option_read(krb5, default_ntlm_only_in_full, NOBODY, failed);
}

void delegation_policy_read(krb5_context krb5, struct delegation_policy *policy, bool *failed)
{
    const struct list_names *name = &names[FRESH_CREDENTIALS];

    policy->allow[FRESH_CREDENTIALS][0] =
        policy_option_read(krb5, name->allow[0], REMOTE_DESKTOPS, failed);
    policy->allow[FRESH_CREDENTIALS][1] =
        policy_option_read(krb5, name->allow[1], REMOTE_DESKTOPS, failed);
    name = &names[SAVED_CREDENTIALS];
    policy->allow[SAVED_CREDENTIALS][0] =
        policy_option_read(krb5, name->allow[0], REMOTE_DESKTOPS, failed);
    policy->allow[SAVED_CREDENTIALS][1] = policy_option_read(
        krb5, name->allow[1], is_in_a_domain(krb5) ? NOBODY : REMOTE_DESKTOPS, failed);
    name = &names[DEFAULT_CREDENTIALS];
    policy->allow[DEFAULT_CREDENTIALS][0] =
        policy_option_read(krb5, name->allow[0], NOBODY, failed);
    policy->allow[DEFAULT_CREDENTIALS][1] = read_default_ntlm_only(krb5, name->allow[1], failed);
    for (int kind = 0; kind < CREDENTIALS_KINDS; kind++)
        policy->deny[kind] = policy_option_read(krb5, names[kind].deny, NOBODY, failed);
}

static bool list_is_right(const char *list)
{
    while (*(list += strspn(list, POLICY_LIST_SEPARATORS)) != '\0') {
        size_t length = strcspn(list, POLICY_LIST_SEPARATORS);

        if (!policy_pattern_is_right(list, length))
            return false;
        list += length;
    }
    return true;
}

const char *delegation_policy_flaw(const struct delegation_policy *policy)
{
    for (int kind = 0; kind < CREDENTIALS_KINDS; kind++) {
        for (int ntlm_only = 0; ntlm_only < 2; ntlm_only++) {
            if (!list_is_right(policy->allow[kind][ntlm_only]))
                return names[kind].allow[ntlm_only];
        }
        if (!list_is_right(policy->deny[kind]))
            return names[kind].deny;
    }
    return NULL;
}

void delegation_policy_clear(struct delegation_policy *policy)
{
    for (int kind = 0; kind < CREDENTIALS_KINDS; kind++) {
        free(policy->allow[kind][0]);
        free(policy->allow[kind][1]);
        free(policy->deny[kind]);
    }
    *policy = (struct delegation_policy){.deny = {NULL}};
}

static bool append_text(struct byte_buffer *text, const char *part)
{
    return byte_buffer_append(text, part, strlen(part));
}

static bool append_list(struct byte_buffer *text, const char *name, const char *list)
{
    return append_text(text, name) && append_text(text, " = ") && append_text(text, list) &&
           append_text(text, "\n");
}

char *delegation_policy_text(const struct delegation_policy *policy)
{
    struct byte_buffer text = {.limit = TEXT_LIMIT};
    bool appended = true;

    for (int kind = 0; kind < CREDENTIALS_KINDS && appended; kind++)
        appended = append_list(&text, names[kind].allow[0], policy->allow[kind][0]) &&
                   append_list(&text, names[kind].allow[1], policy->allow[kind][1]) &&
                   append_list(&text, names[kind].deny, policy->deny[kind]);
    if (!appended || !byte_buffer_append(&text, "", 1)) {
        byte_buffer_release(&text);
        return NULL;
    }
    return (char *)text.data;
}

static bool list_matches(const char *list, const char *text)
{
    while (*(list += strspn(list, POLICY_LIST_SEPARATORS)) != '\0') {
        size_t length = strcspn(list, POLICY_LIST_SEPARATORS);

        if (policy_pattern_matches(list, length, text))
            return true;
        list += length;
    }
    return false;
}

enum delegation_answer delegation_policy_allows(const struct delegation_policy *policy,
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
