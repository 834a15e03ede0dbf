#include "tools/registration.h"

#include <dlfcn.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer lines are no registration that the mechglue would take either. */
#define LINE_SIZE 4096

static bool find_in_file(struct registration *registration, const char *oid, const char *file)
{
    FILE *stream = fopen(file, "re");
    char line[LINE_SIZE];
    bool found = false;

    if (stream == NULL)
        return false;
    while (!found && fgets(line, sizeof(line), stream) != NULL) {
        char *rest = NULL;
        const char *name = strtok_r(line, " \t\n", &rest);
        const char *line_oid = strtok_r(NULL, " \t\n", &rest);
        const char *module = strtok_r(NULL, " \t\n", &rest);

        if (name == NULL || name[0] == '#' || module == NULL || strcmp(line_oid, oid) != 0)
            continue;
        (void)snprintf(registration->file, sizeof(registration->file), "%s", file);
        (void)snprintf(registration->module, sizeof(registration->module), "%s", module);
        found = true;
    }
    (void)fclose(stream);
    return found;
}

bool registration_find(struct registration *registration, const char *oid)
{
    const char *configured = getenv("GSS_MECH_CONFIG");
    glob_t files;
    bool found = false;

    if (configured != NULL)
        return find_in_file(registration, oid, configured);
    if (find_in_file(registration, oid, "/etc/gss/mech"))
        return true;
    if (glob("/etc/gss/mech.d/*.conf", 0, NULL, &files) != 0)
        return false;
    for (size_t i = 0; i < files.gl_pathc && !found; i++)
        found = find_in_file(registration, oid, files.gl_pathv[i]);
    globfree(&files);
    return found;
}

const char *registration_load_error(const struct registration *registration)
{
    void *module = dlopen(registration->module, RTLD_NOW | RTLD_LOCAL);

    if (module == NULL)
        return dlerror();
    (void)dlclose(module);
    return NULL;
}
