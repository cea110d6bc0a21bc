/* Janus gathers no candidates on interfaces that say they are loopback. Preloaded, this lets every interface say it is
 * not; what is measured stays the same. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <ifaddrs.h>
#include <net/if.h>

int getifaddrs(struct ifaddrs **list) {
    int (*real)(struct ifaddrs **) = dlsym(RTLD_NEXT, "getifaddrs");
    int result = real(list);
    for (struct ifaddrs *one = result ? 0 : *list; one; one = one->ifa_next)
        one->ifa_flags &= ~IFF_LOOPBACK;
    return result;
}
