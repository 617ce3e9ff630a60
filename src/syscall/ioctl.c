/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ioctl(2) on interfaces, netdevice(7): the requests of the 0x89 family, which any socket takes.
 *
 * On a socket of the host they would tell of the host's interfaces. So on those they are answered
 * from the container's own network namespace for the plain struct ifreq, and refused for all else.
 * The container's own sockets are left to the kernel.
 */

#include "config.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include "base/util.h"
#include "syscall/context.h"
#include "syscall/handlers.h"

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

struct outcome handle_ioctl(struct supervisor *supervisor, struct call *call)
{
	const struct seccomp_data *data = &call->slot->notification.data;
	unsigned int request = (unsigned int)data->args[1];
	struct ifreq interface;
	int r;

	if (!call_is_on_host(supervisor, call))
		return outcome_continue();
	call->verdict.reason = "a socket of the host tells of the host's interfaces";
	if (!is_question(request))
		return outcome_answer(EPERM);
	r = callers_read(supervisor->callers, call->tid, data->args[2], &interface,
			 sizeof(interface));
	if (r < 0)
		return outcome_answer(-r);
	if (ioctl(supervisor->route_probe, request, &interface) < 0)
		return outcome_answer(errno);
	r = callers_write(supervisor->callers, call->tid, data->args[2], &interface,
			  sizeof(interface));
	return outcome_answer(-r);
}
