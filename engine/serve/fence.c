/*
 * Fences; see fence.h.
 */
#include "serve/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static int find_group(const char *name, gid_t *gid_r, struct err *err)
{
	struct group *g;

	if (!name)
		return 0;
	g = getgrnam(name);
	if (!g)
		return err_set(err, "no such group: %s", name);
	*gid_r = g->gr_gid;
	return 0;
}

int fence_become(const char *user, const char *group, struct err *err)
{
	struct passwd *pw = user ? getpwnam(user) : NULL;
	uid_t me = geteuid();
	gid_t gid;

	if (me != 0 && (!user || (pw && pw->pw_uid == me)))
		return 0;
	if (!pw || pw->pw_uid == 0)
		return err_set(err, "cannot run as nonexistent user or root "
			       "(%s)", user ? user : "nobody");
	gid = pw->pw_gid;
	if (find_group(group, &gid, err) < 0)
		return -1;
	if (me != 0)
		return err_set(err, "cannot become %s: not started as root",
			       user);
	if (initgroups(pw->pw_name, gid) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return err_set(err, "cannot become %s: %s", user,
			       strerror(errno));
	must(geteuid() != 0 && setuid(0) < 0);
	return 0;
}

void fence_no_privileges(void)
{
	const struct rlimit none = { 0, 0 };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
}

static rlim_t memory_limit(double asked)
{
	if (!(asked > 0) || asked >= (double)LIMIT_WORKER_MEMORY)
		return LIMIT_WORKER_MEMORY;
	if (asked <= (double)LIMIT_WORKER_MEMORY_LEAST)
		return LIMIT_WORKER_MEMORY_LEAST;
	return (rlim_t)asked;
}

void fence_limits(double memory_asked)
{
	const rlim_t most = memory_limit(memory_asked);
	const struct rlimit memory = { most, most };
	const struct rlimit file = { LIMIT_WORKER_FILE, LIMIT_WORKER_FILE };
	const struct rlimit files = { LIMIT_WORKER_FILES, LIMIT_WORKER_FILES };

	/* A sanitizer reserves terabytes of address space for its shadow. */
	if (!SANITIZED)
		setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_FSIZE, &file);
	setrlimit(RLIMIT_NOFILE, &files);
}

void fence_memory_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	files.rlim_cur = files.rlim_max < LIMIT_ASKER_FILES ? files.rlim_max :
							      LIMIT_ASKER_FILES;
	setrlimit(RLIMIT_NOFILE, &files);
}

void fence_asker_limits(void)
{
	const struct rlimit file = { LIMIT_WORKER_FILE, LIMIT_WORKER_FILE };

	setrlimit(RLIMIT_FSIZE, &file);
	fence_memory_limits();
}

static const char *const readable[] = {
	"/usr", "/etc/ld.so.cache", "/etc/localtime", NULL,
};

/* Settings of the resolver and certificates, which may be links into /run
 * and /var. */
static const char *const asker_readable[] = {
	"/usr", "/etc", "/run", "/var/lib/ca-certificates", "/dev/urandom",
	NULL,
};

void fence_allow_path(int ruleset, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = access,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (beneath.parent_fd < 0)
		return;
	syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH,
		&beneath, 0);
	close(beneath.parent_fd);
}

/* more may be read, too; all may be done to what is in the folder owned. */
static int fence_reading(const char *const *paths, const char *more,
			 const char *owned, struct err *err)
{
	/* What the first version of Landlock knows, which is all of opening,
	 * making and removing. */
	const struct landlock_ruleset_attr all = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	};
	long ruleset = SANITIZED ? -1 :
		syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	long rc;

	if (ruleset < 0) {
		log_debug("fence", "no Landlock: files are not fenced");
		return 0;
	}
	for (; *paths; paths++)
		fence_allow_path((int)ruleset, *paths, LANDLOCK_ACCESS_FS_READ_FILE);
	if (more)
		fence_allow_path((int)ruleset, more, LANDLOCK_ACCESS_FS_READ_FILE);
	if (owned)
		fence_allow_path((int)ruleset, owned, LANDLOCK_ACCESS_FS_READ_FILE |
			   LANDLOCK_ACCESS_FS_WRITE_FILE |
			   LANDLOCK_ACCESS_FS_MAKE_REG |
			   LANDLOCK_ACCESS_FS_REMOVE_FILE);
	rc = syscall(SYS_landlock_restrict_self, ruleset, 0);
	close((int)ruleset);
	if (rc < 0)
		return err_set(err, "landlock: %s", strerror(errno));
	return 0;
}

