/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "fs/process.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static void *find_by_thread(void *data)
{
	*(struct process *)data = process_of((pid_t)syscall(SYS_gettid));
	return NULL;
}

static void a_thread_is_its_process(void **state)
{
	struct process self = process_of(getpid()), by_thread;
	pthread_t thread;

	assert_int_equal(self.id, getpid());
	assert_true(self.started > 0);
	assert_int_equal(pthread_create(&thread, NULL, find_by_thread, &by_thread), 0);
	pthread_join(thread, NULL);
	assert_true(process_is(&self, &by_thread));
}

/* The name of a program may hold what ends the name in /proc. */
static void strange_names_are_read_over(void **state)
{
	struct process before = process_of(getpid()), after;

	assert_int_equal(prctl(PR_SET_NAME, "a) S 1 (b", 0, 0, 0), 0);
	after = process_of(getpid());
	assert_true(process_is(&before, &after));
	assert_int_equal(prctl(PR_SET_NAME, "test", 0, 0, 0), 0);
}

static void others_are_others(void **state)
{
	struct process self = process_of(getpid()), parent = process_of(getppid());
	struct process later = { .id = self.id, .started = self.started + 1 };

	assert_false(process_is(&self, &parent));
	assert_false(process_is(&self, &later));
}

static void who_is_gone_is_its_number(void **state)
{
	pid_t child = fork();
	struct process process;

	if (child == 0) {
		_exit(0);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	process = process_of(child);
	assert_int_equal(process.id, child);
	assert_true(process_is(&process, &process));
}

static void nobody_is_nobody(void **state)
{
	struct process nobody = process_of(0), self = process_of(getpid());

	assert_false(process_is(&nobody, &nobody));
	assert_false(process_is(&nobody, &self));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_is_its_process),
		cmocka_unit_test(strange_names_are_read_over),
		cmocka_unit_test(others_are_others),
		cmocka_unit_test(who_is_gone_is_its_number),
		cmocka_unit_test(nobody_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
