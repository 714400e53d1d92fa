/* What the files of ports/win32 share. Included first of all, for the macros. */
#ifndef WSIO_WIN32_PRIVATE_H
#define WSIO_WIN32_PRIVATE_H

#define WIN32_LEAN_AND_MEAN
#define WIN32_NO_STATUS        /* winnt.h's STATUS_TIMEOUT is not ours */
#define _WIN32_WINNT    0x0601 /* Windows 7: what is newer is looked up at run time */

/* Sockets of one select: here it counts them, whatever their numbers are. The server's default of
 * 4096 connections, its listeners and ours; 64 to 65000. */
#ifndef FD_SETSIZE
#define FD_SETSIZE (4096 + 64)
#endif

#include <winsock2.h>

#include <windows.h>
#include <ws2tcpip.h>

#ifndef STATUS_WAIT_0
#define STATUS_WAIT_0 0 /* within WAIT_OBJECT_0 */
#endif

#include "port.h"

/* The error of GetLastError or WSAGetLastError (one numbering) as a status: the only such list.
 * STATUS_SYSTEM for what is not on it. */
int win32_status(DWORD error);

/* What is inside of a struct port_address. Put gives its length: 0 for none, then of no family. */
union win32_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

int win32_address_put(union win32_address *to, const struct port_address *a);
void win32_address_get(struct port_address *a, const union win32_address *from, size_t length);

/* Stop requests come on another thread, which sends a datagram to a socket of ours, so that every
 * wait can watch for them like for any socket: none is missed before a wait, under constant load or
 * when only looking. Made by port_start; readable from a request until drained. */
int win32_stop_open(void);
SOCKET win32_stop_socket(void);
HANDLE win32_stop_event(void); /* the same for waits for handles */
void win32_stop_drain(void);   /* of both */

/* Raises the resolution of the system's timers as far as it goes; port_start does it, once. Where
 * it cannot be done, waits end later, never early. */
void win32_timer_sharpen(void);
int win32_timer_open(void); /* port_wait's; made by port_start */

/* The unit of a FILETIME, and of the timers. */
#define WIN32_TICK_NS 100
uint64_t win32_filetime(FILETIME t); /* in ticks */

/* Makes the console understand UTF-8 and the terminal's sequences, until the program exits or
 * restores it. Restore may be called from any thread. */
void win32_console_prepare(void);
void win32_console_restore(void);

/* UTF-8 and UTF-16, terminated. STATUS_OK, STATUS_NO_ROOM, or STATUS_INVALID where the text is not
 * well-formed; then "". */
int win32_wide(const char *text, wchar_t *out, size_t cap);
int win32_utf8(const wchar_t *text, char *out, size_t cap);

/* Wide characters of the longest path or command line, with its NUL. */
#define WIN32_PATH 32768

/* A path in the form that the system's calls take at any length. STATUS_OK or a failure. */
int win32_path(const char *path, wchar_t out[WIN32_PATH]);

/* A function that not every Windows has, of a library that each has loaded; NULL without it. */
void (*win32_find(const wchar_t *library, const char *name))(void);

/* Wine's version, NULL on Windows itself. */
const char *win32_wine(void);

/* Notes what this Windows lacks and the program does without; the facts list it behind the name of
 * the system. `what` is a literal. */
void win32_lack(const char *what);

/* The lack with that number, from 0 on; NULL behind the last one. */
const char *win32_lack_at(size_t number);

/* The variable by which port_child_start gives a child its handles: "STOP PARENT", hexadecimal.
 */
#define WIN32_STOP_VARIABLE "WSIO_STOP_HANDLES"

extern const struct port_poller win32_poller_select;

#endif
