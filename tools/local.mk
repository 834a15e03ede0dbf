# gss-sspi, the program for people.
