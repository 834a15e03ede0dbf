/*
 * Without UNICODE this is what FreeRDP 2 does: InitSecurityInterfaceA, a SEC_WINNT_AUTH_IDENTITY, no
 * input buffers for the first leg. With it, FreeRDP 3: InitSecurityInterfaceW, an identity with
 * WinPR's private members behind it, and an empty input buffer for the first leg.
 */
#include "tests/shim/sspi_module.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <winpr/sspi.h>

#include "common/text.h"

#ifdef UNICODE
typedef WCHAR CHARACTER;
#define ENTRY   "InitSecurityInterfaceW"
#define REQUEST (ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY)
#else
typedef CHAR CHARACTER;
#define ENTRY   "InitSecurityInterfaceA"
#define REQUEST (ISC_REQ_MUTUAL_AUTH | ISC_REQ_CONFIDENTIALITY | ISC_REQ_USE_SESSION_KEY)
#endif

#define NAME_MAX_LENGTH 255

/* FreeRDP 3's: SEC_WINNT_AUTH_IDENTITY_EXW, which WinPR 2 has not, with two pointers more. */
struct identity_of_freerdp3 {
    ULONG version;
    ULONG length;
    UINT16 *user;
    ULONG user_length;
    UINT16 *domain;
    ULONG domain_length;
    UINT16 *password;
    ULONG password_length;
    ULONG flags;
    UINT16 *package_list;
    ULONG package_list_length;
    void *kerberos_settings;
    void *ntlm_settings;
};
#define FREERDP3_IDENTITY_LENGTH   offsetof(struct identity_of_freerdp3, kerberos_settings)
#define FREERDP3_IDENTITY_VERSION  0x200
#define FREERDP3_IDENTITY_EXTENDED 0x100

struct sspi_module {
    void *library;
    SecurityFunctionTable *table;
    SecPkgInfo *info;
    CredHandle credential;
    CtxtHandle context;
    bool has_credential;
    bool has_context;
    SecPkgContext_Sizes sizes;
    struct secret texts[3]; /* user, domain, password; UTF-16 */
    struct secret output;
    ULONG attributes;
    ULONG sent;
    ULONG received;
};

/* FreeRDP prints the number; the text, which not every module has, is for who reads the test's log. */
static bool failed(const struct sspi_module *module, const char *call, SECURITY_STATUS status)
{
    const char *(*text)(void) = NULL;

    if (module->library != NULL)
        *(void **)&text = dlsym(module->library, "SspiGssStatusText");
    (void)fprintf(stderr, "%s: 0x%08x %s\n", call, (unsigned)status, text != NULL ? text() : "");
    return false;
}

/* ASCII to the characters of the table's functions. */
static CHARACTER *text_of(const char *text, CHARACTER characters[NAME_MAX_LENGTH + 1])
{
    size_t i = 0;

    for (; i < NAME_MAX_LENGTH && text[i] != '\0'; i++)
        characters[i] = (CHARACTER)text[i];
    characters[i] = 0;
    return characters;
}

static SecurityFunctionTable *load(struct sspi_module *module, const char *path)
{
    INIT_SECURITY_INTERFACE entry;

    module->library = dlopen(path, RTLD_LAZY);
    if (module->library == NULL) {
        (void)fprintf(stderr, "%s\n", dlerror());
        return NULL;
    }
    *(void **)&entry = dlsym(module->library, ENTRY);
    if (entry == NULL) {
        (void)fprintf(stderr, "%s has no " ENTRY "\n", path);
        return NULL;
    }
    return entry();
}

struct sspi_module *sspi_module_open(const char *path, const char *package)
{
    struct sspi_module *module = calloc(1, sizeof *module);
    CHARACTER name[NAME_MAX_LENGTH + 1];
    SECURITY_STATUS status;

    if (module == NULL)
        return NULL;
    module->table = load(module, path);
    if (module->table != NULL) {
        status = module->table->QuerySecurityPackageInfo(text_of(package, name), &module->info);
        if (status == SEC_E_OK)
            return module;
        (void)failed(module, "QuerySecurityPackageInfo", status);
    }
    sspi_module_close(module);
    return NULL;
}

