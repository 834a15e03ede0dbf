#include <stdlib.h>

#include "mech/negotiate/negotiate.h"
#include "mech/status.h"

void mechlist_clear(struct negotiate_context *negotiate)
{
    free(negotiate->mech_types_octets);
    negotiate->mech_types_octets = NULL;
    negotiate->mech_types = (struct mech_type_list){.count = 0};
}

bool mechlist_has(const struct mech_type_list *list, enum inner_kind kind)
{
    for (size_t i = 0; i < list->count; i++) {
        if (inner_from_wire(list->oids[i]) == kind)
            return true;
    }
    return false;
}

OM_uint32 mechlist_build(OM_uint32 *minor, struct negotiate_context *negotiate,
                         const enum inner_kind *kinds, size_t count)
{
    struct mech_type_list *list = &negotiate->mech_types;
    enum der_error error;

    mechlist_clear(negotiate);
    for (size_t i = 0; i < count; i++) {
        /* Windows looks for its own spelling first, as its clients send it (MS-SPNG 3.1.5.1). */
        if (kinds[i] == INNER_KERBEROS)
            list->oids[list->count++] = oid_range(oid_krb5_microsoft);
        list->oids[list->count++] = oid_range(inner_oid(kinds[i]));
    }
    error = mech_type_list_encode(list->oids, list->count, &negotiate->mech_types_octets,
                                  &list->der.length);
    if (error != DER_OK)
        return fail_no_memory(minor);
    list->der.data = negotiate->mech_types_octets;
    return GSS_S_COMPLETE;
}

OM_uint32 mechlist_keep(OM_uint32 *minor, struct negotiate_context *negotiate,
                        const struct mech_type_list *received)
{
    struct mech_type_list *list = &negotiate->mech_types;
    unsigned char *octets = malloc(received->der.length);

    mechlist_clear(negotiate);
    if (octets == NULL)
        return fail_no_memory(minor);
    memcpy(octets, received->der.data, received->der.length);
    negotiate->mech_types_octets = octets;
    *list = *received;
    list->der.data = octets;
    for (size_t i = 0; i < list->count; i++)
        list->oids[i].data = octets + (received->oids[i].data - received->der.data);
    return GSS_S_COMPLETE;
}
