#include "tests/interop/spnego_cell.h"

#include <stdio.h>
#include <stdlib.h>

#define ALL_PROTECTION \
    (GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG)

#define MISSING "nonexistent"

static const struct {
    const char *name;
    const char *registration; /* mech-*.conf in the realm's directory */
    const char *mechanism;
} kinds[PEER_KINDS] = {
    [PEER_MIT] = {"MIT", "mit", "spnego"},
    [PEER_MIT_BESIDE] = {"MIT beside ours", "beside", "spnego"},
    [PEER_OURS] = {"ours", "beside", "negotiate"},
    [PEER_INTERPOSED] = {"ours interposed", "interposed", "spnego"},
    [PEER_HEIMDAL] = {"Heimdal", "mit", "spnego"},
};

const struct scenario scenarios[SCENARIO_KINDS] = {
    [KERBEROS_WORKS] = {.name = "Kerberos"},
    [ONLY_NTLM_IS_WANTED] = {.name = "only NTLM wanted", .neg_mechs = "ntlm"},
    [ONLY_KERBEROS_IS_WANTED] = {.name = "only Kerberos wanted", .neg_mechs = "krb5"},
    [SERVICE_IS_UNKNOWN] = {.name = "unknown service", .target = "unknown@localhost"},
    [NO_TICKETS] = {.name = "no tickets", .ccache = MISSING},
    [NO_KDC] = {.name = "no KDC", .ccache = "ccache-tgt", .krb5_conf = "krb5-no-kdc.conf"},
    [NO_SERVICE_KEY] = {.name = "no service key", .keytab = MISSING},
    [OTHER_SERVICE_KEY] = {.name = "key of another service", .keytab = "keytab-http"},
    [CREDENTIALS_ACQUIRED] = {.name = "credentials acquired", .acquire = true},
    [CREDENTIALS_WITHOUT_TICKETS] = {.name = "credentials acquired, no tickets",
                                     .ccache = MISSING,
                                     .acquire = true},
};

const struct feature features[FEATURE_KINDS] = {
    [NO_FLAGS] = {.name = "no flags"},
    [MUTUAL] = {.name = "mutual", .flags = GSS_C_MUTUAL_FLAG | ALL_PROTECTION},
    [DCE_STYLE] = {.name = "DCE style",
                   .flags = GSS_C_MUTUAL_FLAG | GSS_C_DCE_STYLE | ALL_PROTECTION},
    [BINDINGS_SAME] = {.name = "the same bindings",
                       .flags = GSS_C_MUTUAL_FLAG | ALL_PROTECTION,
                       .initiator_bindings = "tls-server-end-point:one",
                       .acceptor_bindings = "tls-server-end-point:one"},
    [BINDINGS_OF_INITIATOR] = {.name = "the initiator's bindings",
                               .flags = GSS_C_MUTUAL_FLAG | ALL_PROTECTION,
                               .initiator_bindings = "tls-server-end-point:one"},
    [BINDINGS_OF_ACCEPTOR] = {.name = "the acceptor's bindings",
                              .flags = GSS_C_MUTUAL_FLAG | ALL_PROTECTION,
                              .acceptor_bindings = "tls-server-end-point:one"},
    [BINDINGS_DIFFERENT] = {.name = "different bindings",
                            .flags = GSS_C_MUTUAL_FLAG | ALL_PROTECTION,
                            .initiator_bindings = "tls-server-end-point:one",
                            .acceptor_bindings = "tls-server-end-point:two"},
    [DELEGATION] = {.name = "delegation",
                    .flags = GSS_C_DELEG_FLAG | GSS_C_MUTUAL_FLAG | ALL_PROTECTION},
    [ANONYMOUS_FLAG] = {.name = "anonymous",
                        .flags = GSS_C_ANON_FLAG | GSS_C_MUTUAL_FLAG | ALL_PROTECTION},
    [ANONYMOUS_TICKET] = {.name = "anonymous ticket",
                          .flags = GSS_C_ANON_FLAG | GSS_C_MUTUAL_FLAG | ALL_PROTECTION,
                          .ccache = "ccache-anonymous"},
};

bool peer_kind_is_ours(enum peer_kind kind)
{
    return kind == PEER_OURS || kind == PEER_INTERPOSED;
}

static bool exists(const struct cell *cell)
{
    if ((cell->initiator == PEER_MIT_BESIDE) != (cell->acceptor == PEER_MIT_BESIDE))
        return false;
    if (scenarios[cell->scenario].neg_mechs != NULL && cell->initiator == PEER_HEIMDAL)
        return false;
    return cell->feature != ANONYMOUS_TICKET || cell->scenario == KERBEROS_WORKS ||
           cell->scenario == CREDENTIALS_ACQUIRED;
}

static struct cell cell_of(int number)
{
    const int pairs = PEER_KINDS * PEER_KINDS;

