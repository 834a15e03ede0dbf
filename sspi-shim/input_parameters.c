#include "sspi-shim/input_parameters.h"

#include <stdlib.h>
#include <string.h>
#include <sspi-gss/credssp.h>
#include "common/secret.h"
#include "sspi-shim/buffers.h"
#include "sspi-shim/status.h"
#include "sspi-shim/text.h"

/* The shortest structure, and room for the longest that has no length of its own. */
#define PARAMETERS_MIN  sizeof(CREDSSP_CRED)
#define PARAMETERS_ROOM sizeof(SEC_WINNT_AUTH_IDENTITY_INFO)

/* Whether what the buffer begins can be read: beyond its end the copy has zeros. */
static bool is_whole(struct byte_range octets)
{
    SEC_WINNT_AUTH_IDENTITY_EX2 identity;
    ULONG version;

    if (octets.length < PARAMETERS_MIN)
        return false;
    memcpy(&version, octets.data, sizeof version);
    if (version != SEC_WINNT_AUTH_IDENTITY_VERSION_2)
        return true;
    if (octets.length < sizeof identity)
        return false;
    memcpy(&identity, octets.data, sizeof identity);
    return identity.cbStructureLength <= octets.length;
}

SECURITY_STATUS credential_from_buffers(const SecBufferDesc *input, const struct package *package,
                                        SecHandle *handle)
{
    const SecBuffer *buffer = buffer_find(input, SECBUFFER_PKG_PARAMS);
    SECURITY_STATUS status;
    size_t size;
    void *copy;

    if (buffer->pvBuffer == NULL || !is_whole(buffer_range(buffer)))
        return status_because(SEC_E_INVALID_TOKEN, "SECBUFFER_PKG_PARAMS is too short");
    size = buffer->cbBuffer > PARAMETERS_ROOM ? buffer->cbBuffer : PARAMETERS_ROOM;
    copy = calloc(1, size);
    if (copy == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(copy, buffer->pvBuffer, buffer->cbBuffer);
    status = AcquireCredentialsHandleA(NULL, (SEC_CHAR *)(uintptr_t)package->name,
                                       SECPKG_CRED_OUTBOUND, NULL, copy, NULL, NULL, handle, NULL);
    wipe(copy, size);
    free(copy);
    return status;
}

SECURITY_STATUS target_from_buffers(const SecBufferDesc *input, char **target)
{
    const SecBuffer *buffer = buffer_find(input, SECBUFFER_TARGET);
    SECURITY_STATUS status;
    SEC_WCHAR *text;

    *target = NULL;
    if (buffer == NULL)
        buffer = buffer_find(input, SECBUFFER_TARGET_HOST);
    if (buffer == NULL || buffer->pvBuffer == NULL || buffer->cbBuffer == 0)
        return SEC_E_OK;
    if (buffer->cbBuffer % sizeof *text != 0 || buffer->cbBuffer / sizeof *text > TEXT_MAX)
        return status_because(SEC_E_TARGET_UNKNOWN, "the buffer with the target is not UTF-16");
    text = calloc(buffer->cbBuffer / sizeof *text + 1, sizeof *text);
    if (text == NULL)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(text, buffer->pvBuffer, buffer->cbBuffer);
    status = text_from_wide(text, target);
    free(text);
    return status;
}

SECURITY_STATUS flags_from_buffers(const SecBufferDesc *input, ULONG *request)
{
    const SecBuffer *buffer = buffer_find(input, SECBUFFER_FLAGS);
    SEC_FLAGS flags;

    if (buffer == NULL)
        return SEC_E_OK;
    if (buffer->pvBuffer == NULL || buffer->cbBuffer < sizeof flags)
        return status_because(SEC_E_INVALID_TOKEN, "SECBUFFER_FLAGS is too short");
    memcpy(&flags, buffer->pvBuffer, sizeof flags);
    if ((flags.Flags & ISC_REQ_MESSAGES) != 0)
        return status_because(SEC_E_UNSUPPORTED_FUNCTION, "TLS messages without records");
    *request |= (ULONG)flags.Flags;
    return SEC_E_OK;
}
