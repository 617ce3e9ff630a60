/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ioctl(2) on interfaces, netdevice(7): the requests of the 0x89 family, which any socket takes.
 *
 * On a socket of the host they would tell of the host's interfaces. So on those they are answered
 * from the container's own network namespace for the plain struct ifreq and the list of addresses,
 * and refused for all else. So are the same questions on the container's own sockets: were they
 * let through, another thread could put a socket of the host on the number meanwhile. What else is
 * asked of those is left to the kernel, which refuses changes to the host's interfaces anyhow.
 */

#include "config.h"

#include <errno.h>
#include <glib.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/util.h"
#include "syscall/context.h"
#include "syscall/handlers.h"

#define LIST_MAX (64 << 10) /* bytes, for 1600 addresses */

/* Those that only tell, and whose argument is a struct ifreq without a pointer. */
static const unsigned int questions[] = {
	SIOCGIFNAME,   SIOCGIFFLAGS, SIOCGIFADDR,   SIOCGIFDSTADDR, SIOCGIFBRDADDR, SIOCGIFNETMASK,
	SIOCGIFMETRIC, SIOCGIFMTU,   SIOCGIFHWADDR, SIOCGIFINDEX,   SIOCGIFTXQLEN,  SIOCGIFMAP,
};

static bool is_question(unsigned int request)
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		if (questions[i] == request)
			return true;
	return false;
}

static int socket_to_ask(const struct supervisor *supervisor, const struct call *call)
{
	return call_is_on_host(supervisor, call) ? supervisor->route_probe : call->pinned;
}

static struct outcome answer_question(struct supervisor *supervisor, struct call *call,
				      unsigned int request)
{
	uint64_t pointer = call->slot->notification.data.args[2];
	struct ifreq interface;
	int r = callers_read(supervisor->callers, call->tid, pointer, &interface,
			     sizeof(interface));

	if (r < 0)
		return outcome_answer(-r);
	if (ioctl(socket_to_ask(supervisor, call), request, &interface) < 0)
		return outcome_answer(errno);
	return outcome_answer(call_write(supervisor, call, pointer, &interface, sizeof(interface)));
}

/* SIOCGIFCONF: a list, or with no place for one its length. */
static struct outcome answer_list(struct supervisor *supervisor, struct call *call)
{
	static char buffer[LIST_MAX];
	uint64_t pointer = call->slot->notification.data.args[2];
	struct ifconf list;
	char *place;
	int error = 0;
	int r = callers_read(supervisor->callers, call->tid, pointer, &list, sizeof(list));

	if (r < 0)
		return outcome_answer(-r);
	place = list.ifc_buf;
	list.ifc_len = MIN(list.ifc_len, LIST_MAX);
	list.ifc_buf = place ? buffer : NULL;
	if (ioctl(socket_to_ask(supervisor, call), SIOCGIFCONF, &list) < 0)
		return outcome_answer(errno);
	list.ifc_buf = place;
	if (place)
		error = call_write(supervisor, call, (uintptr_t)place, buffer,
				   (size_t)list.ifc_len);
	if (error == 0)
		error = call_write(supervisor, call, pointer, &list, sizeof(list));
	return outcome_answer(error);
}

/*
 * Devices know some of these requests too, as tun(4) does. Files of a file system that a program of
 * the container serves (FUSE) are not asked: it would see the address of our memory, and could take
 * its time.
 */
static bool is_device(int fd)
{
	struct stat stat;

	return fstat(fd, &stat) == 0 && S_ISCHR(stat.st_mode);
}

struct outcome handle_ioctl(struct supervisor *supervisor, struct call *call)
{
	unsigned int request = (unsigned int)call->slot->notification.data.args[1];
	int error = call_pin(supervisor, call);

	if (error == ENOTSOCK)
		error = is_device(call->pinned) ? 0 : ENOTTY;
	if (error != 0)
		return outcome_answer(error);
	call->verdict.action = ACTION_CONTAINER;
	call->verdict.reason = "interfaces";
	if (request == SIOCGIFCONF)
		return answer_list(supervisor, call);
	if (is_question(request))
		return answer_question(supervisor, call, request);
	return call_is_on_host(supervisor, call) ? outcome_answer(EPERM) : outcome_continue();
}
