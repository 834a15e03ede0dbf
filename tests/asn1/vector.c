#include "tests/asn1/vector.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_LINE 512

_Noreturn static void give_up(const char *where, const char *what)
{
    fprintf(stderr, "%s: %s\n", where, what);
    exit(EXIT_FAILURE);
}

static void *must(void *memory)
{
    if (memory == NULL)
        give_up("vectors", "out of memory");
    return memory;
}

/* Cuts white space off both ends. */
static char *trim(char *text)
{
    size_t length;

    while (isspace((unsigned char)*text))
        text++;
    length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
    return text;
}

static unsigned hex_digit(const char *where, char digit)
{
    const char digits[] = "0123456789abcdef";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;

    if (found == NULL)
        give_up(where, "not hexadecimal");
    return (unsigned)(found - digits);
}

static size_t decode_hex(const char *where, const char *text, unsigned char *out, size_t size)
{
    size_t length = 0;

    for (; text[0] != '\0'; text += 2) {
        if (length == size)
            give_up(where, "too many octets");
        out[length++] = (unsigned char)(hex_digit(where, text[0]) << 4 | hex_digit(where, text[1]));
    }
    return length;
}

static void add_hex(struct vector *vector, const char *text)
{
    unsigned char *data = must(realloc((void *)(uintptr_t)vector->octets.data, VECTOR_MAX_OCTETS));
    size_t used = vector->octets.length;

    used += decode_hex(vector->name, text, data + used, VECTOR_MAX_OCTETS - used);
    vector->octets = (struct byte_range){data, used};
}

static void add_field(struct vector *vector, char *line)
{
    char *equals = strchr(line, '=');
    struct vector_field *field = &vector->fields[vector->field_count];

    if (equals == NULL)
        give_up(vector->name, "a line without =");
    *equals = '\0';
    if (strcmp(trim(line), "hex") == 0)
        return;
    if (vector->field_count++ == VECTOR_MAX_FIELDS)
        give_up(vector->name, "too many lines");
    field->key = must(strdup(trim(line)));
    field->value = must(strdup(trim(equals + 1)));
}

static void read_line(struct vector_list *list, char *line)
{
    bool indented = isspace((unsigned char)line[0]);
    char *text = trim(line);

    if (text[0] == '\0' || text[0] == '#')
        return;
    if (text[0] == '[') {
        if (list->count == VECTOR_MAX_COUNT)
            give_up(text, "too many vectors");
        text[strcspn(text, "]")] = '\0';
        list->vectors[list->count++].name = must(strdup(text + 1));
    } else if (list->count == 0) {
        give_up(text, "no [name] before");
    } else if (indented) {
        add_hex(&list->vectors[list->count - 1], text);
    } else {
        add_field(&list->vectors[list->count - 1], text);
    }
}

struct vector_list *vector_list_load(const char *file_name)
{
    struct vector_list *list = must(calloc(1, sizeof *list));
    char path[4096];
    char line[MAX_LINE];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", VECTOR_DIRECTORY, file_name);
    file = fopen(path, "r");
    if (file == NULL)
        give_up(path, "cannot be read");
    while (fgets(line, sizeof line, file) != NULL) {
        if (strchr(line, '\n') == NULL)
            give_up(path, "a line is too long");
        read_line(list, line);
    }
    fclose(file);
    if (list->count == 0)
        give_up(path, "no vectors");
    return list;
}

void vector_list_free(struct vector_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct vector *vector = &list->vectors[i];

        for (size_t j = 0; j < vector->field_count; j++) {
            free(vector->fields[j].key);
            free(vector->fields[j].value);
        }
        free((void *)(uintptr_t)vector->octets.data);
        free(vector->name);
    }
    free(list);
}

const char *vector_value(const struct vector *vector, const char *key)
{
    for (size_t i = 0; i < vector->field_count; i++) {
        if (strcmp(vector->fields[i].key, key) == 0)
            return vector->fields[i].value;
    }
    return NULL;
}

bool vector_is(const struct vector *vector, const char *type)
{
    const char *value = vector_value(vector, "type");

    return value != NULL && strcmp(value, type) == 0;
}

struct byte_range vector_octets(const struct vector *vector, const char *value,
                                unsigned char *storage, size_t storage_size)
{
    size_t offset, length;
    int read = 0;

    if (value[0] != '@')
        return byte_range_of(storage, decode_hex(vector->name, value, storage, storage_size));
    if (sscanf(value, "@%zu+%zu%n", &offset, &length, &read) != 2 || value[read] != '\0' ||
        offset > vector->octets.length || length > vector->octets.length - offset)
        give_up(vector->name, "a bad @offset+length");
    return byte_range_of(vector->octets.data + offset, length);
}
