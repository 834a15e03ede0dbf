/* WinPR's header by the name that Windows programs know. Its own directory has a string.h besides. */
#include <winpr/sspi.h>