    return (struct cell){.scenario = (enum scenario_kind)(number / (FEATURE_KINDS * pairs)),
                         .feature = (enum feature_kind)(number / pairs % FEATURE_KINDS),
                         .initiator = (enum peer_kind)(number / PEER_KINDS % PEER_KINDS),
                         .acceptor = (enum peer_kind)(number % PEER_KINDS)};
}

void cell_list_make(struct cell_list *list)
{
    int count = 0;

    for (int number = 0; number < MAXIMUM_CELLS; number++) {
        struct cell cell = cell_of(number);

        if (exists(&cell)) {
            list->cells[count++] = cell;
            list->first[cell.scenario + 1] = count;
        }
    }
}

const char *cell_name(const struct cell *cell)
{
    static char name[200];

    (void)snprintf(name, sizeof name, "%s, %s, %s to %s", scenarios[cell->scenario].name,
                   features[cell->feature].name, kinds[cell->initiator].name,
                   kinds[cell->acceptor].name);
    return name;
}

const char *realm_variable(const char *name)
{
    const char *value = getenv(name);

    if (value == NULL) {
        fprintf(stderr, "%s is not set: this is run by tests/interop/spnego-table.sh\n", name);
        abort();
    }
    return value;
}

void peer_settings_begin(struct peer_settings *settings, enum peer_side side, enum peer_kind kind)
{
    settings->program =
        realm_variable(kind == PEER_HEIMDAL ? "SPNEGO_PEER_HEIMDAL" : "SPNEGO_PEER");
    peer_add_argument(settings, side == PEER_INITIATOR ? "initiate" : "accept");
    peer_add_argument(settings, "mechanism=%s", kinds[kind].mechanism);
    peer_add_environment(settings, "GSS_MECH_CONFIG=%s/mech-%s.conf", realm_variable("REALM_DIR"),
                         kinds[kind].registration);
    /* Without it, Heimdal would not offer NTLM at all. */
    if (kind == PEER_HEIMDAL)
        peer_add_environment(settings, "NTLM_USER_FILE=%s/ntlm-heimdal.users",
                             realm_variable("REALM_DIR"));
}

void peer_settings_look_for_leaks(struct peer_settings *settings)
{
    const char *options = getenv("ASAN_OPTIONS");

    peer_add_environment(settings, "ASAN_OPTIONS=%s:detect_leaks=1",
                         options != NULL ? options : "");
}

static void prepare_initiator(const struct cell *cell, struct peer_settings *settings)
{
    const struct scenario *scenario = &scenarios[cell->scenario];
    const struct feature *feature = &features[cell->feature];
    const char *ccache = feature->ccache != NULL ? feature->ccache : scenario->ccache;

    peer_settings_begin(settings, PEER_INITIATOR, cell->initiator);
    peer_add_argument(settings, "flags=%u", (unsigned)feature->flags);
    if (scenario->target != NULL)
        peer_add_argument(settings, "target=%s", scenario->target);
    if (scenario->neg_mechs != NULL)
        peer_add_argument(settings, "neg_mechs=%s", scenario->neg_mechs);
    if (scenario->acquire)
        peer_add_argument(settings, "credential=1");
    if (feature->initiator_bindings != NULL)
        peer_add_argument(settings, "bindings=%s", feature->initiator_bindings);
    if (ccache != NULL)
        peer_add_environment(settings, "KRB5CCNAME=FILE:%s/%s", realm_variable("REALM_DIR"),
                             ccache);
    if (scenario->krb5_conf != NULL)
        peer_add_environment(settings, "KRB5_CONFIG=%s/%s", realm_variable("REALM_DIR"),
                             scenario->krb5_conf);
}

static void prepare_acceptor(const struct cell *cell, struct peer_settings *settings)
{
    const struct scenario *scenario = &scenarios[cell->scenario];
    const struct feature *feature = &features[cell->feature];

    peer_settings_begin(settings, PEER_ACCEPTOR, cell->acceptor);
    if (scenario->acquire)
        peer_add_argument(settings, "credential=1");
    if (feature->acceptor_bindings != NULL)
        peer_add_argument(settings, "bindings=%s", feature->acceptor_bindings);
    if (scenario->keytab != NULL)
        peer_add_environment(settings, "KRB5_KTNAME=FILE:%s/%s", realm_variable("REALM_DIR"),
                             scenario->keytab);
    /* For the second hop: a delegated credential is all that an acceptor has. */
    peer_add_environment(settings, "KRB5CCNAME=FILE:%s/%s", realm_variable("REALM_DIR"), MISSING);
}

void cell_prepare(const struct cell *cell, struct peer_logon *logon)
{
    prepare_initiator(cell, &logon->settings[PEER_INITIATOR]);
    prepare_acceptor(cell, &logon->settings[PEER_ACCEPTOR]);
    if (cell->initiator == cell->acceptor && peer_kind_is_ours(cell->initiator)) {
        peer_settings_look_for_leaks(&logon->settings[PEER_INITIATOR]);
        peer_settings_look_for_leaks(&logon->settings[PEER_ACCEPTOR]);
    }
}
