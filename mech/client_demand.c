#include "mech/client_demand.h"

#include "mech/policy_option.h"

/* By their order in the enumeration. */
static const char *const modes[] = {"none", "request", "require"};

bool client_certificate_mode_parse(const char *text, enum client_certificate_mode *mode)
{
    size_t word;
    bool found = policy_word_find(modes, sizeof modes / sizeof modes[0], text, &word);

    if (found)
        *mode = (enum client_certificate_mode)word;
    return found;
}

const char *client_certificate_mode_text(enum client_certificate_mode mode)
{
    return modes[mode];
}
