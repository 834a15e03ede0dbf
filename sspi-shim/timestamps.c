#include "sspi-shim/timestamps.h"

#define TICKS_PER_SECOND          INT64_C(10000000)
#define SECONDS_FROM_1601_TO_1970 INT64_C(11644473600)

TimeStamp timestamp_of(time_t moment)
{
    struct tm local;
    int64_t offset = localtime_r(&moment, &local) != NULL ? local.tm_gmtoff : 0;
    TimeStamp stamp;

    stamp.QuadPart = ((int64_t)moment + offset + SECONDS_FROM_1601_TO_1970) * TICKS_PER_SECOND;
    return stamp;
}

TimeStamp timestamp_after(time_t start, OM_uint32 lifetime)
{
    TimeStamp never;

    if (lifetime != GSS_C_INDEFINITE)
        return timestamp_of(start + (time_t)lifetime);
    never.QuadPart = INT64_MAX;
    return never;
}
