#include "sspi-shim/identity.h"

#include "sspi-shim/identity_ex2.h"
#include "sspi-shim/identity_form.h"
#include "sspi-shim/secret_text.h"
#include "sspi-shim/status.h"
#include "sspi-shim/user_name.h"

/* WinPR's: the password is the hash of one. */
#define IDENTITY_PASSWORD_IS_HASH 0x00800000

void identity_release(struct identity *identity)
{
    secret_release(&identity->user);
    secret_release(&identity->domain);
    secret_release(&identity->password);
    secret_release(&identity->packages);
}

static SECURITY_STATUS read_range(struct byte_range text, struct secret *field)
{
    return secret_text_read(text.data, text.length / sizeof(WCHAR), true, field);
}

static SECURITY_STATUS read_ex2(const void *data, struct identity *identity)
{
    struct byte_range password;
    struct byte_range packages;
    struct identity_ex2 parts;
    SECURITY_STATUS status =
        identity_ex2_read(byte_range_of(data, identity_ex2_length(data)), &parts);

    if (status == SEC_E_OK)
        status = identity_ex2_password(parts.credentials, &password, &packages);
    if (status == SEC_E_OK)
        status = read_range(parts.user, &identity->user);
    if (status == SEC_E_OK)
        status = read_range(parts.domain, &identity->domain);
    if (status == SEC_E_OK)
        status = read_range(password, &identity->password);
    if (status == SEC_E_OK)
        status = read_range(byte_range_is_present(parts.packages) ? parts.packages : packages,
                            &identity->packages);
    return status;
}

static SECURITY_STATUS read_fields(const void *data, bool wide, struct identity *identity)
{
    struct secret *places[IDENTITY_PARTS] = {&identity->user, &identity->domain,
                                             &identity->password, &identity->packages};
    struct identity_fields fields;
    SECURITY_STATUS status = identity_fields_read(data, wide, &fields);

    if (status == SEC_E_OK && (fields.flags & SEC_WINNT_AUTH_IDENTITY_MARSHALLED) != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "the identity is marshalled, and no SEC_WINNT_AUTH_IDENTITY_EX2");
    for (size_t i = 0; i < IDENTITY_PARTS && status == SEC_E_OK; i++)
        status = secret_text_read(fields.text[i], fields.length[i], fields.wide, places[i]);
    return status;
}

SECURITY_STATUS identity_read(const void *data, bool wide, struct identity *identity)
{
    *identity = (struct identity){0};
    if ((identity_flags(data) & IDENTITY_ENCRYPTED) != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "the identity is encrypted, and only Windows can decrypt it");
    if ((identity_flags(data) & IDENTITY_PASSWORD_IS_HASH) != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION,
                              "the identity has the hash of a password in place of one");
    return identity_form_of(data) == IDENTITY_EX2 ? read_ex2(data, identity)
                                                  : read_fields(data, wide, identity);
}

char *identity_name(const struct identity *identity, enum package_names form)
{
    return user_name_for(form, (const char *)identity->user.data,
                         secret_is_present(&identity->domain) ? (const char *)identity->domain.data
                                                              : "");
}
