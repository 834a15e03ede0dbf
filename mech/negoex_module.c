#include "mech/negoex_module.h"

#include <dlfcn.h>
#include <glob.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mech/oids.h"
#include "mech/status.h"
#include "mech/trace.h"

/* Where the mechglue reads which module a mechanism is in. */
#define CONFIG_VARIABLE "GSS_MECH_CONFIG"
#define CONFIG_FILE     "/etc/gss/mech"
#define CONFIG_PATTERN  "/etc/gss/mech.d/*.conf"

/* As long as a line that the mechglue reads. */
#define LINE_OCTETS  BUFSIZ
#define FIELD_BLANKS " \t\r\n"

/* --- finding the module --- */

/* Looks for the mechanism in one file; module has LINE_OCTETS. */
static bool read_config(const char *file, const char *dotted, char *module)
{
    FILE *lines = fopen(file, "r");
    char line[LINE_OCTETS];
    bool found = false;

    if (lines == NULL)
        return false;
    while (!found && fgets(line, sizeof line, lines) != NULL) {
        char *rest = NULL;
        const char *name = strtok_r(line, FIELD_BLANKS, &rest);
        const char *oid = name != NULL && *name != '#' ? strtok_r(NULL, FIELD_BLANKS, &rest) : NULL;
        const char *path = oid != NULL ? strtok_r(NULL, FIELD_BLANKS, &rest) : NULL;

        if (path == NULL || strcmp(oid, dotted) != 0)
            continue;
        (void)snprintf(module, LINE_OCTETS, "%s", path);
        found = true;
    }
    (void)fclose(lines);
    return found;
}

static bool find_in_config(const char *dotted, char *module)
{
    const char *file = secure_getenv(CONFIG_VARIABLE);
    glob_t files = {0};
    bool found;

    if (file != NULL)
        return read_config(file, dotted, module);
    found = read_config(CONFIG_FILE, dotted, module);
    if (!found && glob(CONFIG_PATTERN, 0, NULL, &files) == 0) {
        for (size_t i = 0; i < files.gl_pathc && !found; i++)
            found = read_config(files.gl_pathv[i], dotted, module);
        globfree(&files);
    }
    return found;
}

/* A name without directories, among those of the loaded objects. */
struct search {
    const char *name;
    char path[LINE_OCTETS];
};

static int match_object(struct dl_phdr_info *object, size_t size, void *data)
{
    struct search *search = data;
    const char *slash = strrchr(object->dlpi_name, '/');

    (void)size;
    if (slash == NULL || strcmp(slash + 1, search->name) != 0)
        return 0;
    (void)snprintf(search->path, sizeof search->path, "%s", object->dlpi_name);
    return 1;
}

/* The module, which the mechglue has loaded and never unloads; NULL when it is not there. */
static void *open_module(const char *module)
{
    struct search search = {.name = module};

    if (*module != '/') {
        /* The mechglue puts its own directory in front, which we do not know. */
        if (dl_iterate_phdr(match_object, &search) == 0)
            return NULL;
        module = search.path;
    }
    return dlopen(module, RTLD_LAZY | RTLD_NOLOAD);
}

bool negoex_module_find(gss_OID mechanism, const char *dotted, struct negoex_module *module)
{
    __typeof__(gssspi_query_mechanism_info) *query_mechanism_info;
    char path[LINE_OCTETS];
    void *object;
    OM_uint32 minor;

    if (!find_in_config(dotted, path) || (object = open_module(path)) == NULL)
        return false;
    module->mechanism = mechanism;
    /* POSIX has dlsym return functions as objects. */
    *(void **)&query_mechanism_info = dlsym(object, "gssspi_query_mechanism_info");
    *(void **)&module->query_meta_data = dlsym(object, "gssspi_query_meta_data");
    *(void **)&module->exchange_meta_data = dlsym(object, "gssspi_exchange_meta_data");
    return query_mechanism_info != NULL && module->query_meta_data != NULL &&
           module->exchange_meta_data != NULL &&
           query_mechanism_info(&minor, mechanism, module->auth_scheme) == GSS_S_COMPLETE;
}

/* --- the mechanism's own handles --- */

/*
 * What the mechglue's handles point to (MIT krb5 1.20): the first member points to the
 * structure itself, which is looked at before anything else is believed.
 */
struct union_context {
    struct union_context *self;
    gss_OID mechanism;
    gss_ctx_id_t inner;
};

struct union_credential {
    struct union_credential *self;
    int count;
    gss_OID mechanisms;
    gss_cred_id_t *inner;
};

struct union_name {
    struct union_name *self;
    gss_OID type;
    gss_buffer_t text;
    gss_OID mechanism;
    gss_name_t inner;
};

static OM_uint32 fail_layout(OM_uint32 *minor)
{
    return fail(minor, GSS_S_UNAVAILABLE, GSS_SSPI_E_NOT_AVAILABLE,
                "NegoEx cannot read this libgssapi's handles");
}

