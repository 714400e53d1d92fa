#include "client/output/safe_file.h"

#include <inttypes.h>
#include <string.h>

#include "base/status.h"
#include "port.h"

#define OPEN_MAX_FILES 8 /* temporary files at the same time */

/* The temporary files that there are; NULL: a free place. Read in the handler of a signal, so that
 * a file is listed before it is created, and taken off when it has gone. */
static const char *volatile temporaries[OPEN_MAX_FILES];

static bool list(const char *path)
{
    for (size_t i = 0; i < OPEN_MAX_FILES; i++)
        if (temporaries[i] == NULL) {
            temporaries[i] = path;
            return true;
        }
    return false;
}

static void unlist(const char *path)
{
    for (size_t i = 0; i < OPEN_MAX_FILES; i++)
        if (temporaries[i] == path)
            temporaries[i] = NULL;
}

void safe_file_delete_all(void)
{
    for (size_t i = 0; i < OPEN_MAX_FILES; i++)
        if (temporaries[i] != NULL)
            port_file_delete(temporaries[i]);
}

/* Another run may write to the same path, so that the name is chosen at random. */
static bool make_temporary(struct safe_file *f)
{
    uint32_t number;
    if (port_entropy(&number, sizeof number) < 0)
        return false;
    int length =
        snprintf(f->temporary, sizeof f->temporary, "%s.%08" PRIx32 ".tmp", f->path, number);
    if (length >= (int)sizeof f->temporary || !list(f->temporary))
        return false;
    f->file = port_file_create(f->temporary);
    if (f->file == NULL)
        unlist(f->temporary);
    return f->file != NULL;
}

/* A file that may not be written is not replaced either. */
static bool can_append(const char *path)
{
    FILE *file = port_file_open(path, "a");
    if (file != NULL)
        fclose(file);
    return file != NULL;
}

static bool has_temporary(struct safe_file *f)
{
    enum port_file_kind kind = port_file_kind(f->path);
    bool allowed = kind == PORT_FILE_NONE || (kind == PORT_FILE_REGULAR && can_append(f->path));
    if (allowed && make_temporary(f))
        return true;
    f->temporary[0] = '\0';
    return false;
}

int safe_file_open(struct safe_file *f, const char *path)
{
    *f = (struct safe_file){.path = path};
    if (strcmp(path, "-") == 0)
        f->file = stdout;
    else if (!has_temporary(f))
        f->file = port_file_open(path, "w");
    return f->file != NULL ? STATUS_OK : STATUS_SYSTEM;
}

int safe_file_append(struct safe_file *f, const char *path)
{
    *f = (struct safe_file){.path = path};
    f->file = strcmp(path, "-") == 0 ? stdout : port_file_open(path, "a");
    return f->file != NULL ? STATUS_OK : STATUS_SYSTEM;
}

bool safe_file_can_open(const char *path)
{
    struct safe_file f = {.path = path};
    bool temporary = has_temporary(&f);
    if (temporary)
        safe_file_close(&f, false);
    return temporary || can_append(path);
}

int safe_file_close(struct safe_file *f, bool good)
{
    FILE *file = f->file;
    int status = STATUS_OK;
    if (file == NULL)
        return STATUS_OK;
    f->file = NULL;
    good = ferror(file) == 0 && good;
    good = (file == stdout ? fflush(file) : fclose(file)) == 0 && good;
    if (f->temporary[0] == '\0')
        return good ? STATUS_OK : STATUS_SYSTEM;
    if (!good)
        port_file_delete(f->temporary);
    else if (port_file_replace(f->temporary, f->path) < 0)
        status = STATUS_DENIED;
    unlist(f->temporary);
    return good ? status : STATUS_SYSTEM;
}
