/* The exit codes of wsio-client, as --help lists them. */
#ifndef WSIO_CLIENT_EXIT_CODE_H
#define WSIO_CLIENT_EXIT_CODE_H

enum exit_code {
    EXIT_DONE = 0, /* and every --fail-if passed */
    EXIT_FAILED =
        1, /* a target failed, a reply was wrong or unexpected, or a file cannot be written */
    EXIT_USAGE = 2,         /* the command line is wrong */
    EXIT_HOLDS = 3,         /* a --fail-if holds */
    EXIT_UNSURE = 4,        /* none holds, and one is unsure */
    EXIT_INTERRUPTED = 130, /* by a signal; the report is partial */
};

#endif