static OM_uint32 inner_credential(OM_uint32 *minor, gss_const_OID mechanism, gss_cred_id_t handle,
                                  gss_cred_id_t *inner)
{
    const struct union_credential *credential = (const struct union_credential *)handle;

    *inner = GSS_C_NO_CREDENTIAL;
    if (credential == NULL)
        return GSS_S_COMPLETE;
    if (credential->self != credential)
        return fail_layout(minor);
    for (int i = 0; i < credential->count; i++) {
        if (oid_equal(&credential->mechanisms[i], mechanism)) {
            *inner = credential->inner[i];
            return GSS_S_COMPLETE;
        }
    }
    return fail(minor, GSS_S_NO_CRED, GSS_SSPI_E_NO_MECHANISM, NULL);
}

/* The caller releases *canonical, which holds *inner. */
static OM_uint32 inner_name_of(OM_uint32 *minor, gss_OID mechanism, gss_name_t handle,
                               gss_name_t *canonical, gss_name_t *inner)
{
    const struct union_name *name;
    OM_uint32 major;

    *canonical = GSS_C_NO_NAME;
    *inner = GSS_C_NO_NAME;
    if (handle == GSS_C_NO_NAME)
        return GSS_S_COMPLETE;
    major = glue_canonicalize_name(minor, handle, mechanism, canonical);
    if (GSS_ERROR(major))
        return fail_inner(minor, major, *minor, "NegoEx", "reading the server's name");
    name = (const struct union_name *)*canonical;
    if (name->self != name || !oid_equal(name->mechanism, mechanism))
        return fail_layout(minor);
    *inner = name->inner;
    return GSS_S_COMPLETE;
}

/* The mechanism's context inside the mechglue's; its address, for the mechanism to write to. */
static OM_uint32 inner_context(OM_uint32 *minor, gss_const_OID mechanism, gss_ctx_id_t handle,
                               gss_ctx_id_t **inner)
{
    struct union_context *context = (struct union_context *)handle;

    if (context == NULL)
        return GSS_S_COMPLETE;
    if (context->self != context || !oid_equal(context->mechanism, mechanism))
        return fail_layout(minor);
    *inner = &context->inner;
    return GSS_S_COMPLETE;
}

/*
 * Makes the mechglue's context around one that the mechanism made, all of which the mechglue frees
 * with free(). NULL when memory runs out.
 */
static gss_ctx_id_t wrap_context(gss_const_OID mechanism, gss_ctx_id_t inner)
{
    struct union_context *context = calloc(1, sizeof *context);
    gss_OID oid = malloc(sizeof *oid);
    void *elements = malloc(mechanism->length);

    if (context == NULL || oid == NULL || elements == NULL) {
        free(context);
        free(oid);
        free(elements);
        return GSS_C_NO_CONTEXT;
    }
    memcpy(elements, mechanism->elements, mechanism->length);
    oid->length = mechanism->length;
    oid->elements = elements;
    context->self = context;
    context->mechanism = oid;
    context->inner = inner;
    return (gss_ctx_id_t)context;
}

/* One of the two calls; meta_data is read by exchange and written by query. */
static OM_uint32 call(OM_uint32 *minor, const struct negoex_module *module, bool query,
                      gss_cred_id_t credential, gss_ctx_id_t *context, gss_name_t target,
                      OM_uint32 flags, gss_buffer_t meta_data)
{
    gss_cred_id_t own_credential;
    gss_ctx_id_t made = GSS_C_NO_CONTEXT;
    gss_ctx_id_t *own_context = &made;
    gss_name_t canonical = GSS_C_NO_NAME;
    gss_name_t own_target;
    OM_uint32 ignored;
    OM_uint32 major = inner_credential(minor, module->mechanism, credential, &own_credential);

    if (!GSS_ERROR(major))
        major = inner_name_of(minor, module->mechanism, target, &canonical, &own_target);
    if (!GSS_ERROR(major))
        major = inner_context(minor, module->mechanism, *context, &own_context);
    if (GSS_ERROR(major))
        goto done;
    major = query ? module->query_meta_data(minor, module->mechanism, own_credential, own_context,
                                            own_target, flags, meta_data)
                  : module->exchange_meta_data(minor, module->mechanism, own_credential,
                                               own_context, own_target, flags, meta_data);
    if (made == GSS_C_NO_CONTEXT)
        goto done;
    *context = wrap_context(module->mechanism, made);
    if (*context == GSS_C_NO_CONTEXT)
        major = fail_no_memory(minor); /* the mechanism's context is lost */
done:
    (void)glue_release_name(&ignored, &canonical);
    return major;
}

OM_uint32 negoex_query_meta_data(OM_uint32 *minor, const struct negoex_module *module,
                                 gss_cred_id_t credential, gss_ctx_id_t *context, gss_name_t target,
                                 OM_uint32 flags, gss_buffer_t meta_data)
{
    *minor = 0;
    *meta_data = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    return call(minor, module, true, credential, context, target, flags, meta_data);
}

OM_uint32 negoex_exchange_meta_data(OM_uint32 *minor, const struct negoex_module *module,
                                    gss_cred_id_t credential, gss_ctx_id_t *context,
                                    gss_name_t target, OM_uint32 flags,
                                    gss_const_buffer_t meta_data)
{
    *minor = 0;
    return call(minor, module, false, credential, context, target, flags,
                (gss_buffer_t)(uintptr_t)meta_data);
}
