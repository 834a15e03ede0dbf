/* What the client delegated: taken by the acceptor, given to its program. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asn1/ts_credentials.h"
#include "common/text.h"
#include "gssapi_sspi.h"
#include "mech/cred_union.h"
#include "mech/cred_without_ticket.h"
#include "mech/credssp/credssp.h"
#include "mech/inquiry.h"
#include "mech/negotiate/negotiate.h"
#include "mech/status.h"
#include "mech/trace.h"

/* One value inside TSCredentials, and what it must be. */
struct part {
    enum { PART_NAME, PART_SECRET, PART_OCTETS } form; /* the first two are UTF-16LE */
    struct byte_range octets;
};

/* TSRemoteGuardCreds has most: a name and a buffer for each package. */
#define PARTS_MAXIMUM (2 * (1 + TS_CREDENTIALS_MAX_SUPPLEMENTAL))

static struct byte_range present(struct byte_range range)
{
    return byte_range_is_present(range) ? range : byte_range_of(NULL, 0);
}

static size_t name_part(struct part *parts, size_t count, struct byte_range octets)
{
    parts[count] = (struct part){PART_NAME, present(octets)};
    return count + 1;
}

static size_t password_parts(const struct ts_password_creds *creds, struct part *parts)
{
    size_t count = name_part(parts, 0, creds->domain_name);

    count = name_part(parts, count, creds->user_name);
    parts[count] = (struct part){PART_SECRET, creds->password};
    return count + 1;
}

static size_t smart_card_parts(const struct ts_smart_card_creds *creds, struct part *parts)
{
    const struct ts_csp_data_detail *csp = &creds->csp_data;
    size_t count = 0;

    parts[count++] = (struct part){PART_SECRET, creds->pin};
    count = name_part(parts, count, creds->user_hint);
    count = name_part(parts, count, creds->domain_hint);
    parts[count++] =
        (struct part){PART_OCTETS, byte_range_of(&csp->key_spec, sizeof csp->key_spec)};
    count = name_part(parts, count, csp->card_name);
    count = name_part(parts, count, csp->reader_name);
    count = name_part(parts, count, csp->container_name);
    return name_part(parts, count, csp->csp_name);
}

static size_t package_parts(const struct ts_remote_guard_package_cred *cred, struct part *parts,
                            size_t count)
{
    count = name_part(parts, count, cred->package_name);
    parts[count] = (struct part){PART_OCTETS, cred->cred_buffer};
    return count + 1;
}

static size_t remote_guard_parts(const struct ts_remote_guard_creds *creds, struct part *parts)
{
    size_t count = package_parts(&creds->logon_cred, parts, 0);

    for (size_t i = 0; i < creds->supplemental_count; i++)
        count = package_parts(&creds->supplemental_creds[i], parts, count);
    return count;
}

/* In the order of gssapi_sspi.h; they point into credentials. */
static size_t parts_of(const struct ts_credentials *credentials, struct part *parts)
{
    switch (credentials->cred_type) {
    case TS_CREDENTIALS_PASSWORD:
        return password_parts(&credentials->password, parts);
    case TS_CREDENTIALS_SMART_CARD:
        return smart_card_parts(&credentials->smart_card, parts);
    case TS_CREDENTIALS_REMOTE_GUARD:
    default:
        return remote_guard_parts(&credentials->remote_guard, parts);
    }
}

/* A value as programs get it: text in UTF-8. The caller releases *value. */
static OM_uint32 read_part(OM_uint32 *minor, const struct part *part, struct secret *value)
{
    enum text_result result = TEXT_OK;

    if (part->form != PART_OCTETS)
        result = text_from_utf16le(part->octets, value);
    else if (!secret_set(value, part->octets.data, part->octets.length))
        result = TEXT_NO_MEMORY;
    if (result == TEXT_NO_MEMORY)
        return fail_no_memory(minor);
    if (result == TEXT_INVALID)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_CREDENTIALS,
                    "a text that is not UTF-16");
    /* Names go to calls that take strings: what stands behind a NUL would be lost unseen. */
    if (part->form == PART_NAME && memchr(value->data, '\0', value->length) != NULL)
        return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_CREDENTIALS,
                    "a name with a NUL in it");
    return GSS_S_COMPLETE;
}

