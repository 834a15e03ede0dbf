/* What the lines of the .inc files are to the compiler. */
#ifndef TESTS_SHIM_LAYOUT_ASSERTS_H
#define TESTS_SHIM_LAYOUT_ASSERTS_H

#define VALUE(name, number)                                                      \
    _Static_assert((unsigned long long)(name) == (unsigned long long)(number) || \
                       (unsigned int)(name) == (unsigned long long)(number),     \
                   #name);
#define SIZE(type, octets) _Static_assert(sizeof(type) == (octets), #type);
#define OFFSET(type, member, octets) \
    _Static_assert(offsetof(type, member) == (octets), #type "." #member);
#define FUNCTION(result, name, ...) \
    _Static_assert(_Generic(&name, result(SEC_ENTRY *)(__VA_ARGS__) : 1, default : 0), #name);

#endif
