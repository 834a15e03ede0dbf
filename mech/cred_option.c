#include "mech/cred_option.h"

#include <stdlib.h>
#include <string.h>

#include "gssapi_sspi.h"
#include "mech/cred_tls.h"
#include "mech/status.h"

/* GSS_KRB5_IMPORT_CRED, 1.2.840.113554.1.2.2.5.13, for which MIT has no public name. */
static const gss_OID_desc krb5_import_cred = {
    11, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x0d"};

/* GSS_KRB5_COPY_CCACHE, 1.2.840.113554.1.2.2.5.2: nothing to be set, but done, and once. */
static const gss_OID_desc krb5_copy_ccache = {
    11, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05\x02"};

/* What several inner mechanisms said: one that did it counts, then the first that could not. */
struct outcome {
    OM_uint32 major;
    OM_uint32 minor;
};

static void count_in(struct outcome *outcome, OM_uint32 major, OM_uint32 minor)
{
    if (outcome->major == GSS_S_COMPLETE || GSS_ROUTINE_ERROR(major) == GSS_S_UNAVAILABLE)
        return;
    if (major == GSS_S_COMPLETE || outcome->major == GSS_S_UNAVAILABLE)
        *outcome = (struct outcome){major, minor};
}

static struct outcome nobody_yet(void)
{
    struct outcome outcome;

    outcome.major = fail(&outcome.minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE, NULL);
    return outcome;
}

/*
 * Kerberos 1.20 does not choose a credential cache before it has to, and then copies from one that it has not
 * chosen; asked for its name, it chooses.
 */
static void settle(gss_cred_id_t inner)
{
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 ignored;

    (void)glue_inquire_cred(&ignored, inner, &name, NULL, NULL, NULL);
    (void)glue_release_name(&ignored, &name);
}

static void set_inner_option(struct credential *credential, enum inner_kind kind, bool acceptor,
                             gss_const_OID object, gss_buffer_t value, struct outcome *outcome)
{
    gss_cred_id_t inner = GSS_C_NO_CREDENTIAL;
    OM_uint32 minor;
    OM_uint32 major;

    if (!credential_can_have(kind) ||
        GSS_ERROR(credential_inner(&minor, credential, kind, acceptor, &inner)))
        return;
    if (kind == INNER_KERBEROS)
        settle(inner);
    major = glue_set_cred_option(&minor, &inner, (gss_OID)(uintptr_t)object, value);
    if (GSS_ERROR(major))
        (void)fail_inner(&minor, major, minor, inner_name(kind), "setting an option");
    count_in(outcome, major, minor);
}

typedef OM_uint32 text_setter(OM_uint32 *minor, struct credential *credential, const char *text);

static OM_uint32 set_text(OM_uint32 *minor, struct credential *credential, gss_buffer_t value,
                          text_setter *set)
{
    char *text;
    OM_uint32 major;

    if (value == GSS_C_NO_BUFFER || value->length == 0 ||
        memchr(value->value, '\0', value->length) != NULL)
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_BAD_ARGUMENT, "the option's value is no text");
    text = strndup(value->value, value->length);
    if (text == NULL)
        return fail_no_memory(minor);
    major = set(minor, credential, text);
    free(text);
    return major;
}

static OM_uint32 set_option(OM_uint32 *minor, struct credential *credential, gss_const_OID object,
                            gss_buffer_t value)
{
    struct outcome outcome = nobody_yet();

    if (oid_equal(object, GSS_SSPI_CRED_PACKAGES))
        return set_text(minor, credential, value, credential_set_packages);
    if (oid_equal(object, GSS_SSPI_CRED_WITHOUT_CLIENT_CERTIFICATE))
        return set_text(minor, credential, value, credential_set_without_certificate);
    for (size_t kind = 0; kind < inner_count(); kind++) {
        for (int acceptor = 0; acceptor < 2; acceptor++) {
            if (outcome.major == GSS_S_COMPLETE && oid_equal(object, &krb5_copy_ccache))
                break;
            if (credential->usage != (acceptor ? GSS_C_INITIATE : GSS_C_ACCEPT))
                set_inner_option(credential, (enum inner_kind)kind, acceptor != 0, object, value,
                                 &outcome);
        }
    }
    if (outcome.major == GSS_S_COMPLETE && oid_equal(object, GSS_KRB5_CRED_NO_CI_FLAGS_X)) {
        (void)pthread_mutex_lock(&credential->lock);
        credential->no_integrity = true;
        (void)pthread_mutex_unlock(&credential->lock);
    }
    *minor = outcome.minor;
    return outcome.major;
}

/* Makes a credential of one of Kerberos, which it owns from then on, also on failure. */
static OM_uint32 adopt_kerberos(OM_uint32 *minor, gss_cred_id_t *inner,
                                struct credential **credential)
{
    gss_cred_usage_t usage = GSS_C_INITIATE;
    struct credential *c = NULL;
    OM_uint32 ignored;
    OM_uint32 major = glue_inquire_cred(minor, *inner, NULL, NULL, &usage, NULL);

    if (GSS_ERROR(major)) {
        (void)fail_inner(minor, major, *minor, inner_name(INNER_KERBEROS), "importing credentials");
        goto done;
    }
    c = credential_create_given(usage);
    if (c == NULL) {
        major = fail_no_memory(minor);
        goto done;
    }
    c->inner[INNER_KERBEROS][usage == GSS_C_ACCEPT].handle = *inner;
    *inner = GSS_C_NO_CREDENTIAL;
    *credential = c;
done:
    (void)glue_release_cred(&ignored, inner);
    return major;
}

static OM_uint32 import_kerberos(OM_uint32 *minor, gss_const_OID object, gss_buffer_t value,
                                 struct credential **credential)
{
    gss_cred_id_t inner = GSS_C_NO_CREDENTIAL;
    OM_uint32 major = glue_set_cred_option(minor, &inner, (gss_OID)(uintptr_t)object, value);

    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, inner_name(INNER_KERBEROS),
                          "importing credentials");
    return adopt_kerberos(minor, &inner, credential);
}