int fence_files(struct err *err)
{
	return fence_reading(readable, NULL, NULL, err);
}

int fence_asker_files(const char *more, struct err *err)
{
	return fence_reading(asker_readable, more, NULL, err);
}

int fence_scores_files(const char *sqlite, struct err *err)
{
	char folder[4096];
	const char *slash = sqlite ? strrchr(sqlite, '/') : NULL;

	if (slash)
		snprintf(folder, sizeof(folder), "%.*s/",
			 (int)(slash - sqlite), sqlite);
	return fence_reading(asker_readable, NULL, slash ? folder :
			     sqlite ? "." : NULL, err);
}

/* Computing, memory, its own descriptors, its own end. */
static const int allowed[] = {
	SCMP_SYS(read), SCMP_SYS(pread64), SCMP_SYS(readv), SCMP_SYS(write),
	SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(memfd_create), SCMP_SYS(ftruncate), SCMP_SYS(dup),
	SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect),
	SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(futex),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
	SCMP_SYS(getegid), SCMP_SYS(getrusage), SCMP_SYS(sched_yield),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall),
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(uname),
};

/* What a client of the network, its resolver and their threads need more. */
static const int asker_allowed[] = {
	SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
	SCMP_SYS(sendto), SCMP_SYS(recvfrom), SCMP_SYS(sendmmsg),
	SCMP_SYS(recvmmsg), SCMP_SYS(shutdown), SCMP_SYS(socketpair),
	SCMP_SYS(eventfd2), SCMP_SYS(pipe2), SCMP_SYS(fcntl), SCMP_SYS(ioctl),
	SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(statx), SCMP_SYS(access),
	SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
	SCMP_SYS(getdents64), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	SCMP_SYS(set_tid_address), SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(sysinfo),
	SCMP_SYS(getppid), SCMP_SYS(getresuid), SCMP_SYS(getresgid),
	SCMP_SYS(arch_prctl),
};

/* What an embedded store and the journal need more. */
static const int memory_allowed[] = {
	SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(msync),
	SCMP_SYS(pwritev), SCMP_SYS(flock), SCMP_SYS(fallocate),
	SCMP_SYS(fstatfs),
};

/* SQLite keeps a journal or a log beside its file, which come and go. */
static const int scores_allowed[] = {
	SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(fallocate),
	SCMP_SYS(fstatfs), SCMP_SYS(unlink), SCMP_SYS(fchmod),
	SCMP_SYS(fchown), SCMP_SYS(getcwd), SCMP_SYS(openat),
};

/* What no parser has a reason to try: whoever does is not our code any more. */
static const int deadly[] = {
	SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
	SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(setuid), SCMP_SYS(setgid), SCMP_SYS(setresuid),
	SCMP_SYS(setresgid), SCMP_SYS(mount), SCMP_SYS(chroot),
	SCMP_SYS(unlinkat), SCMP_SYS(rename),
	SCMP_SYS(renameat2), SCMP_SYS(truncate), SCMP_SYS(creat),
	SCMP_SYS(bpf), SCMP_SYS(keyctl), SCMP_SYS(init_module),
	SCMP_SYS(finit_module), SCMP_SYS(kexec_load), SCMP_SYS(reboot),
};

static const int deadly_but_sqlite[] = { SCMP_SYS(unlink) };

/* The same of a worker, which has no reason to reach out. */
static const int worker_deadly[] = {
	SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind),
};