/* Every value must be what it should be: a program that asks later gets no surprise. */
static OM_uint32 check_parts(OM_uint32 *minor, const struct ts_credentials *credentials)
{
    struct part parts[PARTS_MAXIMUM];
    size_t count = parts_of(credentials, parts);
    OM_uint32 major = GSS_S_COMPLETE;

    for (size_t i = 0; i < count && !GSS_ERROR(major); i++) {
        struct secret value = {0};

        major = read_part(minor, &parts[i], &value);
        secret_release(&value);
    }
    return major;
}

static OM_uint32 decode(OM_uint32 *minor, struct byte_range octets,
                        struct ts_credentials *credentials)
{
    enum der_error error = ts_credentials_decode(octets, credentials);

    if (error == DER_OK)
        return GSS_S_COMPLETE;
    /* DER_BAD_VALUE is an unknown type, and also an ill-formed text in one that is known. */
    if (error == DER_BAD_VALUE && credentials->cred_type != TS_CREDENTIALS_PASSWORD &&
        credentials->cred_type != TS_CREDENTIALS_SMART_CARD &&
        credentials->cred_type != TS_CREDENTIALS_REMOTE_GUARD)
        return fail(minor, GSS_S_DEFECTIVE_CREDENTIAL, GSS_SSPI_E_CREDENTIALS_TYPE, "type %u",
                    credentials->cred_type);
    return fail(minor, GSS_S_DEFECTIVE_TOKEN, GSS_SSPI_E_BAD_CREDENTIALS, "%s",
                der_error_text(error));
}

/*
 * Three empty texts: nothing is delegated (restricted admin, a forwarded ticket, or not asked for).
 */
static bool is_empty(const struct ts_credentials *credentials)
{
    return credentials->cred_type == TS_CREDENTIALS_PASSWORD &&
           credentials->password.domain_name.length == 0 &&
           credentials->password.user_name.length == 0 &&
           credentials->password.password.length == 0;
}

/* The values of credentials that were delegated, if they are of this type. */
static OM_uint32 answer_parts(OM_uint32 *minor, const struct credssp_context *credssp,
                              enum ts_credentials_type type, gss_buffer_set_t *data)
{
    struct part parts[PARTS_MAXIMUM];
    struct ts_credentials credentials;
    OM_uint32 major;
    size_t count;

    if (credssp->credentials_type != (uint32_t)type)
        return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE,
                    credssp->credentials_type == 0 ? "no credentials were delegated"
                                                   : "credentials of another type were delegated");
    major = decode(minor, secret_range(&credssp->credentials), &credentials);
    if (GSS_ERROR(major))
        return major;
    count = parts_of(&credentials, parts);
    for (size_t i = 0; i < count && !GSS_ERROR(major); i++) {
        struct secret value = {0};

        major = read_part(minor, &parts[i], &value);
        if (!GSS_ERROR(major))
            major = inquiry_answer(minor, secret_range(&value), data);
        secret_release(&value);
    }
    if (GSS_ERROR(major))
        gss_sspi_release_credentials(data);
    return major;
}

static OM_uint32 answer_type(OM_uint32 *minor, const struct credssp_context *credssp,
                             gss_buffer_set_t *data)
{
    return inquiry_answer(
        minor, byte_range_of(&credssp->credentials_type, sizeof credssp->credentials_type), data);
}

bool delegation_answers(OM_uint32 *minor, const struct credssp_context *credssp,
                        gss_const_OID object, gss_buffer_set_t *data, OM_uint32 *major)
{
    if (oid_equal(object, GSS_SSPI_INQ_CREDENTIALS))
        *major = answer_parts(minor, credssp, TS_CREDENTIALS_PASSWORD, data);
    else if (oid_equal(object, GSS_SSPI_INQ_SMART_CARD))
        *major = answer_parts(minor, credssp, TS_CREDENTIALS_SMART_CARD, data);
    else if (oid_equal(object, GSS_SSPI_INQ_REMOTE_GUARD))
        *major = answer_parts(minor, credssp, TS_CREDENTIALS_REMOTE_GUARD, data);
    else if (oid_equal(object, GSS_SSPI_INQ_CREDENTIALS_TYPE))
        *major = answer_type(minor, credssp, data);
    else
        return false;
    return true;
}

