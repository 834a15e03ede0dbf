/* What the initiator delegates, and whether it may. */
#include <stdlib.h>
#include <string.h>

#include "asn1/ts_credentials.h"
#include "common/text.h"
#include "mech/credssp/credssp.h"
#include "mech/status.h"
#include "mech/trace.h"

/* What policy calls the credentials of the plan. A PIN is typed for the logon. */
static enum credentials_kind kind_of_plan(enum delegation_plan plan,
                                          const struct credential *credential)
{
    if (plan == DELEGATE_SMART_CARD)
        return FRESH_CREDENTIALS;
    if (credential != NULL && credential->is_saved)
        return SAVED_CREDENTIALS;
    return plan == DELEGATE_PASSWORD ? FRESH_CREDENTIALS : DEFAULT_CREDENTIALS;
}

/*
 * Applies policy to the plan. A caller that asked by GSS_C_DELEG_POLICY_FLAG alone wants delegation
 * where policy allows it, and a logon without it elsewhere.
 */
static OM_uint32 apply_policy(OM_uint32 *minor, struct credssp_context *credssp,
                              enum server_proof proof)
{
    enum delegation_answer answer;

    if (credssp->plan == DELEGATE_NOTHING)
        return GSS_S_COMPLETE;
    answer = delegation_policy_allows(&credssp->policy->delegation, credssp->kind, proof,
                                      credssp->target);
    if (answer == DELEGATION_ALLOWED)
        return GSS_S_COMPLETE;
    trace("credssp: policy does not allow delegation to %s", credssp->target);
    if (credssp->delegation_is_optional) {
        credssp->plan = DELEGATE_NOTHING;
        secret_release(&credssp->credentials);
        return GSS_S_COMPLETE;
    }
    return fail(minor, GSS_S_UNAUTHORIZED,
                answer == DELEGATION_DENIED_NTLM_ONLY ? GSS_SSPI_E_DELEGATION_NTLM_ONLY
                                                      : GSS_SSPI_E_DELEGATION_POLICY,
                "%s", credssp->target);
}

/* A user's name as text, from the credential; the caller frees. */
static char *user_text(const struct credential *credential)
{
    gss_buffer_desc shown = GSS_C_EMPTY_BUFFER;
    char *text = NULL;
    OM_uint32 ignored;

    if (GSS_ERROR(glue_display_name(&ignored, credential->name, &shown, NULL)))
        return NULL;
    text = strndup(shown.value, shown.length);
    (void)glue_release_buffer(&ignored, &shown);
    return text;
}

/* UTF-16LE forms of what TSPasswordCreds holds. */
struct password_texts {
    struct secret domain;
    struct secret user;
    struct secret password;
};

static OM_uint32 convert_texts(OM_uint32 *minor, const struct credential *credential,
                               struct password_texts *texts)
{
    struct byte_range domain;
    struct byte_range user;
    enum text_result result;
    char *text = user_text(credential);

    if (text == NULL)
        return fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_NAME, NULL);
    name_split_user(text, &domain, &user);
    result = text_to_utf16le(domain, &texts->domain);
    if (result == TEXT_OK)
        result = text_to_utf16le(user, &texts->user);
    if (result == TEXT_OK)
        result = text_to_utf16le(secret_range(&credential->password), &texts->password);
    free(text);
    if (result == TEXT_NO_MEMORY)
        return fail_no_memory(minor);
    if (result == TEXT_INVALID)
        return fail(minor, GSS_S_DEFECTIVE_CREDENTIAL, GSS_SSPI_E_BAD_ARGUMENT,
                    "the user's name or password is not UTF-8");
    return GSS_S_COMPLETE;
}

static OM_uint32 encode(OM_uint32 *minor, struct byte_range domain, struct byte_range user,
                        struct byte_range password, struct secret *encoded)
{
    const struct ts_credentials credentials = {.cred_type = TS_CREDENTIALS_PASSWORD,
                                               .password = {domain, user, password}};

    if (ts_credentials_encode(&credentials, encoded) != DER_OK)
        return fail_no_memory(minor);
    return GSS_S_COMPLETE;
}

static OM_uint32 encode_password(OM_uint32 *minor, const struct credential *credential,
                                 struct secret *encoded)
{
    struct password_texts texts = {.domain = {0}};
    OM_uint32 major = convert_texts(minor, credential, &texts);

    if (!GSS_ERROR(major))
        major = encode(minor, secret_range(&texts.domain), secret_range(&texts.user),
                       secret_range(&texts.password), encoded);
    secret_release(&texts.domain);
    secret_release(&texts.user);
    secret_release(&texts.password);
    return major;
}

