#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/ts_credentials.h"
#include "common/text.h"
#include "mech/credssp/credssp.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"
#include "mech/trace.h"

/* What policy calls the credentials of the plan. */
static enum credentials_kind kind_of_plan(enum delegation_plan plan,
                                          const struct credential *credential)
{
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

/*
 * Keeps what is to be delegated: a later call may bring another credential, and what policy was asked
 * about is what goes out.
 */
static OM_uint32 keep_own(OM_uint32 *minor, struct credssp_context *credssp,
                          const struct credential *credential)
{
    struct byte_range domain;
    struct byte_range user;
    char *text = user_text(credential);
    bool kept;

    if (text == NULL)
        return fail(minor, GSS_S_BAD_NAME, GSS_SSPI_E_BAD_NAME, NULL);
    name_split_user(text, &domain, &user);
    kept = secret_set(&credssp->domain, domain.data, domain.length) &&
           secret_set(&credssp->user, user.data, user.length) &&
           secret_set(&credssp->password, credential->password.data, credential->password.length);
    free(text);
    return kept ? GSS_S_COMPLETE : fail_no_memory(minor);
}

static void forget_own(struct credssp_context *credssp)
{
    secret_release(&credssp->domain);
    secret_release(&credssp->user);
    secret_release(&credssp->password);
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
    if ((request->flags & (GSS_C_DELEG_FLAG | GSS_C_DELEG_POLICY_FLAG)) == 0)
        credssp->plan = DELEGATE_NOTHING;
    else if (credential != NULL && secret_is_present(&credential->password))
        credssp->plan = DELEGATE_PASSWORD;
    else
        credssp->plan = DELEGATE_TICKET;
    credssp->kind = kind_of_plan(credssp->plan, credential);
    /* A ticket goes out with the first Kerberos token, to a server that Kerberos names. */
    major = apply_policy(minor, credssp,
                         credssp->plan == DELEGATE_TICKET ? SERVER_PROVED : SERVER_NOT_KNOWN_YET);
    if (!GSS_ERROR(major) && credssp->plan == DELEGATE_PASSWORD)
        major = keep_own(minor, credssp, credential);
    return major;
}

OM_uint32 delegation_confirm(OM_uint32 *minor, struct credssp_context *credssp)
{
    bool proved =
        negotiate_kind(credssp->negotiate) == INNER_KERBEROS || tls_server_is_proved(credssp->tls);

    /* NTLM cannot forward tickets: nothing has gone out, and nothing will. */
    if (credssp->plan == DELEGATE_TICKET)
        return GSS_S_COMPLETE;
    if (credssp->plan == DELEGATE_PASSWORD && credssp->mutual_is_wanted && !proved)
        return fail(minor, GSS_S_UNAUTHORIZED, GSS_SSPI_E_MUTUAL_AUTH, "%s", credssp->target);
    return apply_policy(minor, credssp, proved ? SERVER_PROVED : SERVER_PROVED_NTLM);
}

/* UTF-16LE forms of what TSPasswordCreds holds. */
struct password_texts {
    struct secret domain;
    struct secret user;
    struct secret password;
};

static void release_texts(struct password_texts *texts)
{
    secret_release(&texts->domain);
    secret_release(&texts->user);
    secret_release(&texts->password);
}

static OM_uint32 convert_texts(OM_uint32 *minor, const struct credssp_context *credssp,
                               struct password_texts *texts)
{
    enum text_result result = text_to_utf16le(secret_range(&credssp->domain), &texts->domain);

    if (result == TEXT_OK)
        result = text_to_utf16le(secret_range(&credssp->user), &texts->user);
    if (result == TEXT_OK)
        result = text_to_utf16le(secret_range(&credssp->password), &texts->password);
    if (result == TEXT_NO_MEMORY)
        return fail_no_memory(minor);
    if (result == TEXT_INVALID)
        return fail(minor, GSS_S_DEFECTIVE_CREDENTIAL, GSS_SSPI_E_BAD_ARGUMENT,
                    "the user's name or password is not UTF-8");
    return GSS_S_COMPLETE;
}

OM_uint32 delegation_make(OM_uint32 *minor, struct credssp_context *credssp, gss_buffer_t auth_info)
{
    struct password_texts texts = {.domain = {0}};
    const struct byte_range empty = byte_range_of(NULL, 0);
    struct ts_credentials credentials = {.cred_type = TS_CREDENTIALS_PASSWORD,
                                         .password = {empty, empty, empty}};
    struct secret encoded = {0};
    OM_uint32 major = GSS_S_COMPLETE;

    if (credssp->plan == DELEGATE_PASSWORD) {
        major = convert_texts(minor, credssp, &texts);
        credentials.password = (struct ts_password_creds){
            secret_range(&texts.domain), secret_range(&texts.user), secret_range(&texts.password)};
    }
    if (GSS_ERROR(major))
        goto done;
    if (ts_credentials_encode(&credentials, &encoded) != DER_OK)
        major = fail_no_memory(minor);
    else
        major = inner_seal(minor, credssp, secret_range(&encoded), auth_info);
    trace("credssp: delegating %s",
          credssp->plan == DELEGATE_PASSWORD ? "the password" : "empty credentials");
done:
    release_texts(&texts);
    secret_release(&encoded);
    forget_own(credssp);
    return major;
}

/* Keeps one text of the client's. */
static OM_uint32 keep_text(OM_uint32 *minor, struct byte_range utf16le, struct secret *out)
{
    switch (text_from_utf16le(utf16le, out)) {
    case TEXT_OK:
        return GSS_S_COMPLETE;
    case TEXT_INVALID:
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_CREDENTIALS,
                    "a text that is not UTF-16");
    case TEXT_NO_MEMORY:
    default:
        return fail_no_memory(minor);
    }
}

