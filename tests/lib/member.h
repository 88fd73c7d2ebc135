/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cgroup of the test's own and sockets that are members of it. The test
 * run of kernels before 6.9 or so shows programs on cgroups no packet, so
 * these are sent through the hook itself, to addresses of lo.
 */
#ifndef TEST_MEMBER_H
#define TEST_MEMBER_H

#include "prog.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/uio.h>

#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static char member_root[PATH_MAX];	/* where cgroup2 is mounted */
static char member_dir[PATH_MAX + 64];
static char member_home[PATH_MAX];	/* our own cgroup, below the root */

static inline int member_find(void)
{
	FILE *in = fopen("/proc/self/mountinfo", "re");
	char line[2 * PATH_MAX];
	int found = 0;

	while (in && !found && fgets(line, sizeof(line), in))
		found = strstr(line, " - cgroup2 ") &&
			sscanf(line, "%*s %*s %*s %*s %4095s", member_root) ==
			1;
	if (in)
		fclose(in);
	in = fopen("/proc/self/cgroup", "re");
	while (in && fgets(line, sizeof(line), in))
		(void)sscanf(line, "0::%4095s", member_home);
	if (in)
		fclose(in);
	return found && member_home[0] ? 0 : -1;
}

/* Move to a cgroup: our threads and what they open from now on. */
static inline int member_move(const char *root, const char *below)
{
	char path[3 * PATH_MAX];
	int fd, ret;

	snprintf(path, sizeof(path), "%s%s/cgroup.procs", root, below);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ret = fd >= 0 && write(fd, "0", 1) == 1 ? 0 : -1;
	if (fd >= 0)
		close(fd);
	return ret;
}

/* lo is up and has the address that frames go to, in both families. Once: the
 * tests of a program share their namespace. */
static inline int member_lo(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct ifreq ifr = { .ifr_name = "lo" };
	struct in6_ifreq ifr6 = { .ifr6_prefixlen = 128,
				  .ifr6_ifindex = if_nametoindex("lo") };
	static bool done;
	int v4, v6, err;

	if (done)
		return 0;
	v4 = socket(AF_INET, SOCK_DGRAM, 0);
	v6 = socket(AF_INET6, SOCK_DGRAM, 0);
	inet_pton(AF_INET, "10.0.2.1", &sin.sin_addr);
	inet_pton(AF_INET6, "fd00:2::1", &ifr6.ifr6_addr);
	memcpy(&ifr.ifr_addr, &sin, sizeof(sin));
	err = ioctl(v4, SIOCSIFADDR, &ifr);
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	err = err || ioctl(v4, SIOCSIFFLAGS, &ifr) ||
	      ioctl(v6, SIOCSIFADDR, &ifr6);
	close(v4);
	close(v6);
	done = !err;
	return err ? -1 : 0;
}

static inline int member_setup(void)
{
	if (member_find() || member_lo())
		return -1;
	snprintf(member_dir, sizeof(member_dir), "%s/srte%dm", member_root,
		 getpid());
	return mkdir(member_dir, 0755);
}

static inline void member_teardown(void)
{
	member_move(member_root, member_home);	/* a test may end inside */
	rmdir(member_dir);
}

/* As the programs know it. */
static inline uint64_t member_id(void)
{
	struct stat st;

	assert_int_equal(stat(member_dir, &st), 0);
	return st.st_ino;
}

static inline int member_socket(int family, int type, int proto)
{
	int fd;

	assert_int_equal(member_move(member_dir, ""), 0);
	fd = socket(family, type | SOCK_CLOEXEC, proto);
	assert_int_equal(member_move(member_root, member_home), 0);
	assert_true(fd >= 0);
	return fd;
}

/* The frame without its link header; 0, or what the kernel has against it. */
static inline int member_send(const struct frame *f)
{
	const uint8_t *ip = f->data + f->l3;
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	bool v6 = ip[0] >> 4 == 6;
	int fd = member_socket(v6 ? AF_INET6 : AF_INET, SOCK_RAW,
			       IPPROTO_RAW);
	ssize_t n;

	memcpy(&to6.sin6_addr, ip + 24, 16);
	memcpy(&to4.sin_addr, ip + 16, 4);
	n = sendto(fd, ip, f->len - f->l3, 0,
		   v6 ? (void *)&to6 : (void *)&to4,
		   v6 ? sizeof(to6) : sizeof(to4));
	close(fd);
	return n == (ssize_t)(f->len - f->l3) ? 0 : -errno;
}

/* A UDP socket of the member, connected to one that is none. */
static inline int member_udp(int *ret_peer)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof(to);
	const int one = 1;
	int fd = member_socket(AF_INET6, SOCK_DGRAM, 0);

	*ret_peer = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET6, "fd00:2::1", &to.sin6_addr);
	assert_int_equal(bind(*ret_peer, (void *)&to, sizeof(to)), 0);
	assert_int_equal(getsockname(*ret_peer, (void *)&to, &len), 0);
	assert_int_equal(setsockopt(*ret_peer, SOL_SOCKET, SO_RCVMARK, &one,
				    sizeof(one)), 0);
	assert_int_equal(connect(fd, (void *)&to, sizeof(to)), 0);
	return fd;
}

/* The key of what a connected socket sends. */
static inline struct srte_flow_key member_key(int fd)
{
	struct srte_flow_key key = { .proto = IPPROTO_UDP };
	struct sockaddr_in6 sa;
	socklen_t len = sizeof(sa);

	assert_int_equal(getsockname(fd, (void *)&sa, &len), 0);
	memcpy(key.src, &sa.sin6_addr, 16);
	key.sport = sa.sin6_port;
	assert_int_equal(getpeername(fd, (void *)&sa, &len), 0);
	memcpy(key.dst, &sa.sin6_addr, 16);
	key.dport = sa.sin6_port;
	return key;
}

/* The mark that the next datagram arrived with. */
static inline uint32_t member_mark(int peer)
{
	char byte[64], control[CMSG_SPACE(sizeof(uint32_t))];
	struct iovec iov = { byte, sizeof(byte) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	uint32_t mark;

	assert_true(recvmsg(peer, &msg, MSG_DONTWAIT) > 0);
	c = CMSG_FIRSTHDR(&msg);
	assert_non_null(c);
	assert_int_equal(c->cmsg_type, SO_MARK);
	memcpy(&mark, CMSG_DATA(c), sizeof(mark));
	return mark;
}

#endif
