#include "sspi-shim/identity_form.h"

#include <stdint.h>
#include <string.h>
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"

/*
 * A structure that says it is an _EX is at most this long. A plain one has half a pointer there,
 * behind a half that would have to be SEC_WINNT_AUTH_IDENTITY_VERSION.
 */
#define IDENTITY_EX_MAX_LENGTH 1024

_Static_assert(sizeof(SEC_WINNT_AUTH_IDENTITY_A) == sizeof(SEC_WINNT_AUTH_IDENTITY_W) &&
                   sizeof(SEC_WINNT_AUTH_IDENTITY_EXA) == sizeof(SEC_WINNT_AUTH_IDENTITY_EXW),
               "A and W differ in what their pointers point to only");

enum identity_form identity_form_of(const void *identity)
{
    SEC_WINNT_AUTH_IDENTITY_EX2 ex2 = {0};
    ULONG first_words[2];

    memcpy(first_words, identity, sizeof first_words);
    if (first_words[0] == SEC_WINNT_AUTH_IDENTITY_VERSION &&
        first_words[1] <= IDENTITY_EX_MAX_LENGTH)
        return first_words[1] >= sizeof(SEC_WINNT_AUTH_IDENTITY_EXA) ? IDENTITY_EX
                                                                     : IDENTITY_UNKNOWN;
    if (first_words[0] != SEC_WINNT_AUTH_IDENTITY_VERSION_2)
        return IDENTITY_PLAIN;
    memcpy(&ex2, identity, offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, cbStructureLength));
    if (ex2.cbHeaderLength == sizeof ex2)
        return IDENTITY_EX2;
    return first_words[1] <= IDENTITY_EX_MAX_LENGTH ? IDENTITY_UNKNOWN : IDENTITY_PLAIN;
}

/* An EX structure, or a plain one in the form of an EX. */
static SEC_WINNT_AUTH_IDENTITY_EXA members_of(const void *identity, enum identity_form form)
{
    SEC_WINNT_AUTH_IDENTITY_EXA members = {0};
    SEC_WINNT_AUTH_IDENTITY_A plain;

    if (form == IDENTITY_EX) {
        memcpy(&members, identity, sizeof members);
        return members;
    }
    memcpy(&plain, identity, sizeof plain);
    members.User = plain.User;
    members.UserLength = plain.UserLength;
    members.Domain = plain.Domain;
    members.DomainLength = plain.DomainLength;
    members.Password = plain.Password;
    members.PasswordLength = plain.PasswordLength;
    members.Flags = plain.Flags;
    return members;
}

static SECURITY_STATUS check(const struct identity_fields *fields)
{
    const ULONG both = SEC_WINNT_AUTH_IDENTITY_ANSI | SEC_WINNT_AUTH_IDENTITY_UNICODE;

    if ((fields->flags & both) == both)
        return status_because(SEC_E_INVALID_PARAMETER, "the identity is both ANSI and UNICODE");
    for (size_t i = 0; i < IDENTITY_PARTS; i++) {
        if (fields->length[i] > TEXT_MAX)
            return status_because(SEC_E_INVALID_PARAMETER, "a string of the identity is too long");
        if (fields->text[i] == NULL && fields->length[i] != 0)
            return status_because(SEC_E_INVALID_PARAMETER,
                                  "the identity has a string of some length at NULL");
    }
    return SEC_E_OK;
}

SECURITY_STATUS identity_fields_read(const void *identity, bool wide,
                                     struct identity_fields *fields)
{
    enum identity_form form = identity_form_of(identity);
    SEC_WINNT_AUTH_IDENTITY_EXA members;

    *fields = (struct identity_fields){.form = form};
    if (form != IDENTITY_PLAIN && form != IDENTITY_EX)
        return status_because(SEC_E_UNKNOWN_CREDENTIALS,
                              "this is none of the SEC_WINNT_AUTH_IDENTITY structures");
    members = members_of(identity, form);
    *fields = (struct identity_fields){
        .form = form,
        .text = {members.User, members.Domain, members.Password, members.PackageList},
        .length = {members.UserLength, members.DomainLength, members.PasswordLength,
                   members.PackageListLength},
        .flags = members.Flags,
        .wide = wide,
    };
    if ((fields->flags & SEC_WINNT_AUTH_IDENTITY_UNICODE) != 0)
        fields->wide = true;
    else if ((fields->flags & SEC_WINNT_AUTH_IDENTITY_ANSI) != 0)
        fields->wide = false;
    return check(fields);
}

void identity_set_text(void *identity, enum identity_form form, enum identity_part part, void *text)
{
    static const size_t places[2][IDENTITY_PARTS] = {
        [IDENTITY_PLAIN] = {offsetof(SEC_WINNT_AUTH_IDENTITY_A, User),
                            offsetof(SEC_WINNT_AUTH_IDENTITY_A, Domain),
                            offsetof(SEC_WINNT_AUTH_IDENTITY_A, Password)},
        [IDENTITY_EX] = {offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, User),
                         offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, Domain),
                         offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, Password),
                         offsetof(SEC_WINNT_AUTH_IDENTITY_EXA, PackageList)},
    };

    memcpy((unsigned char *)identity + places[form][part], &text, sizeof text);
}

ULONG identity_flags(const void *identity)
{
    SEC_WINNT_AUTH_IDENTITY_EX2 ex2;
    enum identity_form form = identity_form_of(identity);

    switch (form) {
    case IDENTITY_PLAIN:
    case IDENTITY_EX:
        return members_of(identity, form).Flags;
    case IDENTITY_EX2:
        memcpy(&ex2, identity, sizeof ex2);
        return ex2.Flags;
    case IDENTITY_UNKNOWN:
        break;
    }
    return 0;
}
