/* Which inner mechanisms a credential may be used with, and in which order. */
#include "mech/cred.h"

#include <stdlib.h>
#include <string.h>

#include "mech/status.h"

OM_uint32 credential_set_packages(OM_uint32 *minor, struct credential *credential, const char *text)
{
    struct package_list packages;
    char *copy;

    *minor = 0;
    if (!package_list_parse(text, strlen(text), &packages))
        return fail(minor, GSS_S_FAILURE, GSS_SSPI_E_NO_MECHANISM,
                    "the package list \"%s\" leaves none", text);
    copy = strdup(text);
    if (copy == NULL)
        return fail_no_memory(minor);
    (void)pthread_mutex_lock(&credential->lock);
    free(credential->packages);
    credential->packages = copy;
    (void)pthread_mutex_unlock(&credential->lock);
    return GSS_S_COMPLETE;
}

/* The mechanisms of a set, in its order, with NegoEx before those that it negotiates. */
static void packages_of_set(gss_const_OID_set set, struct package_list *packages)
{
    packages->count = 0;
    for (size_t i = 0; i < set->count; i++) {
        enum inner_kind kind = inner_from_wire(oid_range(&set->elements[i]));

        if (kind == INNER_NONE)
            continue;
        if (inner_negoex_module(kind) != NULL)
            package_list_add(packages, INNER_NEGOEX);
        package_list_add(packages, kind);
    }
}

/* Leaves in *packages what other has as well. */
static void intersect(struct package_list *packages, const struct package_list *other)
{
    size_t count = 0;

    for (size_t i = 0; i < packages->count; i++) {
        if (package_list_has(other, packages->kinds[i]))
            packages->kinds[count++] = packages->kinds[i];
    }
    packages->count = count;
}

/* What the caller gave the credential; false when it gave nothing. */
static bool packages_of_credential(struct credential *credential, struct package_list *packages)
{
    struct package_list given;
    bool has_set = credential->allowed != GSS_C_NO_OID_SET;
    bool has_list = credential->packages != NULL;

    if (has_list)
        (void)package_list_parse(credential->packages, strlen(credential->packages), &given);
    if (has_set)
        packages_of_set(credential->allowed, packages);
    else if (has_list)
        *packages = given;
    if (has_set && has_list)
        intersect(packages, &given);
    return has_set || has_list;
}

void credential_mechanisms(struct credential *credential, const struct package_list *packages,
                           struct package_list *allowed)
{
    size_t count = 0;
    bool given = false;

    if (credential != NULL) {
        (void)pthread_mutex_lock(&credential->lock);
        given = packages_of_credential(credential, allowed);
        (void)pthread_mutex_unlock(&credential->lock);
    }
    if (given)
        intersect(allowed, packages);
    else
        *allowed = *packages;
    for (size_t i = 0; i < allowed->count; i++) {
        if (inner_is_registered(allowed->kinds[i]))
            allowed->kinds[count++] = allowed->kinds[i];
    }
    allowed->count = count;
}

OM_uint32 credential_set_neg_mechs(OM_uint32 *minor, struct credential *credential,
                                   gss_const_OID_set mechanisms)
{
    gss_OID_set copy = GSS_C_NO_OID_SET;
    gss_OID_set old;
    OM_uint32 ignored;
    OM_uint32 major = glue_create_empty_oid_set(minor, &copy);

    for (size_t i = 0; !GSS_ERROR(major) && i < mechanisms->count; i++)
        major = glue_add_oid_set_member(minor, &mechanisms->elements[i], &copy);
    if (GSS_ERROR(major)) {
        (void)glue_release_oid_set(&ignored, &copy);
        return fail_no_memory(minor);
    }
    (void)pthread_mutex_lock(&credential->lock);
    old = credential->allowed;
    credential->allowed = copy;
    (void)pthread_mutex_unlock(&credential->lock);
    (void)glue_release_oid_set(&ignored, &old);
    *minor = 0;
    return GSS_S_COMPLETE;
}
