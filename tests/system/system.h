/* What the tests need of a system beyond the contract of port.h. One file per port fills it, as the
 * Makefile picks them; so that no test asks which system it runs on. */
#ifndef WSIO_TESTS_SYSTEM_H
#define WSIO_TESTS_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* `bytes` of memory to write to, with `margin` bytes on each side that nobody may touch; both are
 * whole pages of any system: multiples of 64 KiB. Never given back; ends the test when refused. */
uint8_t *system_fenced(size_t bytes, size_t margin);

/* ---- Ends ----------------------------------------------------------------------------------- */

extern const int system_killed; /* what port_child_stop says of a child that was killed */
extern const int system_asked;  /* and of one that was asked, and does not look */

/* Ends this process without a word. */
void system_die(void);

/* From now on this process does not hear when it is asked to end. */
void system_go_deaf(void);

/* Ctrl-C, and the request to end, for this process. Has been counted when it returns. */
void system_interrupt(void);
void system_terminate(void);

/* The same as system_terminate, by another process, after `ns`; once at a time. Then waits for
 * them.
 */
void system_terminate_later(uint64_t ns);
void system_terminate_done(void);

/* ---- Processes ------------------------------------------------------------------------------ */

bool system_has_no_children(void);

/* Handles that are open now, beyond the standard streams and what port_child_start gives to each
 * child for its own use: at the start of main, what was inherited without need. */
int system_handles(void);

/* How many ways in which signals are not treated as in a new process. */
int system_odd_signals(void);

/* Is this process the first of a group of its own, which Ctrl-C for another does not reach? */
bool system_leads_group(void);

/* A path to no program; to a file that is none, and what starting that says. */
extern const char *const system_missing;
extern const char *const system_forbidden;
extern const int system_forbidden_status;

/* Is it an absolute path of something that can be started? */
bool system_can_start(const char *path);

int64_t system_pid(void);

/* ---- The rest ------------------------------------------------------------------------------- */

/* What this system counts of struct port_usage and struct port_facts; unknown where it does not. */
extern const bool system_has_switches;
extern const bool system_has_load;
bool system_times_others(void); /* CPU time of another process */

/* Does the processor have this name, as far as the system shows one? */
bool system_knows_cpu(const char *name);

/* One more handle, of the kind that port_descriptors_open counts. */
intptr_t system_open(void);
void system_close(intptr_t handle);

/* Would a child not inherit it? */
bool system_keeps(FILE *file);

/* Is there an address for localhost? It is a line of a file, or nothing. */
bool system_has_localhost(void);

/* Does a receive say that the connection was reset, not just that it is over? */
bool system_tells_resets(void);

/* Deletes a file by its absolute path in UTF-8. */
bool system_delete(const char *path);

#endif
