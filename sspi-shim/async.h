/* A call that another thread makes. */
#ifndef SSPI_SHIM_ASYNC_H
#define SSPI_SHIM_ASYNC_H

#include <sspi-gss/sspi_async.h>

struct async_arguments;
typedef SECURITY_STATUS async_call(const struct async_arguments *arguments);

/* The arguments of all calls; each uses its own. */
struct async_arguments {
    async_call *call;
    PCredHandle credential;
    PCtxtHandle context;
    void *principal;
    void *package;
    ULONG use;
    void *logon_id;
    void *auth_data;
    SEC_GET_KEY_FN get_key;
    void *get_key_argument;
    void *target;
    ULONG request;
    ULONG reserved1;
    ULONG reserved2;
    ULONG data_representation;
    PSecBufferDesc input;
    PCtxtHandle new_context;
    PSecBufferDesc output;
    ULONG *attributes;
    PTimeStamp expiry;
};

/*
 * Begins the call, which from now on is one of the context's owners; its status is the context's then.
 * SEC_E_INVALID_PARAMETER without a context and while its call runs; SEC_E_INSUFFICIENT_MEMORY.
 */
SECURITY_STATUS async_queue_call(SspiAsyncContext *context,
                                 const struct async_arguments *arguments);

#endif
