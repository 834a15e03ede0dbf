#include "tests/mech/cell_credentials.h"

#include <check.h>
#include <string.h>

#include "asn1/ts_credentials.h"

#define USER    "EXAMPLE\\alice"
#define LONGEST 64

static const uint32_t key_spec = 2;

static gss_cred_id_t plugin_credentials[CREDENTIALS][2]; /* [][Kerberos] */
static gss_cred_id_t crafted_credentials[INNERS];
static struct secret encoded[CREDENTIALS];

/* --- to log on with --- */

/* A card, and a ticket or a password for the logon itself. */
static gss_cred_id_t card_credential(bool kerberos)
{
    return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, kerberos ? NULL : USER,
                            "packages", kerberos ? "kerberos" : "ntlm", "smart_card_pin", "1234",
                            "smart_card_name", "c", "smart_card_reader", "r", "smart_card_key_spec",
                            "2", "smart_card_user_hint", "u", kerberos ? NULL : "password",
                            realm_variable("REALM_PASSWORD"), NULL);
}

static gss_cred_id_t acquire(enum cell_credentials credentials, bool kerberos)
{
    const char *packages = kerberos ? "kerberos" : "ntlm";

    switch (credentials) {
    case PASSWORD:
        return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, USER, "packages", packages,
                                "password", realm_variable("REALM_PASSWORD"), NULL);
    case SMART_CARD:
        return card_credential(kerberos);
    case REMOTE_GUARD:
    case EMPTY:
    case TICKET:
    default:
        return store_credential(GSS_SSPI_MECH_CREDSSP, GSS_C_INITIATE, NULL, "packages", packages,
                                NULL);
    }
}

gss_cred_id_t cell_plugin_credential(const struct cell *cell)
{
    bool kerberos = cell_is_kerberos(cell);
    gss_cred_id_t *kept = &plugin_credentials[cell->credentials][kerberos];

    if (*kept == GSS_C_NO_CREDENTIAL)
        *kept = acquire(cell->credentials, kerberos);
    ck_assert_msg(*kept != GSS_C_NO_CREDENTIAL, "%s: no credential", cell_text(cell));
    return *kept;
}

/* NTLM as the only mechanism that MIT's SPNEGO offers. */
static gss_cred_id_t spnego_ntlm_credential(void)
{
    gss_OID_set_desc mechanisms = {1, (gss_OID)(uintptr_t)&ntlm_oid};
    gss_cred_id_t credential =
        password_credential(&spnego_oid, USER, realm_variable("REALM_PASSWORD"));
    OM_uint32 minor;

    ck_assert_uint_eq(gss_set_neg_mechs(&minor, credential, &mechanisms), GSS_S_COMPLETE);
    return credential;
}

gss_cred_id_t cell_crafted_credential(const struct cell *cell)
{
    gss_cred_id_t *kept = &crafted_credentials[cell->inner];

    if (*kept == GSS_C_NO_CREDENTIAL && cell->inner == SPNEGO_NTLM)
        *kept = spnego_ntlm_credential();
    if (*kept == GSS_C_NO_CREDENTIAL && cell->inner == RAW_NTLM)
        *kept = password_credential(&ntlm_oid, USER, realm_variable("REALM_PASSWORD"));
    return *kept; /* the default one, a ticket, for Kerberos */
}

/* --- to delegate --- */

/* UTF-16LE of ASCII, in memory of the caller's. */
static struct byte_range widened(const char *text, unsigned char octets[2 * LONGEST])
{
    size_t length = strlen(text);

    ck_assert_uint_le(length, LONGEST);
    for (size_t i = 0; i < length; i++) {
        octets[2 * i] = (unsigned char)text[i];
        octets[2 * i + 1] = 0;
    }
    return byte_range_of(octets, 2 * length);
}

static void encode_password(const char *domain, const char *user, const char *password,
                            struct secret *output)
{
    unsigned char texts[3][2 * LONGEST];
    const struct ts_credentials credentials = {.cred_type = TS_CREDENTIALS_PASSWORD,
                                               .password = {widened(domain, texts[0]),
                                                            widened(user, texts[1]),
                                                            widened(password, texts[2])}};

    ck_assert_int_eq(ts_credentials_encode(&credentials, output), DER_OK);
}

