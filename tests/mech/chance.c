#include "tests/mech/chance.h"

struct chance chance_of_seed(uint64_t seed)
{
    return (struct chance){.state = seed};
}

struct chance chance_of_octets(struct byte_range octets)
{
    return (struct chance){.from_octets = true, .octets = octets};
}

static unsigned next_octet(struct chance *chance)
{
    unsigned octet;

    if (chance->octets.length == 0)
        return 0;
    octet = *chance->octets.data++;
    chance->octets.length--;
    return octet;
}

/* SplitMix64: neighbouring seeds give streams that have nothing to do with each other. */
static uint64_t next_number(struct chance *chance)
{
    uint64_t number = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    number = (number ^ (number >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    number = (number ^ (number >> 27)) * UINT64_C(0x94d049bb133111eb);
    return number ^ (number >> 31);
}

unsigned choose(struct chance *chance, size_t count)
{
    unsigned octets;

    if (!chance->from_octets)
        return (unsigned)(next_number(chance) % count);
    octets = next_octet(chance);
    if (count > 256)
        octets = octets << 8 | next_octet(chance);
    return (unsigned)(octets % count);
}
