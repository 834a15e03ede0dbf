#include "asn1/ts_credentials.h"

/* Refuses what cannot be UTF-16. */
static struct byte_range even(struct der_reader *fields, struct byte_range text)
{
    if (text.length % 2 != 0)
        der_fail(fields, DER_BAD_VALUE);
    return text;
}

static struct byte_range read_text_field(struct der_reader *fields, unsigned number)
{
    return even(fields, der_read_field(fields, number, DER_OCTET_STRING));
}

static struct byte_range read_optional_text_field(struct der_reader *fields, unsigned number)
{
    return even(fields, der_read_optional_field(fields, number, DER_OCTET_STRING));
}

static void read_password_creds(struct der_reader *message, struct ts_password_creds *creds)
{
    struct der_reader fields = der_enter(message, DER_SEQUENCE);

    creds->domain_name = read_text_field(&fields, 0);
    creds->user_name = read_text_field(&fields, 1);
    creds->password = read_text_field(&fields, 2);
    der_finish(&fields);
}

/* keySpec is 1 or 2 in the specification, and 0 from FreeRDP for a CNG provider: any is taken. */
static void read_csp_data(struct der_reader *creds_fields, struct ts_csp_data_detail *csp_data)
{
    struct der_reader field = der_enter(creds_fields, DER_CONTEXT(1));
    struct der_reader fields = der_enter(&field, DER_SEQUENCE);

    der_finish(&field);
    csp_data->key_spec = der_read_uint32_field(&fields, 0);
    csp_data->card_name = read_optional_text_field(&fields, 1);
    csp_data->reader_name = read_optional_text_field(&fields, 2);
    csp_data->container_name = read_optional_text_field(&fields, 3);
    csp_data->csp_name = read_optional_text_field(&fields, 4);
    der_finish(&fields);
}

static void read_smart_card_creds(struct der_reader *message, struct ts_smart_card_creds *creds)
{
    struct der_reader fields = der_enter(message, DER_SEQUENCE);

    creds->pin = read_text_field(&fields, 0);
    read_csp_data(&fields, &creds->csp_data);
    creds->user_hint = read_optional_text_field(&fields, 2);
    creds->domain_hint = read_optional_text_field(&fields, 3);
    der_finish(&fields);
}

static void read_package_cred(struct der_reader *list, struct ts_remote_guard_package_cred *cred)
{
    struct der_reader fields = der_enter(list, DER_SEQUENCE);

    cred->package_name = read_text_field(&fields, 0);
    cred->cred_buffer = der_read_field(&fields, 1, DER_OCTET_STRING);
    der_finish(&fields);
}

static void read_supplemental_creds(struct der_reader *creds_fields,
                                    struct ts_remote_guard_creds *creds)
{
    struct der_reader field, list;

    creds->supplemental_count = 0;
    creds->has_supplemental_creds = der_next_is(creds_fields, DER_CONTEXT(1));
    if (!creds->has_supplemental_creds)
        return;
    field = der_enter(creds_fields, DER_CONTEXT(1));
    list = der_enter(&field, DER_SEQUENCE);
    der_finish(&field);
    while (!der_at_end(&list)) {
        if (creds->supplemental_count == TS_CREDENTIALS_MAX_SUPPLEMENTAL)
            der_fail(&list, DER_TOO_MANY);
        else
            read_package_cred(&list, &creds->supplemental_creds[creds->supplemental_count++]);
    }
}

static void read_remote_guard_creds(struct der_reader *message, struct ts_remote_guard_creds *creds)
{
    struct der_reader fields = der_enter(message, DER_SEQUENCE);
    struct der_reader logon_cred = der_enter(&fields, DER_CONTEXT(0));

    read_package_cred(&logon_cred, &creds->logon_cred);
    der_finish(&logon_cred);
    read_supplemental_creds(&fields, creds);
    der_finish(&fields);
}

enum der_error ts_credentials_decode(struct byte_range input, struct ts_credentials *credentials)
{
    enum der_error error;
    struct der_reader message = der_reader_of(input, &error);
    struct der_reader fields = der_enter(&message, DER_SEQUENCE);
    struct der_reader field, inner;

    credentials->cred_type = der_read_uint32_field(&fields, 0);
    field = der_enter(&fields, DER_CONTEXT(1));
    inner = der_enter(&field, DER_OCTET_STRING);
    der_finish(&field);
    der_finish(&fields);
    der_finish(&message);
    switch (credentials->cred_type) {
    case TS_CREDENTIALS_PASSWORD:
        read_password_creds(&inner, &credentials->password);
        break;
    case TS_CREDENTIALS_SMART_CARD:
        read_smart_card_creds(&inner, &credentials->smart_card);
        break;
    case TS_CREDENTIALS_REMOTE_GUARD:
        read_remote_guard_creds(&inner, &credentials->remote_guard);
        break;
    default:
        der_fail(&inner, DER_BAD_VALUE);
    }
    der_finish(&inner);
    return error;
}

