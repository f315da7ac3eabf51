/* A clock that a test can set: the machine's, later by the seconds that stand in the file SET_CLOCK. Preloaded into
 * leadtime, it touches the wall clock of that process alone. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *time)
{
    static int (*machines)(clockid_t, struct timespec *);
    if (!machines)
        machines = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = machines(id, time);
    const char *file = getenv("SET_CLOCK");
    if (result || id != CLOCK_REALTIME || !file)
        return result;
    char text[32] = {0};
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        if (read(fd, text, sizeof text - 1) > 0)
            time->tv_sec += atoll(text);
        close(fd);
    }
    return 0;
}