OM_uint32 credential_set_option(OM_uint32 *minor, struct credential **credential,
                                gss_const_OID object, gss_buffer_t value)
{
    const struct credential_request request = {.usage = GSS_C_INITIATE};
    struct credential *made = NULL;
    OM_uint32 major;

    if (*credential != NULL)
        return set_option(minor, *credential, object, value);
    if (oid_equal(object, &krb5_import_cred))
        return import_kerberos(minor, object, value, credential);
    major = credential_acquire(minor, &request, &made);
    if (made == NULL)
        return major;
    major = set_option(minor, made, object, value);
    if (GSS_ERROR(major))
        credential_release(&made);
    *credential = made;
    return major;
}

OM_uint32 credential_inquire_option(OM_uint32 *minor, struct credential *credential,
                                    gss_const_OID object, gss_buffer_set_t *data)
{
    bool acceptor = credential != NULL && credential->usage == GSS_C_ACCEPT;
    struct outcome outcome = nobody_yet();

    *data = GSS_C_NO_BUFFER_SET;
    for (size_t kind = 0; kind < inner_count() && outcome.major != GSS_S_COMPLETE; kind++) {
        gss_cred_id_t inner;
        OM_uint32 major;

        if (!credential_can_have((enum inner_kind)kind) ||
            GSS_ERROR(credential_inner(minor, credential, (enum inner_kind)kind, acceptor, &inner)))
            continue;
        major = glue_inquire_cred_by_oid(minor, inner, (gss_OID)(uintptr_t)object, data);
        if (GSS_ERROR(major))
            (void)fail_inner(minor, major, *minor, inner_name((enum inner_kind)kind),
                             "answering a question");
        count_in(&outcome, major, *minor);
    }
    *minor = outcome.minor;
    return outcome.major;
}