/*
 * Keeps what is to be delegated: a later call may bring another credential, and what policy was
 * asked about is what goes out.
 */
static OM_uint32 keep_own(OM_uint32 *minor, struct credssp_context *credssp,
                          const struct credential *credential)
{
    if (credssp->plan == DELEGATE_SMART_CARD)
        return smart_card_encode(minor, credential->smart_card, &credssp->credentials);
    if (credssp->plan == DELEGATE_PASSWORD)
        return encode_password(minor, credential, &credssp->credentials);
    return GSS_S_COMPLETE;
}

/* What there is to delegate, when that was asked for. */
static enum delegation_plan plan_for(const struct credential *credential)
{
    if (credential != NULL && credential->smart_card != NULL)
        return DELEGATE_SMART_CARD;
    if (credential != NULL && secret_is_present(&credential->password))
        return DELEGATE_PASSWORD;
    return DELEGATE_TICKET;
}

OM_uint32 delegation_prepare(OM_uint32 *minor, struct credssp_context *credssp,
                             const struct initiate_request *request)
{
    const struct credential *credential = request->credential;
    OM_uint32 major;

    credssp->target = name_service_principal(request->target->glue);
    if (credssp->target == NULL)
        return fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_NAME, NULL);
    credssp->mutual_is_wanted = (request->flags & GSS_C_MUTUAL_FLAG) != 0;
    credssp->delegation_is_optional = (request->flags & GSS_C_DELEG_FLAG) == 0;
    credssp->plan = DELEGATE_NOTHING;
    if ((request->flags & (GSS_C_DELEG_FLAG | GSS_C_DELEG_POLICY_FLAG)) != 0)
        credssp->plan = plan_for(credential);
    credssp->kind = kind_of_plan(credssp->plan, credential);
    /* A ticket goes out with the first Kerberos token, to a server that Kerberos names. */
    major = apply_policy(minor, credssp,
                         credssp->plan == DELEGATE_TICKET ? SERVER_PROVED : SERVER_NOT_KNOWN_YET);
    return GSS_ERROR(major) ? major : keep_own(minor, credssp, credential);
}

OM_uint32 delegation_confirm(OM_uint32 *minor, struct credssp_context *credssp)
{
    const struct server_proofs proofs = credssp_server_proofs(credssp);
    const bool proved = proofs.by_mechanism || proofs.by_certificate;

    /* NTLM cannot forward tickets: nothing has gone out, and nothing will. */
    if (credssp->plan == DELEGATE_TICKET)
        return GSS_S_COMPLETE;
    if (credssp->plan != DELEGATE_NOTHING && credssp->mutual_is_wanted && !proved)
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_MUTUAL_AUTH, "%s", credssp->target);
    return apply_policy(minor, credssp, proved ? SERVER_PROVED : SERVER_PROVED_NTLM);
}

OM_uint32 delegation_make(OM_uint32 *minor, struct credssp_context *credssp, gss_buffer_t auth_info)
{
    static const char *const trace_names[] = {
        [DELEGATE_NOTHING] = "empty credentials",
        [DELEGATE_PASSWORD] = "the password",
        [DELEGATE_SMART_CARD] = "the smart card's PIN",
        [DELEGATE_TICKET] = "empty credentials, beside the ticket",
    };
    const struct byte_range empty = byte_range_of(NULL, 0);
    bool sends_own = credssp->plan == DELEGATE_PASSWORD || credssp->plan == DELEGATE_SMART_CARD;
    OM_uint32 major = GSS_S_COMPLETE;

    if (!sends_own) {
        secret_release(&credssp->credentials);
        major = encode(minor, empty, empty, empty, &credssp->credentials);
    }
    if (!GSS_ERROR(major))
        major = inner_seal(minor, credssp, secret_range(&credssp->credentials), auth_info);
    trace("credssp: delegating %s", trace_names[credssp->plan]);
    secret_release(&credssp->credentials);
    return major;
}

bool delegation_happened(struct credssp_context *credssp)
{
    struct context_facts facts;

    /*
     * Of what else came no GSS credential can be made: programs ask for it. One that goes by the flag would
     * take no credential for the default one, which is the server's own.
     */
    if (credssp->password_is_usable || credssp->plan == DELEGATE_PASSWORD ||
        credssp->plan == DELEGATE_SMART_CARD)
        return true;
    credssp->negotiate->operations->describe(credssp->negotiate, &facts);
    return (facts.flags & GSS_C_DELEG_FLAG) != 0;
}
