# mech_sspi.so, the GSS-API mechanism plugin.