/* In place: what FreeRDP 2 gives is found at the front of what FreeRDP 3 gives in other places. */
static bool set_texts(struct sspi_module *module, const struct sspi_module_user *user)
{
    const char *const texts[3] = {user->user, user->domain, user->password};

    for (int i = 0; i < 3; i++) {
        if (text_to_utf16le(byte_range_of(texts[i], strlen(texts[i])), &module->texts[i]) !=
            TEXT_OK)
            return false;
    }
    return true;
}

bool sspi_module_acquire(struct sspi_module *module, const struct sspi_module_user *user)
{
    void *identity = NULL;
    SECURITY_STATUS status;

    if (user->user != NULL && !set_texts(module, user))
        return false;
#ifdef UNICODE
    struct identity_of_freerdp3 extended = {
        .version = FREERDP3_IDENTITY_VERSION,
        .length = FREERDP3_IDENTITY_LENGTH,
        .user = (UINT16 *)module->texts[0].data,
        .user_length = (ULONG)(module->texts[0].length / 2),
        .domain = (UINT16 *)module->texts[1].data,
        .domain_length = (ULONG)(module->texts[1].length / 2),
        .password = (UINT16 *)module->texts[2].data,
        .password_length = (ULONG)(module->texts[2].length / 2),
        .flags = SEC_WINNT_AUTH_IDENTITY_UNICODE | FREERDP3_IDENTITY_EXTENDED,
        .kerberos_settings = &extended,
        .ntlm_settings = &extended,
    };
#else
    SEC_WINNT_AUTH_IDENTITY extended = {
        .User = (UINT16 *)module->texts[0].data,
        .UserLength = (ULONG)(module->texts[0].length / 2),
        .Domain = (UINT16 *)module->texts[1].data,
        .DomainLength = (ULONG)(module->texts[1].length / 2),
        .Password = (UINT16 *)module->texts[2].data,
        .PasswordLength = (ULONG)(module->texts[2].length / 2),
        .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
    };
#endif
    if (user->user != NULL)
        identity = &extended;
    status = module->table->AcquireCredentialsHandle(NULL, module->info->Name, SECPKG_CRED_OUTBOUND,
                                                     NULL, identity, NULL, NULL,
                                                     &module->credential, NULL);
    module->has_credential = status == SEC_E_OK;
    return module->has_credential || failed(module, "AcquireCredentialsHandle", status);
}

static enum sspi_module_result finish(struct sspi_module *module)
{
    SECURITY_STATUS status =
        module->table->QueryContextAttributes(&module->context, SECPKG_ATTR_SIZES, &module->sizes);

    if (status == SEC_E_OK)
        return SSPI_MODULE_DONE;
    (void)failed(module, "QueryContextAttributes", status);
    return SSPI_MODULE_FAILED;
}

enum sspi_module_result sspi_module_step(struct sspi_module *module, const char *service,
                                         struct byte_range input, struct byte_range *output)
{
    SecBuffer in = {(ULONG)input.length,
                    byte_range_is_present(input) ? SECBUFFER_TOKEN : SECBUFFER_EMPTY,
                    (void *)(uintptr_t)input.data};
    SecBufferDesc in_all = {SECBUFFER_VERSION, 1, &in};
    SecBuffer out = {module->info->cbMaxToken, SECBUFFER_TOKEN, NULL};
    SecBufferDesc out_all = {SECBUFFER_VERSION, 1, &out};
    SecBufferDesc *given = &in_all;
    CHARACTER target[NAME_MAX_LENGTH + 1];
    SECURITY_STATUS status;

#ifndef UNICODE
    if (!byte_range_is_present(input))
        given = NULL;
#endif
    secret_release(&module->output);
    if (!secret_allocate(&module->output, module->info->cbMaxToken))
        return SSPI_MODULE_FAILED;
    out.pvBuffer = module->output.data;
    status = module->table->InitializeSecurityContext(
        &module->credential, module->has_context ? &module->context : NULL,
        text_of(service, target), REQUEST, 0, SECURITY_NATIVE_DREP, given, 0, &module->context,
        &out_all, &module->attributes, NULL);
    if (status == SEC_I_COMPLETE_NEEDED || status == SEC_I_COMPLETE_AND_CONTINUE) {
        (void)module->table->CompleteAuthToken(&module->context, &out_all);
        status = status == SEC_I_COMPLETE_NEEDED ? SEC_E_OK : SEC_I_CONTINUE_NEEDED;
    }
    if (status < 0) {
        (void)failed(module, "InitializeSecurityContext", status);
        return SSPI_MODULE_FAILED;
    }
    module->has_context = true;
    *output = byte_range_of(out.pvBuffer, out.cbBuffer);
    return status == SEC_E_OK ? finish(module) : SSPI_MODULE_CONTINUES;
}

