#include "mech/server_demand.h"

#include <stdlib.h>
#include <string.h>

#include "common/hexadecimal.h"
#include "mech/policy_option.h"

#define BLANKS " \t\r\n"

/* By their order in the enumeration. */
static const char *const authentications[] = {"none", "verify", "pin"};

bool server_authentication_parse(const char *text, enum server_authentication *authentication)
{
    size_t word;
    bool found = policy_word_find(authentications,
                                  sizeof authentications / sizeof authentications[0], text, &word);

    if (found)
        *authentication = (enum server_authentication)word;
    return found;
}

const char *server_authentication_text(enum server_authentication authentication)
{
    return authentications[authentication];
}

/* Pairs of digits, which colons may separate; false when it is not exactly one fingerprint. */
static bool read_fingerprint(struct byte_range text, unsigned char *fingerprint)
{
    const char *at = (const char *)text.data;
    const char *end = at + text.length;

    for (size_t i = 0; i < FINGERPRINT_OCTETS; i++) {
        int high;
        int low;

        if (i != 0 && at < end && *at == ':')
            at++;
        if (end - at < 2)
            return false;
        high = hexadecimal_digit(at[0]);
        low = hexadecimal_digit(at[1]);
        if (high < 0 || low < 0)
            return false;
        fingerprint[i] = (unsigned char)(high << 4 | low);
        at += 2;
    }
    return at == end;
}

bool next_fingerprint(const char **list, struct byte_range *pattern,
                      unsigned char fingerprint[FINGERPRINT_OCTETS])
{
    const char *word = *list + strspn(*list, BLANKS);
    size_t length = strcspn(word, BLANKS);
    const char *equals = memchr(word, '=', length);
    const char *digits = equals != NULL ? equals + 1 : word;

    *pattern = equals != NULL ? byte_range_of(word, (size_t)(equals - word)) : BYTE_RANGE_ABSENT;
    *list = word;
    if (length == 0 ||
        !read_fingerprint(byte_range_of(digits, length - (size_t)(digits - word)), fingerprint))
        return false;
    *list = word + length;
    return true;
}

static bool fingerprints_are_right(const char *list)
{
    unsigned char fingerprint[FINGERPRINT_OCTETS];
    struct byte_range pattern;

    while (next_fingerprint(&list, &pattern, fingerprint))
        ;
    return *list == '\0';
}

const char *server_demand_flaw(const struct server_demand *demand)
{
    if (demand->fingerprints != NULL && !fingerprints_are_right(demand->fingerprints))
        return "server_fingerprints";
    if (demand->authentication != SERVER_FINGERPRINT && demand->fingerprints != NULL)
        return "server_fingerprints (without server_authentication = pin)";
    if (demand->authentication == SERVER_FINGERPRINT && demand->fingerprints == NULL)
        return "server_authentication (pin without server_fingerprints)";
    return NULL;
}

static bool copy_text(char **copy, const char *text)
{
    *copy = text != NULL ? strdup(text) : NULL;
    return text == NULL || *copy != NULL;
}

bool server_demand_copy(struct server_demand *copy, const struct server_demand *demand)
{
    *copy = (struct server_demand){.authentication = demand->authentication};
    return copy_text(&copy->trusted_certificates, demand->trusted_certificates) &&
           copy_text(&copy->fingerprints, demand->fingerprints);
}

void server_demand_release(struct server_demand *demand)
{
    free(demand->trusted_certificates);
    free(demand->fingerprints);
    *demand = (struct server_demand){.authentication = SERVER_UNVERIFIED};
}
