#include "mech/certificate_source.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/gnutls.h>

bool certificate_source_is_whole(const struct certificate_source *source)
{
    return (source->certificate == NULL) == (source->private_key == NULL);
}

bool certificate_source_copy(struct certificate_source *copy,
                             const struct certificate_source *source)
{
    *copy = (struct certificate_source){NULL, NULL};
    if (source->certificate != NULL && (copy->certificate = strdup(source->certificate)) == NULL)
        return false;
    return source->private_key == NULL || (copy->private_key = strdup(source->private_key)) != NULL;
}

void certificate_source_release(struct certificate_source *source)
{
    free(source->certificate);
    free(source->private_key);
    *source = (struct certificate_source){NULL, NULL};
}

int certificate_source_shown(const char *source)
{
    return (int)(strncmp(source, "pkcs11:", 7) == 0 ? strcspn(source, "?") : strlen(source));
}

const char *certificate_source_reason(int status)
{
    switch (status) {
    case GNUTLS_E_DECRYPTION_FAILED:
        return "the key is encrypted: store it without a passphrase, or on a token";
    case GNUTLS_E_PKCS11_PIN_ERROR:
    case GNUTLS_E_PKCS11_PIN_LOCKED:
        return "the token's PIN is wrong or missing: give the key's URI pin-source=file:...";
    default:
        return gnutls_strerror(status);
    }
}
