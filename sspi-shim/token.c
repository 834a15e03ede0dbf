#include "sspi-shim/token.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <gssapi/gssapi_ext.h>
#include <sspi-gss/sspi_gss.h>
#include "sspi-shim/status.h"

/* More than a passwd entry has anywhere; a longer one is as good as none. */
#define ACCOUNT_OCTETS_MAX ((size_t)1 << 20)
#define ACCOUNT_OCTETS     1024

/* Linux allows a process no more. */
#define GROUPS_MAX 65536

#define NO_ID ((uid_t)-1)

struct token {
    SSPI_GSS_TOKEN_INFORMATION information;
    struct delegation *delegation;
    char *account;
    char *principal;
    gid_t *groups;
    bool is_listed;
    bool is_lent; /* its context frees it */
};

/* Tokens that programs hold, by address: what else they hand in is none. */
static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;
static void *held;

static int compare_addresses(const void *a, const void *b)
{
    return ((uintptr_t)a > (uintptr_t)b) - ((uintptr_t)a < (uintptr_t)b);
}

static bool hold(struct token *token)
{
    bool is_held;

    (void)pthread_mutex_lock(&held_lock);
    is_held = tsearch(token, &held, compare_addresses) != NULL;
    (void)pthread_mutex_unlock(&held_lock);
    return is_held;
}

/* Whether it was held until now. */
static bool let_go(const void *token)
{
    bool was_held;

    (void)pthread_mutex_lock(&held_lock);
    was_held = tdelete(token, &held, compare_addresses) != NULL;
    (void)pthread_mutex_unlock(&held_lock);
    return was_held;
}

static bool is_held(const void *token)
{
    bool found;

    (void)pthread_mutex_lock(&held_lock);
    found = tfind(token, &held, compare_addresses) != NULL;
    (void)pthread_mutex_unlock(&held_lock);
    return found;
}

static char *copy_text(const gss_buffer_desc *text)
{
    return strndup(text->value != NULL ? text->value : "", text->length);
}

static char *principal_of(gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    char *principal = NULL;

    if (!GSS_ERROR(gss_display_name(&minor, name, &text, NULL)))
        principal = copy_text(&text);
    (void)gss_release_buffer(&minor, &text);
    return principal;
}

/*
 * The name of the account that the mechanism says the principal may use here; "" when there is none. It
 * decides alone: a user of some domain is not the user of that name of this machine.
 */
static char *account_of(gss_name_t name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    char *account;

    if (GSS_ERROR(gss_localname(&minor, name, GSS_C_NO_OID, &text)))
        text = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    account = copy_text(&text);
    (void)gss_release_buffer(&minor, &text);
    return account;
}

/* The account's groups; a list that cannot be had leaves the account's own group alone in it. */
static SECURITY_STATUS read_groups(struct token *token, const struct passwd *account)
{
    SSPI_GSS_TOKEN_INFORMATION *information = &token->information;
    int count = 0;

    (void)getgrouplist(account->pw_name, account->pw_gid, NULL, &count);
    if (count < 1 || count > GROUPS_MAX)
        count = 1;
    token->groups = calloc((size_t)count, sizeof *token->groups);
    if (token->groups == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    token->groups[0] = account->pw_gid;
    if (getgrouplist(account->pw_name, account->pw_gid, token->groups, &count) < 0)
        count = 1;
    information->Groups = token->groups;
    information->GroupCount = (ULONG)count;
    return SEC_E_OK;
}

/* Fills in what the passwd and group databases say of the account, if they have it. */
static SECURITY_STATUS read_account(struct token *token)
{
    SECURITY_STATUS status = SEC_E_OK;
    struct passwd entry;
    struct passwd *found = NULL;
    char *octets = NULL;
    int error = ERANGE;

    for (size_t size = ACCOUNT_OCTETS; error == ERANGE && size <= ACCOUNT_OCTETS_MAX; size *= 4) {
        char *larger = realloc(octets, size);

        if (larger == NULL) {
            free(octets);
            return SEC_E_INSUFFICIENT_MEMORY;
        }
        octets = larger;
        error = getpwnam_r(token->account, &entry, octets, size, &found);
    }
    if (error == 0 && found != NULL) {
        token->information.UserId = found->pw_uid;
        token->information.GroupId = found->pw_gid;
        token->information.AccountName = token->account;
        status = read_groups(token, found);
    }
    free(octets);
    return status;
}

static SECURITY_STATUS fill_in(struct token *token, const struct context *context)
{
    SSPI_GSS_TOKEN_INFORMATION *information = &token->information;

    token->delegation = delegation_share(context->delegation);
    token->principal = principal_of(context->source);
    token->account = account_of(context->source);
    if (token->principal == NULL || token->account == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    *information = (SSPI_GSS_TOKEN_INFORMATION){
        .UserId = NO_ID,
        .GroupId = (gid_t)NO_ID,
        .PrincipalName = token->principal,
        .PackageName = context_inner_package(context)->name,
        .DelegatedCredential = delegation_credential(token->delegation),
    };
    return token->account[0] != '\0' ? read_account(token) : SEC_E_OK;
}

SECURITY_STATUS token_make(const struct context *context, struct token **made)
{
    struct token *token;
    SECURITY_STATUS status;

    if (context->initiator || context->source == GSS_C_NO_NAME)
        return status_because(SEC_E_INVALID_HANDLE, "nobody has logged on to this context");
    token = calloc(1, sizeof *token);
    if (token == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = fill_in(token, context);
    if (status == SEC_E_OK && !hold(token))
        status = SEC_E_INSUFFICIENT_MEMORY;
    token->is_listed = status == SEC_E_OK;
    if (status != SEC_E_OK)
        token_release(token);
    else
        *made = token;
    return status;
}

SECURITY_STATUS token_lend(struct context *context, struct token **lent)
{
    SECURITY_STATUS status = SEC_E_OK;

    if (context->token == NULL)
        status = token_make(context, &context->token);
    if (context->token != NULL)
        context->token->is_lent = true;
    *lent = context->token;
    return status;
}

void token_release(struct token *token)
{
    if (token == NULL)
        return;
    if (token->is_listed)
        (void)let_go(token);
    delegation_release(token->delegation);
    free(token->account);
    free(token->principal);
    free(token->groups);
    free(token);
}

SECURITY_STATUS SEC_ENTRY QuerySecurityContextToken(PCtxtHandle phContext, void **Token)
{
    struct token *token = NULL;
    struct context *context;
    SECURITY_STATUS status;

    if (Token == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    *Token = NULL;
    context = context_enter_established(phContext, &status);
    if (context == NULL)
        return status_finish(status);
    status = token_make(context, &token);
    context_leave(context);
    *Token = token;
    return status_finish(status);
}

SECURITY_STATUS SspiGssTokenInformation(HANDLE Token,
                                        const SSPI_GSS_TOKEN_INFORMATION **Information)
{
    if (Information == NULL)
        return status_finish(SEC_E_INVALID_PARAMETER);
    *Information = NULL;
    if (!is_held(Token))
        return status_finish(SEC_E_INVALID_HANDLE);
    *Information = &((const struct token *)Token)->information;
    return status_finish(SEC_E_OK);
}

SECURITY_STATUS SspiGssCloseToken(HANDLE Token)
{
    struct token *token = Token;

    if (!is_held(Token) || token->is_lent || !let_go(Token))
        return status_finish(SEC_E_INVALID_HANDLE);
    token->is_listed = false;
    token_release(token);
    return status_finish(SEC_E_OK);
}