bool sspi_module_encrypt(struct sspi_module *module, struct byte_range plain, struct secret *sealed)
{
    ULONG trailer = module->sizes.cbSecurityTrailer;
    SecBuffer buffers[2];
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    SECURITY_STATUS status;

    if (!secret_allocate(sealed, trailer + plain.length))
        return false;
    memcpy(sealed->data + trailer, plain.data, plain.length);
    buffers[0] = (SecBuffer){trailer, SECBUFFER_TOKEN, sealed->data};
    buffers[1] = (SecBuffer){(ULONG)plain.length, SECBUFFER_DATA, sealed->data + trailer};
    status = module->table->EncryptMessage(&module->context, 0, &message, module->sent++);
    if (status != SEC_E_OK) {
        secret_release(sealed);
        return failed(module, "EncryptMessage", status);
    }
    /* What FreeRDP 3 does when the signature is shorter than the trailer was said to be. */
    if (buffers[0].cbBuffer < trailer) {
        memmove(sealed->data + buffers[0].cbBuffer, buffers[1].pvBuffer, buffers[1].cbBuffer);
        module->sizes.cbSecurityTrailer = buffers[0].cbBuffer;
        secret_truncate(sealed, buffers[0].cbBuffer + buffers[1].cbBuffer);
    }
    return true;
}

bool sspi_module_decrypt(struct sspi_module *module, struct byte_range sealed, struct secret *plain)
{
    ULONG trailer = module->sizes.cbSecurityTrailer;
    unsigned char signature[1024];
    SecBuffer buffers[2];
    SecBufferDesc message = {SECBUFFER_VERSION, 2, buffers};
    ULONG quality = 0;
    SECURITY_STATUS status;

    if (sealed.length < trailer || trailer > sizeof signature)
        return failed(module, "a sealed message is too short", 0);
    if (!secret_allocate(plain, sealed.length - trailer))
        return false;
    memcpy(signature, sealed.data, trailer);
    memcpy(plain->data, sealed.data + trailer, sealed.length - trailer);
    buffers[0] = (SecBuffer){trailer, SECBUFFER_TOKEN, signature};
    buffers[1] = (SecBuffer){(ULONG)plain->length, SECBUFFER_DATA, plain->data};
    status =
        module->table->DecryptMessage(&module->context, &message, module->received++, &quality);
    if (status == SEC_E_OK)
        return true;
    secret_release(plain);
    return failed(module, "DecryptMessage", status);
}

void sspi_module_close(struct sspi_module *module)
{
    if (module->has_context)
        (void)module->table->DeleteSecurityContext(&module->context);
    if (module->has_credential)
        (void)module->table->FreeCredentialsHandle(&module->credential);
    if (module->info != NULL)
        (void)module->table->FreeContextBuffer(module->info);
    for (int i = 0; i < 3; i++)
        secret_release(&module->texts[i]);
    secret_release(&module->output);
    if (module->library != NULL)
        (void)dlclose(module->library);
    free(module);
}