static OM_uint32 keep_credentials(OM_uint32 *minor, struct credssp_context *credssp,
                                  const struct ts_password_creds *creds)
{
    OM_uint32 major = GSS_S_COMPLETE;

    /* Three empty texts: nothing is delegated (restricted admin, or not asked for). */
    if (creds->domain_name.length == 0 && creds->user_name.length == 0 &&
        creds->password.length == 0)
        return GSS_S_COMPLETE;
    major = keep_text(minor, creds->domain_name, &credssp->domain);
    if (!GSS_ERROR(major))
        major = keep_text(minor, creds->user_name, &credssp->user);
    if (!GSS_ERROR(major))
        major = keep_text(minor, creds->password, &credssp->password);
    /* Names go to calls that take strings: what stands behind a NUL would be lost unseen. */
    if (!GSS_ERROR(major) && (memchr(credssp->domain.data, '\0', credssp->domain.length) != NULL ||
                              memchr(credssp->user.data, '\0', credssp->user.length) != NULL))
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_CREDENTIALS,
                     "a name with a NUL in it");
    return major;
}

OM_uint32 delegation_receive(OM_uint32 *minor, struct credssp_context *credssp,
                             struct byte_range auth_info)
{
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    struct ts_credentials credentials;
    enum der_error error;
    OM_uint32 major = inner_open(minor, credssp, auth_info, &plain);

    if (GSS_ERROR(major))
        return major;
    error = ts_credentials_decode(byte_range_of(plain.value, plain.length), &credentials);
    /* DER_BAD_VALUE is an unknown type, and also an ill-formed text in one that is known. */
    if ((error == DER_OK || error == DER_BAD_VALUE) &&
        credentials.cred_type != TS_CREDENTIALS_PASSWORD)
        major = fail(minor, GSS_S_DEFECTIVE_CREDENTIAL, GSS_SSPI_E_CREDENTIALS_TYPE, "type %u",
                     credentials.cred_type);
    else if (error != DER_OK)
        major = fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_CREDENTIALS, "%s",
                     der_error_text(error));
    else
        major = keep_credentials(minor, credssp, &credentials.password);
    release_secret_buffer(&plain);
    return major;
}