static void encode_card(struct secret *output)
{
    unsigned char texts[4][2 * LONGEST];
    const struct ts_credentials credentials = {
        .cred_type = TS_CREDENTIALS_SMART_CARD,
        .smart_card = {.pin = widened("1234", texts[0]),
                       .csp_data = {.key_spec = key_spec,
                                    .card_name = widened("c", texts[1]),
                                    .reader_name = widened("r", texts[2])},
                       .user_hint = widened("u", texts[3])}};

    ck_assert_int_eq(ts_credentials_encode(&credentials, output), DER_OK);
}

static void encode_remote_guard(struct secret *output)
{
    unsigned char texts[2][2 * LONGEST];
    const struct ts_credentials credentials = {
        .cred_type = TS_CREDENTIALS_REMOTE_GUARD,
        .remote_guard = {
            .logon_cred = {widened("Kerberos", texts[0]), byte_range_of("ticket", 6)},
            .has_supplemental_creds = true,
            .supplemental_count = 1,
            .supplemental_creds = {{widened("NTLM", texts[1]), byte_range_of("hash", 4)}}}};

    ck_assert_int_eq(ts_credentials_encode(&credentials, output), DER_OK);
}

struct byte_range cell_credentials_encoded(enum cell_credentials credentials)
{
    struct secret *kept = &encoded[credentials];

    if (secret_is_present(kept))
        return secret_range(kept);
    if (credentials == PASSWORD)
        encode_password("EXAMPLE", "alice", realm_variable("REALM_PASSWORD"), kept);
    else if (credentials == SMART_CARD)
        encode_card(kept);
    else if (credentials == REMOTE_GUARD)
        encode_remote_guard(kept);
    else
        encode_password("", "", "", kept);
    return secret_range(kept);
}

/* --- arrived --- */

#define PARTS_MAXIMUM 8

/* Questions, and the parts of their answers. */
struct question {
    enum cell_credentials credentials;
    const gss_OID_desc *object;
    size_t count;
    struct byte_range parts[PARTS_MAXIMUM];
};

static struct byte_range text_range(const char *text)
{
    return byte_range_of(text, strlen(text));
}

static bool answer_is(const struct question *question, const gss_buffer_set_desc *data)
{
    if (data->count != question->count)
        return false;
    for (size_t i = 0; i < question->count; i++) {
        const gss_buffer_desc *part = &data->elements[i];

        if (!byte_range_equal(byte_range_of(part->value, part->length), question->parts[i]))
            return false;
    }
    return true;
}

bool cell_credentials_arrived(gss_ctx_id_t acceptor, enum cell_credentials credentials)
{
    const struct question questions[] = {
        {PASSWORD,
         GSS_SSPI_INQ_CREDENTIALS,
         3,
         {text_range("EXAMPLE"), text_range("alice"),
          text_range(realm_variable("REALM_PASSWORD"))}},
        {SMART_CARD,
         GSS_SSPI_INQ_SMART_CARD,
         8,
         {text_range("1234"), text_range("u"), text_range(""),
          byte_range_of(&key_spec, sizeof key_spec), text_range("c"), text_range("r"),
          text_range(""), text_range("")}},
        {REMOTE_GUARD,
         GSS_SSPI_INQ_REMOTE_GUARD,
         4,
         {text_range("Kerberos"), text_range("ticket"), text_range("NTLM"), text_range("hash")}},
    };
    bool right = true;

    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        bool is_asked_for = questions[i].credentials == credentials;
        gss_buffer_set_t data = GSS_C_NO_BUFFER_SET;
        OM_uint32 minor;
        OM_uint32 major = gss_inquire_sec_context_by_oid(
            &minor, acceptor, (gss_OID)(uintptr_t)questions[i].object, &data);

        right = right && major == (is_asked_for ? GSS_S_COMPLETE : GSS_S_UNAVAILABLE) &&
                (!is_asked_for || answer_is(&questions[i], data));
        gss_sspi_release_credentials(&data);
    }
    return right;
}

void cell_credentials_release(void)
{
    OM_uint32 minor;

    for (size_t i = 0; i < CREDENTIALS; i++) {
        (void)gss_release_cred(&minor, &plugin_credentials[i][0]);
        (void)gss_release_cred(&minor, &plugin_credentials[i][1]);
        secret_release(&encoded[i]);
    }
    for (size_t i = 0; i < INNERS; i++)
        (void)gss_release_cred(&minor, &crafted_credentials[i]);
}
