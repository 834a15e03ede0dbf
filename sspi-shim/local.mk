# libsspi-gss.so, SSPI on top of gss_*.