/* DOMAIN\user, or the user alone; what name_split_user takes apart again. */
static OM_uint32 import_user(OM_uint32 *minor, const struct credssp_context *credssp,
                             gss_name_t *name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major;
    char *joined = NULL;
    int length;

    if (credssp->domain.length != 0)
        length = asprintf(&joined, "%s\\%s", (const char *)credssp->domain.data,
                          (const char *)credssp->user.data);
    else
        length = asprintf(&joined, "%s", (const char *)credssp->user.data);
    if (length < 0)
        return fail_no_memory(minor);
    text = (gss_buffer_desc){(size_t)length, joined};
    major = glue_import_name(minor, &text, GSS_C_NT_USER_NAME, name);
    free(joined);
    return major;
}

/*
 * Adds one mechanism's credential to *union_credential, which is made by the first. Each is
 * acquired without asking a KDC: that happens when the credential is first used. A mechanism that
 * cannot is left out. (gss_add_cred_with_password could make the first one too, but leaks then, in
 * krb5 1.20.)
 */
static void add_mechanism(gss_cred_id_t *union_credential, gss_name_t name, gss_OID mechanism,
                          const struct secret *password)
{
    gss_buffer_desc text = {password->length, password->data};
    gss_OID_set_desc mechanisms = {1, mechanism};
    OM_uint32 minor;
    OM_uint32 major;

    if (*union_credential == GSS_C_NO_CREDENTIAL)
        major = glue_acquire_cred_with_password(&minor, name, &text, GSS_C_INDEFINITE, &mechanisms,
                                                GSS_C_INITIATE, union_credential, NULL, NULL);
    else
        major = glue_add_cred_with_password(&minor, *union_credential, name, mechanism, &text,
                                            GSS_C_INITIATE, GSS_C_INDEFINITE, 0, NULL, NULL, NULL,
                                            NULL);
    if (GSS_ERROR(major))
        trace("credssp: a mechanism takes no delegated password (%#x)", major);
}

static gss_cred_id_t credential_from_password(const struct credssp_context *credssp)
{
    const struct {
        gss_OID mechanism;
        enum inner_kind form; /* whose form of the name it takes */
    } mechanisms[] = {
        {oid_krb5, INNER_KERBEROS},  {oid_ntlmssp, INNER_NTLM}, {oid_spnego, INNER_KERBEROS},
        {oid_negotiate, INNER_NTLM}, {oid_credssp, INNER_NTLM},
    };
    gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 minor;

    if (GSS_ERROR(import_user(&minor, credssp, &name)))
        return GSS_C_NO_CREDENTIAL;
    for (size_t i = 0; i < sizeof mechanisms / sizeof mechanisms[0]; i++) {
        gss_name_t translated = GSS_C_NO_NAME;

        if (!GSS_ERROR(name_for_user(&minor, mechanisms[i].form, name, &translated)))
            add_mechanism(&credential, translated, mechanisms[i].mechanism, &credssp->password);
        (void)glue_release_name(&minor, &translated);
    }
    (void)glue_release_name(&minor, &name);
    return credential;
}

gss_cred_id_t delegation_take(struct context *context)
{
    struct credssp_context *credssp = (struct credssp_context *)context;

    if (secret_is_present(&credssp->password))
        return credential_from_password(credssp);
    return credssp->negotiate->operations->take_delegated(credssp->negotiate);
}

bool delegation_happened(struct credssp_context *credssp)
{
    struct context_facts facts;

    if (secret_is_present(&credssp->password) || credssp->plan == DELEGATE_PASSWORD)
        return true;
    credssp->negotiate->operations->describe(credssp->negotiate, &facts);
    return (facts.flags & GSS_C_DELEG_FLAG) != 0;
}
