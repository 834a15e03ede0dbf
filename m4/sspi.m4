# SSPI_COMPILER_WARNINGS: the warnings that every line of ours compiles without.
AC_DEFUN([SSPI_COMPILER_WARNINGS], [
  AC_ARG_ENABLE([werror],
    [AS_HELP_STRING([--enable-werror], [treat compiler warnings as errors])],
    [], [enable_werror=no])
  WARNING_CFLAGS="-std=c11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes"
  WARNING_CFLAGS="$WARNING_CFLAGS -Wconversion -Wwrite-strings -Wformat=2 -Wvla"
  AS_IF([test "x$enable_werror" = xyes], [WARNING_CFLAGS="$WARNING_CFLAGS -Werror"])
  AC_SUBST([WARNING_CFLAGS])
])

# SSPI_INSTRUMENTATION: --enable-sanitizers (ASan and UBSan, or thread) and --enable-fuzzers.
AC_DEFUN([SSPI_INSTRUMENTATION], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers@<:@=thread@:>@],
      [AddressSanitizer and UBSan, or ThreadSanitizer])],
    [], [enable_sanitizers=no])
  AS_CASE([$enable_sanitizers],
    [yes], [SANITIZER_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=undefined"
            SANITIZER_CFLAGS="$SANITIZER_CFLAGS -fno-omit-frame-pointer"],
    [thread], [SANITIZER_CFLAGS="-fsanitize=thread -fno-omit-frame-pointer"],
    [SANITIZER_CFLAGS=])
  AC_SUBST([SANITIZER_CFLAGS])
  AM_CONDITIONAL([SANITIZERS], [test "x$enable_sanitizers" = xyes])
  AM_CONDITIONAL([THREAD_SANITIZER], [test "x$enable_sanitizers" = xthread])
  AC_ARG_ENABLE([fuzzers],
    [AS_HELP_STRING([--enable-fuzzers], [build the libFuzzer targets (needs CC=clang)])],
    [], [enable_fuzzers=no])
  AM_CONDITIONAL([FUZZERS], [test "x$enable_fuzzers" = xyes])
  AS_IF([test "x$enable_fuzzers" = xyes], [
    FUZZER_CFLAGS=-fsanitize=fuzzer-no-link
    FUZZER_LDFLAGS=-fsanitize=fuzzer
    saved_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -fsanitize=fuzzer-no-link"
    AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])], [],
      [AC_MSG_ERROR([--enable-fuzzers needs clang and its runtime: configure with CC=clang])])
    CFLAGS=$saved_CFLAGS])
  AC_SUBST([FUZZER_CFLAGS])
  AC_SUBST([FUZZER_LDFLAGS])
])

# SSPI_VERSION_SCRIPT: the products cannot be built safely without one, because the plugin exports
# names that the mechglue exports too.
AC_DEFUN([SSPI_VERSION_SCRIPT], [
  AC_MSG_CHECKING([whether the linker takes version scripts])
  echo 'T_1 { global: main; local: *; };' > conftest.map
  saved_LDFLAGS=$LDFLAGS
  LDFLAGS="$LDFLAGS -Wl,--version-script=conftest.map"
  AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([a linker with --version-script is needed])])
  LDFLAGS=$saved_LDFLAGS
  rm -f conftest.map
])

# SSPI_MECHGLUE_VERSION: the plugin calls the mechglue by versioned names; the version node is part
# of MIT's ABI, and a library without it (Heimdal's) cannot load the plugin anyway.
AC_DEFUN([SSPI_MECHGLUE_VERSION], [
  AC_MSG_CHECKING([for gss_init_sec_context@gssapi_krb5_2_MIT])
  saved_LIBS=$LIBS
  LIBS="$KRB5_LIBS $LIBS"
  AC_LINK_IFELSE([AC_LANG_SOURCE([[
    extern int glue_init_sec_context(void);
    __asm__(".symver glue_init_sec_context, gss_init_sec_context@gssapi_krb5_2_MIT");
    int main(void) { return glue_init_sec_context(); }]])],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([MIT Kerberos' libgssapi_krb5 is needed (Debian: libkrb5-dev)])])
  LIBS=$saved_LIBS
])
