/* SPDX-License-Identifier: MIT */
/* Dead mounts are made where this process may mount, and left out elsewhere. */
#include "unit.h"

#define FUSE_USE_VERSION 312

#include "fs/mount_table.h"
#include "fs/mountpoint.h"
#include "odoo/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct capture capture;
static char directory[] = "/tmp/odoofs-mountpoint-XXXXXX";
static char place[200];

static int set_up(void **state)
{
	char *made = mkdtemp(directory);

	/* Mounts of ours are nobody else's business, and go with this process. */
	if (unshare(CLONE_NEWNS) == 0) {
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	}
	snprintf(place, sizeof(place), "%s/m n", made);
	return mkdir(place, 0700);
}

static int tear_down(void **state)
{
	return rmdir(place) < 0 || rmdir(directory) < 0;
}

static int prepare(const char *path, char **ret_path)
{
	capture_begin(&capture, STDERR_FILENO);
	int r = mountpoint_prepare(path, ret_path);
	capture_end(&capture);
	if (r < 0) {
		assert_contains(capture.text, "odoofs: ");
	}
	return r;
}

static void wrong(const char *path, int error, const char *part)
{
	char *resolved = NULL;

	assert_int_equal(prepare(path, &resolved), error);
	assert_null(resolved);
	assert_contains(capture.text, part);
}

static void a_good_one_is_resolved(void **state)
{
	_cleanup_free_ char *resolved = NULL;
	char link[200], dotted[300];

	snprintf(link, sizeof(link), "%s/link", directory);
	snprintf(dotted, sizeof(dotted), "%s/../link/", place);
	assert_int_equal(symlink(place, link), 0);
	int r = prepare(dotted, &resolved);
	unlink(link);
	assert_int_equal(r, 0);
	assert_string_equal(resolved, place);
	assert_string_equal(capture.text, "");
}

static void what_is_no_empty_directory(void **state)
{
	char file[300];

	wrong("/no/such/place", -ENOENT, "create it with mkdir");
	wrong("/dev/null", -ENOTDIR, "isn't a directory");
	snprintf(file, sizeof(file), "%s/.file", place);
	close(creat(file, 0600));
	wrong(file, -ENOTDIR, "isn't a directory");
	wrong(place, -ENOTEMPTY, "isn't empty");
	unlink(file);
}

/* As an ordinary user, in a process of its own. */
static void what_is_not_ours(void **state)
{
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		skip();
	}
	assert_int_equal(chmod(directory, 0755), 0);
	pid = fork();
	if (pid == 0) {
		if (setuid(65534) < 0) {
			_exit(1);
		}
		wrong("/tmp", -EACCES, "sticky");
		wrong(directory, -EACCES, "may mount on");
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(chmod(directory, 0700), 0);
}

