/*
 * The fences of the runner and of the programs that it runs; see fence.h.
 *
 * These are other people's programs: which files they read and which system
 * calls they make cannot be known. So they may read and run what their user
 * may, but write only where nothing is lost, open no socket that reaches
 * beyond the machine unless they are there for that, and never gain a
 * privilege.
 */
#include "serve/fence.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <pwd.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/programs.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

/* What the first version of Landlock knows. */
#define ALL ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
#define READING (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | \
		 LANDLOCK_ACCESS_FS_READ_DIR)
/* In /dev: null, and the others that anybody may write to. */
#define DEVICES (READING | LANDLOCK_ACCESS_FS_WRITE_FILE)

static void allow_writable(int ruleset, const struct programs *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		for (size_t k = 0; k < ps->v[i].writable.n; k++)
			/* Copied with a NUL behind (programs_add). */
			fence_allow_path(ruleset, ps->v[i].writable.v[k].p, ALL);
}

int fence_runner_files(const char *folder, const struct programs *ps,
		       struct err *err)
{
	const struct landlock_ruleset_attr all = { .handled_access_fs = ALL };
	int ruleset = SANITIZED ? -1 :
		(int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all),
			     0);
	long rc;

	if (ruleset < 0) {
		log_debug("fence", "no Landlock: files are not fenced");
		return 0;
	}
	fence_allow_path(ruleset, "/", READING);
	fence_allow_path(ruleset, "/dev", DEVICES);
	fence_allow_path(ruleset, folder, ALL);
	allow_writable(ruleset, ps);
	rc = syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
	if (rc < 0)
		return err_set(err, "landlock: %s", strerror(errno));
	return 0;
}

int fence_give_folder(const char *folder, const char *user, struct err *err)
{
	const struct passwd *pw = user ? getpwnam(user) : NULL;

	if (geteuid() != 0 || !pw)
		return 0;
	if (chown(folder, pw->pw_uid, pw->pw_gid) < 0)
		return err_set(err, "%s: %s", folder, strerror(errno));
	return 0;
}

/* Whoever tries is told that it is not allowed, and may go on. */
static const int denied[] = {
	SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(mount), SCMP_SYS(umount2),
	SCMP_SYS(chroot), SCMP_SYS(pivot_root), SCMP_SYS(bpf),
	SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
	SCMP_SYS(init_module), SCMP_SYS(finit_module), SCMP_SYS(kexec_load),
	SCMP_SYS(reboot), SCMP_SYS(unshare), SCMP_SYS(setns),
	SCMP_SYS(io_uring_setup), SCMP_SYS(perf_event_open),
};

bool fence_program(const struct program *p)
{
	scmp_filter_ctx ctx = SANITIZED ? NULL : seccomp_init(SCMP_ACT_ALLOW);
	int rc = 0;

	if (!ctx)
		return SANITIZED;
	for (size_t i = 0; i < sizeof(denied) / sizeof(*denied) && rc == 0; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), denied[i],
				      0);
	if (!p->network && rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES),
				      SCMP_SYS(socket), 1,
				      SCMP_A0(SCMP_CMP_NE, AF_UNIX));
	if (rc == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	return rc == 0;
}
