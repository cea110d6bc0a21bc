/* Refuses UDP_SEGMENT as a kernel or device without it does. Preloaded into the server, it shows what forwarding costs
 * where segmentation brings nothing; the server then sends single datagrams by itself. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

static int segmented(struct msghdr *message) {
    for (struct cmsghdr *one = CMSG_FIRSTHDR(message); one; one = CMSG_NXTHDR(message, one))
        if (one->cmsg_level == SOL_UDP && one->cmsg_type == UDP_SEGMENT)
            return 1;
    return 0;
}

int sendmmsg(int socket, struct mmsghdr *messages, unsigned int count, int flags) {
    static int (*real)(int, struct mmsghdr *, unsigned int, int);
    if (!real)
        real = dlsym(RTLD_NEXT, "sendmmsg");
    unsigned int plain = 0;
    while (plain < count && !segmented(&messages[plain].msg_hdr))
        plain++;
    if (plain == 0 && count > 0) {
        errno = EINVAL;
        return -1;
    }
    return real(socket, messages, plain, flags);
}