/* Mount without a process behind it: returns the device, or -1 where that isn't allowed. */
static int mount_fuse(const char *type)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char data[100];

	snprintf(data, sizeof(data), "fd=%d,rootmode=40000,user_id=%u,group_id=%u", fd, getuid(),
		getgid());
	if (fd >= 0 && mount("https://ann@h/p", place, type, 0, data) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void a_dead_mount_of_ours_is_cleaned(void **state)
{
	_cleanup_free_ char *resolved = NULL, *again = NULL;
	char slashed[300];
	struct stat st;

	for (int i = 0; i < 3; i++) {
		int fd = mount_fuse("fuse.odoofs");
		if (fd < 0) {
			skip();
		}
		close(fd);
	}
	assert_int_equal(stat(place, &st), -1);
	assert_int_equal(errno, ENOTCONN);
	assert_int_equal(prepare(place, &resolved), 0);
	assert_string_equal(resolved, place);
	assert_contains(capture.text, "warning: the mount point");
	assert_int_equal(stat(place, &st), 0);

	close(mount_fuse("fuse.odoofs"));
	snprintf(slashed, sizeof(slashed), "%s/", place);
	assert_int_equal(prepare(slashed, &again), 0);
	assert_string_equal(again, place);
}

static void a_dead_mount_of_others_stays(void **state)
{
	int fd = mount_fuse("fuse.sshfs");
	struct stat st;

	if (fd < 0) {
		skip();
	}
	close(fd);
	wrong(place, -ENOTCONN, "a dead mount of fuse.sshfs");
	assert_contains(capture.text, "fusermount3 -u");
	assert_int_equal(stat(place, &st), -1);
	assert_int_equal(umount2(place, MNT_DETACH), 0);
}

/* A filesystem of which the kernel remembers for a day what it answered. */
static void answer_getattr(fuse_req_t request, fuse_ino_t ino, struct fuse_file_info *file)
{
	struct stat st = { .st_mode = S_IFDIR | 0700, .st_nlink = 2, .st_uid = getuid() };

	fuse_reply_attr(request, &st, 86400);
}

static void serve(void)
{
	static const struct fuse_lowlevel_ops operations = { .getattr = answer_getattr };
	char *argv[] = { (char *)"test", (char *)"-ofsname=https://ann@h/p,subtype=odoofs", NULL };
	struct fuse_args args = FUSE_ARGS_INIT(2, argv);
	struct fuse_session *session =
		fuse_session_new(&args, &operations, sizeof(operations), NULL);

	if (session && fuse_session_mount(session, place) == 0) {
		fuse_session_loop(session);
	}
	_exit(1);
}

/* Returns the process, or -1 where mounting isn't allowed. */
static pid_t start_serving(void)
{
	struct stat st;
	dev_t before;
	pid_t pid;

	assert_int_equal(stat(place, &st), 0);
	before = st.st_dev;
	pid = fork();
	if (pid == 0) {
		serve();
	}
	for (int i = 0; i < 500; i++) {
		if (stat(place, &st) == 0 && st.st_dev != before) {
			return pid;
		}
		usleep(10000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return -1;
}

static void a_live_mount_is_left_alone(void **state)
{
	_cleanup_free_ char *resolved = NULL;
	struct stat st;
	int fd = mount_fuse("fuse.odoofs");

	if (fd < 0) {
		skip();
	}
	close(fd);
	assert_int_equal(umount2(place, MNT_DETACH), 0);
	pid_t pid = start_serving();
	assert_true(pid > 0);
	wrong(place, -EBUSY, "is mounted on");
	assert_contains(capture.text, "with https://ann@h/p");

	/* Once it is dead the kernel still knows its attributes. */
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(stat(place, &st), 0);
	assert_int_equal(prepare(place, &resolved), 0);
	assert_contains(capture.text, "unmounted it");
}

static void other_mounts_may_be_mounted_on(void **state)
{
	_cleanup_(mount_table_entry_finish) struct mount_table_entry entry = { 0 };
	_cleanup_free_ char *resolved = NULL;

	assert_int_equal(mount_table_find(place, &entry), -ENOENT);
	if (mount("none", place, "tmpfs", 0, NULL) < 0) {
		skip();
	}
	assert_int_equal(mount_table_find(place, &entry), 0);
	assert_string_equal(entry.type, "tmpfs");
	assert_int_equal(prepare(place, &resolved), 0);
	assert_int_equal(umount(place), 0);
}

static void the_last_entry_counts(void **state)
{
	static char table[] = "none /a tmpfs rw 0 0\n"
			      "https://x@h/p /a\\040b fuse.odoofs rw 0 0\n"
			      "https://y@h/p /a\\040b fuse.sshfs rw 0 0\n"
			      "broken\n"
			      "none /a\\040bc tmpfs rw 0 0\n";
	_cleanup_(mount_table_entry_finish) struct mount_table_entry entry = { 0 };
	_cleanup_file_ FILE *file = fmemopen(table, strlen(table), "r");

	assert_int_equal(mount_table_find_in(file, "/a b", &entry), 0);
	assert_string_equal(entry.type, "fuse.sshfs");
	assert_string_equal(entry.source, "https://y@h/p");
	rewind(file);
	assert_int_equal(mount_table_find_in(file, "/b", &entry), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_is_resolved),
		cmocka_unit_test(what_is_no_empty_directory),
		cmocka_unit_test(what_is_not_ours),
		cmocka_unit_test(a_dead_mount_of_ours_is_cleaned),
		cmocka_unit_test(a_dead_mount_of_others_stays),
		cmocka_unit_test(a_live_mount_is_left_alone),
		cmocka_unit_test(other_mounts_may_be_mounted_on),
		cmocka_unit_test(the_last_entry_counts),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
