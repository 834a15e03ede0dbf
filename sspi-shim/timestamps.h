/* TimeStamp: local time, counted in 100 ns since 1601-01-01. */
#ifndef SSPI_SHIM_TIMESTAMPS_H
#define SSPI_SHIM_TIMESTAMPS_H

#include <time.h>
#include <gssapi/gssapi.h>
#include <sspi-gss/sspi.h>

/* A moment in local time. */
TimeStamp timestamp_of(time_t moment);

/* The moment lifetime seconds after start; GSS_C_INDEFINITE is Windows' "never". */
TimeStamp timestamp_after(time_t start, OM_uint32 lifetime);

#endif
