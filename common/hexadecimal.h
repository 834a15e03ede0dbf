/* Hexadecimal digits, in either case. */
#ifndef COMMON_HEXADECIMAL_H
#define COMMON_HEXADECIMAL_H

#include <string.h>

/* 0 to 15, or -1 when the character is no such digit. */
static inline int hexadecimal_digit(char character)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *at = character != '\0' ? strchr(digits, character) : NULL;

    return at != NULL ? (int)((at - digits) % 16) : -1;
}

#endif
