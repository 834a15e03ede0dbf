/*
 * Writes the vectors of one message type into a directory, one file each: the corpus that its fuzz
 * target starts from. Usage: fuzz_decode_corpus VECTOR-FILE DIRECTORY
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/asn1/vector.h"

static bool write_file(const char *directory, const struct vector *vector)
{
    char path[4096];
    FILE *file;
    bool written;

    snprintf(path, sizeof path, "%s/%s", directory, vector->name);
    file = fopen(path, "wb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    written = fwrite(vector->octets.data, 1, vector->octets.length, file) == vector->octets.length;
    return fclose(file) == 0 && written;
}

int main(int argc, char **argv)
{
    struct vector_list *list;
    bool ok = true;

    if (argc != 3) {
        fprintf(stderr, "usage: %s VECTOR-FILE DIRECTORY\n", argv[0]);
        return EXIT_FAILURE;
    }
    list = vector_list_load(argv[1]);
    for (size_t i = 0; i < list->count && ok; i++)
        ok = write_file(argv[2], &list->vectors[i]);
    vector_list_free(list);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
