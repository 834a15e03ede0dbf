#include "mech/cred_union.h"

#include <errno.h>

#include "common/byte_buffer.h"
#include "common/secret.h"
#include "mech/octets.h"
#include "mech/oids.h"
#include "mech/status.h"

/*
 * An exported credential of the mechglue's is a list of elements: the OID, and what its mechanism
 * exported, each behind its length in four octets. What SPNEGO exports is such a list, and our
 * mechanisms take one.
 */
static size_t element_octets(gss_const_OID mechanism, size_t token)
{
    return 4 + (size_t)mechanism->length + 4 + token;
}

bool mechanism_is_registered(gss_const_OID mechanism)
{
    gss_OID_set attributes = GSS_C_NO_OID_SET;
    OM_uint32 minor;
    OM_uint32 major = glue_inquire_attrs_for_mech(&minor, mechanism, &attributes, NULL);

    (void)glue_release_oid_set(&minor, &attributes);
    return !GSS_ERROR(major);
}

/* The exported credential, and behind it an element for each of our mechanisms that holds it. */
static bool make_list(const gss_buffer_desc *exported, struct byte_buffer *list)
{
    const gss_OID mechanisms[] = {oid_spnego, oid_negotiate, oid_credssp};
    const size_t count = sizeof mechanisms / sizeof mechanisms[0];
    bool made = false;

    list->limit = exported->length;
    for (size_t i = 0; i < count; i++)
        list->limit += element_octets(mechanisms[i], exported->length);
    /* At once: a list that grew would leave copies of the ticket's key behind. */
    made = byte_buffer_reserve(list, list->limit) &&
           byte_buffer_append(list, exported->value, exported->length);
    for (size_t i = 0; i < count && made; i++) {
        if (mechanism_is_registered(mechanisms[i]))
            made = append_run(list, mechanisms[i]->elements, mechanisms[i]->length) &&
                   append_run(list, exported->value, exported->length);
    }
    return made;
}

OM_uint32 credential_for_every_mechanism(OM_uint32 *minor, gss_cred_id_t *credential)
{
    gss_buffer_desc exported = GSS_C_EMPTY_BUFFER;
    struct byte_buffer list = {.limit = 0};
    gss_cred_id_t united = GSS_C_NO_CREDENTIAL;
    gss_buffer_desc token;
    OM_uint32 ignored;
    OM_uint32 major = glue_export_cred(minor, *credential, &exported);

    if (!GSS_ERROR(major) && !make_list(&exported, &list)) {
        *minor = ENOMEM;
        major = GSS_S_FAILURE;
    }
    if (!GSS_ERROR(major)) {
        token = (gss_buffer_desc){list.length, list.data};
        major = glue_import_cred(minor, &token, &united);
    }
    if (GSS_ERROR(major))
        major = fail_inner(minor, major, *minor, "Kerberos", "sharing the delegated ticket");
    (void)glue_release_cred(&ignored, credential);
    *credential = united;
    wipe(list.data, list.length);
    byte_buffer_release(&list);
    wipe(exported.value, exported.length);
    (void)glue_release_buffer(&ignored, &exported);
    return major;
}

/* The length of an OID is below 2^24; ours begin with a version. */
bool is_exported_by_mechglue(struct byte_range octets)
{
    return octets.length != 0 && octets.data[0] == 0;
}