/* TSPasswordCreds in UTF-8. */
struct password {
    struct secret domain;
    struct secret user;
    struct secret password;
};

static void release_password(struct password *password)
{
    secret_release(&password->domain);
    secret_release(&password->user);
    secret_release(&password->password);
}

static OM_uint32 read_password(OM_uint32 *minor, const struct credssp_context *credssp,
                               struct password *password)
{
    struct secret *values[] = {&password->domain, &password->user, &password->password};
    struct part parts[PARTS_MAXIMUM];
    struct ts_credentials credentials;
    OM_uint32 major = decode(minor, secret_range(&credssp->credentials), &credentials);

    if (GSS_ERROR(major))
        return major;
    (void)parts_of(&credentials, parts);
    for (size_t i = 0; i < sizeof values / sizeof values[0] && !GSS_ERROR(major); i++)
        major = read_part(minor, &parts[i], values[i]);
    return major;
}

/*
 * GSS-API takes neither names nor passwords that are empty, and its passwords end at a NUL: the program can
 * ask for the octets of such ones.
 */
static OM_uint32 find_whether_usable(OM_uint32 *minor, struct credssp_context *credssp)
{
    struct password password = {.domain = {0}};
    OM_uint32 major = read_password(minor, credssp, &password);

    credssp->password_is_usable =
        !GSS_ERROR(major) && password.user.length != 0 && password.password.length != 0 &&
        memchr(password.password.data, '\0', password.password.length) == NULL;
    release_password(&password);
    return major;
}

OM_uint32 delegation_receive(OM_uint32 *minor, struct credssp_context *credssp,
                             struct byte_range auth_info)
{
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER;
    struct ts_credentials credentials;
    OM_uint32 major = inner_open(minor, credssp, auth_info, &plain);

    if (GSS_ERROR(major))
        return major;
    major = decode(minor, byte_range_of(plain.value, plain.length), &credentials);
    if (GSS_ERROR(major) || is_empty(&credentials))
        goto done;
    major = check_parts(minor, &credentials);
    if (GSS_ERROR(major))
        goto done;
    if (!secret_set(&credssp->credentials, plain.value, plain.length)) {
        major = fail_no_memory(minor);
        goto done;
    }
    credssp->credentials_type = credentials.cred_type;
    if (credentials.cred_type == TS_CREDENTIALS_PASSWORD)
        major = find_whether_usable(minor, credssp);
done:
    release_secret_buffer(&plain);
    return major;
}

/* DOMAIN\user, or the user alone; what name_split_user takes apart again. */
static OM_uint32 import_user(OM_uint32 *minor, const struct password *password, gss_name_t *name)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major;
    char *joined = NULL;
    int length;

    if (password->domain.length != 0)
        length = asprintf(&joined, "%s\\%s", (const char *)password->domain.data,
                          (const char *)password->user.data);
    else
        length = asprintf(&joined, "%s", (const char *)password->user.data);
    if (length < 0)
        return fail_no_memory(minor);
    text = (gss_buffer_desc){(size_t)length, joined};
    major = glue_import_name(minor, &text, GSS_C_NT_USER_NAME, name);
    free(joined);
    return major;
}

/* A mechanism that a second hop may use. */
struct hop {
    gss_OID mechanism;
    enum inner_kind form; /* whose form of the name it takes */
    enum { HOP_MAY_BE_MISSING, HOP_BY_TICKET, HOP_IS_OURS } kind;
};

/*
 * Adds one mechanism's credential to *credential, which is made by the first. krb5 1.20 asks the KDC
 * here, whatever a caller does; NTLM, Negotiate and CredSSP do when they are first used, so that they
 * serve where the KDC cannot be reached now. (gss_add_cred_with_password could make the first one too,
 * but leaks then, in krb5 1.20.)
 */