static int add_rows(scmp_filter_ctx ctx, uint32_t action, const int *calls,
		    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int rc = seccomp_rule_add(ctx, action, calls[i], 0);

		if (rc < 0 && rc != -EACCES)
			return rc;
	}
	return 0;
}

/* Calls whose arguments decide. Reading files must stay possible: iconv loads
 * a charset's table when the first message names it. abort() raises SIGABRT
 * in this very process, nobody else may be signalled. */
static int add_conditional(scmp_filter_ctx ctx, bool any_fcntl, bool any_open)
{
	const uint64_t writes = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC |
				O_APPEND | O_TMPFILE;
	const uint64_t me = (uint64_t)getpid();
	int rc = 0;

	if (!any_open)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		SCMP_A2(SCMP_CMP_MASKED_EQ, writes & ~(uint64_t)O_DIRECTORY,
			0));
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				      SCMP_A0(SCMP_CMP_EQ, me));
	if (rc == 0 && !any_fcntl)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
				      SCMP_A1(SCMP_CMP_EQ, F_GETFL));
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64),
				      2, SCMP_A0(SCMP_CMP_EQ, 0),
				      SCMP_A2(SCMP_CMP_EQ, 0));
	return rc;
}

/* Sockets of the kinds that names and HTTP need; threads, but no processes
 * (the C library falls back from clone3, whose arguments cannot be seen). */
static int add_asker_conditional(scmp_filter_ctx ctx)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6,
					AF_NETLINK };
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
				  SCMP_SYS(clone3), 0);

	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD,
					      CLONE_THREAD));
	for (size_t i = 0; i < sizeof(families) / sizeof(*families) && rc == 0;
	     i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
				      SCMP_A0(SCMP_CMP_EQ,
					      (uint64_t)families[i]));
	return rc;
}

#define ADD(ctx, action, rows) \
	add_rows(ctx, action, rows, sizeof(rows) / sizeof(*(rows)))

/* Whose system calls. */
enum who { WORKER, ASKER, MEMORY, SCORES_FILE };

static int add_all(scmp_filter_ctx ctx, enum who who)
{
	bool asker = who != WORKER;
	int rc = ADD(ctx, SCMP_ACT_ALLOW, allowed);

	if (rc == 0)
		rc = ADD(ctx, SCMP_ACT_KILL_PROCESS, deadly);
	if (rc == 0 && who != SCORES_FILE)
		rc = ADD(ctx, SCMP_ACT_KILL_PROCESS, deadly_but_sqlite);
	if (rc == 0 && who == SCORES_FILE)
		rc = ADD(ctx, SCMP_ACT_ALLOW, scores_allowed);
	if (rc == 0 && asker)
		rc = ADD(ctx, SCMP_ACT_ALLOW, asker_allowed);
	else if (rc == 0)
		rc = ADD(ctx, SCMP_ACT_KILL_PROCESS, worker_deadly);
	if (rc == 0 && who == MEMORY)
		rc = ADD(ctx, SCMP_ACT_ALLOW, memory_allowed);
	if (rc == 0 && asker)
		rc = add_asker_conditional(ctx);
	if (rc == 0)
		rc = add_conditional(ctx, asker, who == SCORES_FILE);
	return rc;
}

static int load_filter(enum who who, struct err *err)
{
	scmp_filter_ctx ctx;
	int rc;

	if (SANITIZED) {
		log_info("built with a sanitizer: no system call filter");
		return 0;
	}
	ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!ctx)
		return err_set(err, "seccomp: no memory for the filter");
	rc = add_all(ctx, who);
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	if (rc < 0)
		return err_set(err, "seccomp: %s", strerror(-rc));
	return 0;
}

int fence_syscalls(struct err *err)
{
	return load_filter(WORKER, err);
}

int fence_asker_syscalls(struct err *err)
{
	return load_filter(ASKER, err);
}

int fence_scores_syscalls(bool sqlite, struct err *err)
{
	return load_filter(sqlite ? SCORES_FILE : ASKER, err);
}

int fence_memory_syscalls(struct err *err)
{
	return load_filter(MEMORY, err);
}
