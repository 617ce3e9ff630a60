/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Someone else in the container, who only wants to connect while an attack is going on. */

#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tools/attack_prober.h"
#include "tests/tools/attack_socket.h"

#define LONGEST_MS 2000
#define PAUSE_US 5000

/* In memory that both processes have. */
struct prober {
	pid_t pid;
	volatile unsigned int count, failures;
	volatile int64_t longest_ms;
	volatile int64_t began_ms; /* the one that is going on; 0: none */
};

static void probe(struct prober *prober)
{
	const struct target allowed = target_allowed();
	int fd = stream_open(AF_INET, 0);
	int64_t took;

	prober->began_ms = now_ms();
	if (fd >= 0 && stream_connect(fd, &allowed) == 0)
		prober->count++;
	else
		prober->failures++;
	took = now_ms() - prober->began_ms;
	prober->began_ms = 0;
	if (took > prober->longest_ms)
		prober->longest_ms = took;
	if (fd >= 0)
		close(fd);
}

struct prober *prober_start(void)
{
	struct prober *prober = mmap(NULL, sizeof(*prober), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			probe(prober);
			usleep(PAUSE_US);
		}
	}
	prober->pid = pid;
	return prober;
}

unsigned int prober_count(const struct prober *prober)
{
	return prober->count;
}

enum attack_result prober_end(struct prober *prober, struct attack_report *report)
{
	unsigned int before = prober->count;
	int64_t deadline = now_ms() + LONGEST_MS;
	int64_t going_on;

	/* One more, now that all is over. */
	while (prober->count < before + 2 && now_ms() < deadline)
		usleep(PAUSE_US);
	going_on = prober->began_ms;
	if (going_on != 0 && now_ms() - going_on > prober->longest_ms)
		prober->longest_ms = now_ms() - going_on;
	kill(prober->pid, SIGKILL);
	waitpid(prober->pid, NULL, 0);
	attack_say(report, "others connected %u times, failed %u, waited %lld ms at most",
		   prober->count, prober->failures, (long long)prober->longest_ms);
	return prober->count >= before + 1 && prober->failures == 0 &&
			       prober->longest_ms < LONGEST_MS
		       ? ATTACK_HELD
		       : ATTACK_BROKEN;
}