static OM_uint32 add_hop(OM_uint32 *minor, const struct hop *hop, gss_name_t user,
                         const struct secret *password, gss_cred_id_t *credential)
{
    gss_buffer_desc text = {password->length, password->data};
    gss_OID_set_desc mechanisms = {1, hop->mechanism};
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 ignored;
    OM_uint32 major = name_for_user(minor, hop->form, user, &name);

    if (GSS_ERROR(major))
        return major;
    if (*credential == GSS_C_NO_CREDENTIAL)
        major = glue_acquire_cred_with_password(minor, name, &text, GSS_C_INDEFINITE, &mechanisms,
                                                GSS_C_INITIATE, credential, NULL, NULL);
    else
        major = glue_add_cred_with_password(minor, *credential, name, hop->mechanism, &text,
                                            GSS_C_INITIATE, GSS_C_INDEFINITE, 0, NULL, NULL, NULL,
                                            NULL);
    (void)glue_release_name(&ignored, &name);
    if (GSS_ERROR(major))
        trace("credssp: a mechanism takes no delegated password (%#x)", major);
    return major;
}

/* Ours ask nobody yet, and fail for want of memory only: the credential would not be whole. */
static OM_uint32 add_hops(OM_uint32 *minor, gss_name_t user, const struct secret *password,
                          gss_cred_id_t *credential)
{
    const struct hop hops[] = {
        {oid_krb5, INNER_KERBEROS, HOP_BY_TICKET},   {oid_ntlmssp, INNER_NTLM, HOP_MAY_BE_MISSING},
        {oid_spnego, INNER_KERBEROS, HOP_BY_TICKET}, {oid_negotiate, INNER_NTLM, HOP_IS_OURS},
        {oid_credssp, INNER_NTLM, HOP_IS_OURS},
    };
    bool lacks[sizeof hops / sizeof hops[0]];
    OM_uint32 major = GSS_S_COMPLETE;

    for (size_t i = 0; i < sizeof hops / sizeof hops[0]; i++) {
        lacks[i] = false;
        if (!mechanism_is_registered(hops[i].mechanism))
            continue;
        major = add_hop(minor, &hops[i], user, password, credential);
        lacks[i] = GSS_ERROR(major) && hops[i].kind == HOP_BY_TICKET;
        if (GSS_ERROR(major) && hops[i].kind == HOP_IS_OURS)
            return major;
    }
    major = GSS_S_COMPLETE;
    for (size_t i = 0; i < sizeof hops / sizeof hops[0] && !GSS_ERROR(major); i++) {
        if (lacks[i])
            major = credential_add_without_ticket(minor, *credential, hops[i].mechanism);
    }
    return major;
}

static OM_uint32 credential_from_password(OM_uint32 *minor, const struct password *password,
                                          gss_cred_id_t *credential)
{
    gss_name_t user = GSS_C_NO_NAME;
    OM_uint32 ignored;
    OM_uint32 major = import_user(minor, password, &user);

    if (!GSS_ERROR(major))
        major = add_hops(minor, user, &password->password, credential);
    (void)glue_release_name(&ignored, &user);
    if (GSS_ERROR(major))
        (void)glue_release_cred(&ignored, credential);
    return major;
}

static OM_uint32 take_ticket(OM_uint32 *minor, struct credssp_context *credssp,
                             gss_cred_id_t *credential)
{
    OM_uint32 major =
        credssp->negotiate->operations->take_delegated(minor, credssp->negotiate, credential);

    if (GSS_ERROR(major) || *credential == GSS_C_NO_CREDENTIAL ||
        negotiate_kind(credssp->negotiate) != INNER_KERBEROS)
        return major;
    return credential_for_every_mechanism(minor, credential);
}

OM_uint32 delegation_take(OM_uint32 *minor, struct context *context, gss_cred_id_t *credential)
{
    struct credssp_context *credssp = (struct credssp_context *)context;
    struct password password = {.domain = {0}};
    OM_uint32 major;

    *credential = GSS_C_NO_CREDENTIAL;
    if (!credssp->password_is_usable)
        return take_ticket(minor, credssp, credential);
    major = read_password(minor, credssp, &password);
    if (!GSS_ERROR(major))
        major = credential_from_password(minor, &password, credential);
    release_password(&password);
    return major;
}
