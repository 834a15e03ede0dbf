/* Marshalled identities from anywhere: nothing outside of the octets is touched. */
#include <stdlib.h>
#include <string.h>

#include "tests/runner.h"
#include "tests/shim/supplied.h"

/* The octets in memory of exactly their length, so that a step outside is seen. */
static SECURITY_STATUS unmarshal(const char *octets, ULONG length)
{
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE identity = NULL;
    char *exact = malloc(length != 0 ? length : 1);
    SECURITY_STATUS status;
    PCWSTR strings[3];

    ck_assert_ptr_nonnull(exact);
    memcpy(exact, octets, length);
    status = SspiUnmarshalAuthIdentity(length, exact, &identity);
    free(exact);
    if (status != SEC_E_OK) {
        ck_assert_ptr_null(identity);
        return status;
    }
    /* What is taken can be used, or is refused then; nothing is touched that is not there. */
    (void)SspiValidateAuthIdentity(identity);
    if (SspiEncodeAuthIdentityAsStrings(identity, &strings[0], &strings[1], &strings[2]) ==
        SEC_E_OK) {
        for (size_t i = 0; i < 3; i++)
            SspiLocalFree(WIDE(strings[i]));
    }
    SspiZeroAuthIdentity(identity);
    SspiFreeAuthIdentity(identity);
    return status;
}

static ULONG marshalled(char **octets)
{
    SEC_WINNT_AUTH_IDENTITY_EXW wide = identity_with_packages();
    ULONG length = 0;

    ck_assert_int_eq(SspiMarshalAuthIdentity(&wide, &length, octets), SEC_E_OK);
    return length;
}

START_TEST(marshalled_octets_cut_short)
{
    char *octets = NULL;
    ULONG length = marshalled(&octets);
    ULONG more = length + 1;

    for (ULONG i = 0; i < length; i++) {
        SEC_WINNT_AUTH_IDENTITY_EX2 header;

        ck_assert_int_eq(unmarshal(octets, i), SEC_E_INVALID_PARAMETER);
        if (i < sizeof header)
            continue;
        /* The same with a header that knows. */
        memcpy(&header, octets, sizeof header);
        header.cbStructureLength = i;
        memcpy(octets, &header, sizeof header);
        ck_assert_int_eq(unmarshal(octets, i), SEC_E_INVALID_PARAMETER);
        header.cbStructureLength = length;
        memcpy(octets, &header, sizeof header);
    }
    ck_assert_int_eq(unmarshal(octets, length), SEC_E_OK);
    memcpy(octets + offsetof(SEC_WINNT_AUTH_IDENTITY_EX2, cbStructureLength), &more, sizeof more);
    ck_assert_int_eq(unmarshal(octets, length), SEC_E_INVALID_PARAMETER);
    SspiLocalFree(octets);
}
END_TEST

/* Every 16 bits of the whole take every kind of value that an offset or a length can have. */
START_TEST(marshalled_octets_with_other_numbers)
{
    char *octets = NULL;
    ULONG length = marshalled(&octets);
    static const int16_t near[] = {-4, -3, -2, -1, 0, 1, 2, 3, 4};
    size_t accepted = 0;

    for (size_t place = 0; place + 2 <= length; place += 2) {
        uint16_t before;

        memcpy(&before, octets + place, 2);
        for (size_t base = 0; base < 6; base++) {
            const uint16_t bases[6] = {
                0,      before, (uint16_t)sizeof(SEC_WINNT_AUTH_IDENTITY_EX2),
                0x7fff, 0xffff, (uint16_t)length};

            for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
                uint16_t other = (uint16_t)(bases[base] + near[i]);

                memcpy(octets + place, &other, 2);
                accepted += unmarshal(octets, length) == SEC_E_OK;
            }
        }
        memcpy(octets + place, &before, 2);
    }
    /* Texts may be changed, and numbers to those that were there. */
    ck_assert_uint_gt(accepted, 0);
    SspiLocalFree(octets);
}
END_TEST

/* One member of the header each; the numbers belong to no identity. */
START_TEST(offsets_that_lead_astray)
{
    char *octets = NULL;
    ULONG length = marshalled(&octets);
    SEC_WINNT_AUTH_IDENTITY_EX2 header;

    memcpy(&header, octets, sizeof header);
    switch (_i) {
    case 0:
        header.UserOffset = 4; /* into the header */
        break;
    case 1:
        header.UserOffset = length - 2;
        break;
    case 2:
        header.UserOffset = UINT32_MAX - 1;
        break;
    case 3:
        header.UserOffset++; /* odd */
        break;
    case 4:
        header.UserLength--;
        break;
    case 5:
        header.UserOffset = 0; /* absent, with a length */
        break;
    case 6:
        header.DomainOffset = header.UserOffset; /* one over the other */
        break;
    case 7:
        header.PackageListLength = 0xfffe;
        break;
    case 8:
        header.PackedCredentialsLength = 27; /* shorter than its own header */
        break;
    case 9:
        header.PackedCredentialsOffset -= 2;
        break;
    case 10:
        header.cbHeaderLength = 46;
        break;
    case 11:
        header.cbStructureLength = 0;
        break;
    default:
        header.Version = SEC_WINNT_AUTH_IDENTITY_VERSION;
        break;
    }
    memcpy(octets, &header, sizeof header);
    ck_assert_int_eq(unmarshal(octets, length), SEC_E_INVALID_PARAMETER);
    SspiLocalFree(octets);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("shim: marshalled identities");
    TCase *t = tcase_create("octets");

    tcase_set_timeout(t, 120);
    tcase_add_test(t, marshalled_octets_cut_short);
    tcase_add_test(t, marshalled_octets_with_other_numbers);
    tcase_add_loop_test(t, offsets_that_lead_astray, 0, 13);
    suite_add_tcase(suite, t);
    return run_suite(suite);
}
