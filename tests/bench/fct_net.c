// SPDX-License-Identifier: GPL-2.0-only
#include "fct_net.h"
#include "fct_plan.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

void fct_net_enter(const char *netns)
{
	int fd = open(netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", netns);
	close(fd);
}

static socklen_t
address(const struct fct_net *net, uint16_t port, struct sockaddr_storage *ret)
{
	struct sockaddr_in6 *v6 = (void *)ret;
	struct sockaddr_in *v4 = (void *)ret;

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, net->address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	if (inet_pton(AF_INET6, net->address, &v6->sin6_addr) != 1)
		errx(2, "no address: %s", net->address);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

/* Closed with a reset: no state is left over for the next run, and a flow
 * that was cut off does not go on sending. */
static void leave_nothing(int fd)
{
	struct linger none = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none)))
		err(1, "linger");
}

static int new_socket(const struct fct_net *net, int family)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, net->cc,
		       strlen(net->cc)))
		err(1, "socket");
	return fd;
}

void fct_net_many_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		err(1, "limit of files");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "limit of files");
}

int fct_net_listen(const struct fct_net *net)
{
	struct sockaddr_storage at;
	socklen_t len = address(net, net->port, &at);
	int fd = new_socket(net, at.ss_family);

	if (bind(fd, (void *)&at, len) || listen(fd, FCT_FLOWS_MAX))
		err(1, "listen at %s", net->address);
	return fd;
}

int fct_net_connect(const struct fct_net *net, uint32_t flow)
{
	struct sockaddr_storage to, from = { 0 };
	socklen_t len = address(net, net->port, &to);
	int fd = new_socket(net, to.ss_family);

	leave_nothing(fd);
	from.ss_family = to.ss_family;	/* any address; the port is the flow */
	((struct sockaddr_in *)&from)->sin_port = htons(net->from_port + flow);
	if (bind(fd, (void *)&from, len))
		err(1, "bind");
	if (connect(fd, (void *)&to, len) && errno != EINPROGRESS)
		err(1, "connect to %s", net->address);
	return fd;
}

int
fct_net_accept(const struct fct_net *net, int listener, uint32_t *ret_flow)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);
	int fd = accept4(listener, (void *)&peer, &len,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return -1;
	leave_nothing(fd);
	/* at the same place in both families */
	*ret_flow = (uint16_t)(ntohs(((struct sockaddr_in *)&peer)->sin_port) -
			       net->from_port);
	return fd;
}