static void check_text(struct der_writer *writer, struct byte_range text)
{
    if (text.length % 2 != 0)
        der_write_fail(writer, DER_BAD_VALUE);
}

static void write_text_field(struct der_writer *writer, unsigned number, struct byte_range text)
{
    check_text(writer, text);
    der_write_field(writer, number, DER_OCTET_STRING, text);
}

static void write_optional_text_field(struct der_writer *writer, unsigned number,
                                      struct byte_range text)
{
    check_text(writer, text);
    der_write_optional_field(writer, number, DER_OCTET_STRING, text);
}

static void write_password_creds(struct der_writer *writer, const struct ts_password_creds *creds)
{
    size_t fields = der_open(writer, DER_SEQUENCE);

    write_text_field(writer, 0, creds->domain_name);
    write_text_field(writer, 1, creds->user_name);
    write_text_field(writer, 2, creds->password);
    der_close(writer, fields);
}

static void write_csp_data(struct der_writer *writer, const struct ts_csp_data_detail *csp_data)
{
    size_t field = der_open(writer, DER_CONTEXT(1));
    size_t fields = der_open(writer, DER_SEQUENCE);

    der_write_integer_field(writer, 0, csp_data->key_spec);
    write_optional_text_field(writer, 1, csp_data->card_name);
    write_optional_text_field(writer, 2, csp_data->reader_name);
    write_optional_text_field(writer, 3, csp_data->container_name);
    write_optional_text_field(writer, 4, csp_data->csp_name);
    der_close(writer, fields);
    der_close(writer, field);
}

static void write_smart_card_creds(struct der_writer *writer,
                                   const struct ts_smart_card_creds *creds)
{
    size_t fields = der_open(writer, DER_SEQUENCE);

    write_text_field(writer, 0, creds->pin);
    write_csp_data(writer, &creds->csp_data);
    write_optional_text_field(writer, 2, creds->user_hint);
    write_optional_text_field(writer, 3, creds->domain_hint);
    der_close(writer, fields);
}

static void write_package_cred(struct der_writer *writer,
                               const struct ts_remote_guard_package_cred *cred)
{
    size_t fields = der_open(writer, DER_SEQUENCE);

    write_text_field(writer, 0, cred->package_name);
    der_write_field(writer, 1, DER_OCTET_STRING, cred->cred_buffer);
    der_close(writer, fields);
}

static void write_supplemental_creds(struct der_writer *writer,
                                     const struct ts_remote_guard_creds *creds)
{
    size_t field, list;

    if (!creds->has_supplemental_creds)
        return;
    if (creds->supplemental_count > TS_CREDENTIALS_MAX_SUPPLEMENTAL) {
        der_write_fail(writer, DER_TOO_MANY);
        return;
    }
    field = der_open(writer, DER_CONTEXT(1));
    list = der_open(writer, DER_SEQUENCE);
    for (size_t i = 0; i < creds->supplemental_count; i++)
        write_package_cred(writer, &creds->supplemental_creds[i]);
    der_close(writer, list);
    der_close(writer, field);
}

static void write_remote_guard_creds(struct der_writer *writer,
                                     const struct ts_remote_guard_creds *creds)
{
    size_t fields = der_open(writer, DER_SEQUENCE);
    size_t logon_cred = der_open(writer, DER_CONTEXT(0));

    write_package_cred(writer, &creds->logon_cred);
    der_close(writer, logon_cred);
    write_supplemental_creds(writer, creds);
    der_close(writer, fields);
}

static void write_inner_creds(struct der_writer *writer, const struct ts_credentials *credentials)
{
    switch (credentials->cred_type) {
    case TS_CREDENTIALS_PASSWORD:
        write_password_creds(writer, &credentials->password);
        break;
    case TS_CREDENTIALS_SMART_CARD:
        write_smart_card_creds(writer, &credentials->smart_card);
        break;
    case TS_CREDENTIALS_REMOTE_GUARD:
        write_remote_guard_creds(writer, &credentials->remote_guard);
        break;
    default:
        der_write_fail(writer, DER_BAD_VALUE);
    }
}

static void write_ts_credentials(struct der_writer *writer, const void *message)
{
    const struct ts_credentials *credentials = message;
    size_t fields = der_open(writer, DER_SEQUENCE);
    size_t field, octets;

    der_write_integer_field(writer, 0, credentials->cred_type);
    field = der_open(writer, DER_CONTEXT(1));
    octets = der_open(writer, DER_OCTET_STRING);
    write_inner_creds(writer, credentials);
    der_close(writer, octets);
    der_close(writer, field);
    der_close(writer, fields);
}

enum der_error ts_credentials_encode(const struct ts_credentials *credentials,
                                     struct secret *output)
{
    return der_encode_secret(write_ts_credentials, credentials, output);
}
