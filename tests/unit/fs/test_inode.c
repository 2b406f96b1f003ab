/* SPDX-License-Identifier: MIT */
#include "unit.h"

#include "cache/cache.h"
#include "cache/record.h"
#include "fs/inode.h"
#include "odoo/limits.h"

#include <errno.h>

static void assert_round_trip(const struct inode *inode)
{
	struct inode back;

	assert_int_equal(inode_unpack(inode_pack(inode), &back), 0);
	assert_int_equal(back.kind, inode->kind);
	assert_int_equal(back.slot, inode->slot);
	assert_int_equal(back.version, inode->version);
	assert_int_equal(back.model, inode->model);
	assert_int_equal(back.id, inode->id);
}

/* They stand in backups and in NFS handles: another scheme would be another filesystem. */
static void numbers_stay_what_they_are(void **state)
{
	static const struct {
		struct inode inode;
		uint64_t node, number;
	} cases[] = {
		{ { .kind = INODE_MOUNT, .id = INODE_ROOT }, 1, 1 },
		{ { .kind = INODE_MOUNT, .id = INODE_CONTROL_DIR }, 2, 2 },
		{ { .kind = INODE_MODEL, .model = 77 }, 0x2000002680000000, 0x2000002680000000 },
		{ { .kind = INODE_RECORD, .model = 77, .id = 14 }, 0x400000268000000e,
			0x400000268000000e },
		{ { .kind = INODE_RECORD, .version = 3, .model = 77, .id = 14 }, 0x401800268000000e,
			0x400000268000000e },
		{ { .kind = INODE_BINARY, .slot = 31, .version = 63, .model = 77, .id = 14 },
			0xfff800268000000e, 0xdf0000268000000e },
		{ { .kind = INODE_RECORD, .version = 1023, .model = 1048575, .id = 2147483647 },
			0x5fffffffffffffff, 0x4007ffffffffffff },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(inode_pack(&cases[i].inode), cases[i].node);
		assert_int_equal(inode_number(&cases[i].inode), cases[i].number);
		assert_round_trip(&cases[i].inode);
	}
}

static void every_part_has_room(void **state)
{
	static const uint32_t models[] = { 1, 2, 1000, CACHE_MAX_MODEL - 1, CACHE_MAX_MODEL };
	static const uint32_t ids[] = { 1, 2, 65536, ODOO_MAX_ID - 1, ODOO_MAX_ID };
	static const uint32_t versions[] = { 0, 1, 511, CACHE_VERSIONS - 1 };

	for (size_t m = 0; m < 5; m++) {
		assert_round_trip(&(struct inode){ .kind = INODE_MODEL, .model = models[m] });
		for (size_t i = 0; i < 5; i++) {
			for (size_t v = 0; v < 4; v++) {
				assert_round_trip(&(struct inode){ .kind = INODE_RECORD,
					.version = versions[v],
					.model = models[m],
					.id = ids[i] });
			}
			assert_round_trip(&(struct inode){
				.kind = INODE_DRAFT, .model = models[m], .id = ids[i] });
		}
	}
}

/* Two nodes with one number would be one file to the kernel. */
static void neighbours_are_told_apart(void **state)
{
	const struct inode base = { .kind = INODE_RECORD, .version = 5, .model = 6, .id = 7 };
	struct inode other = base;

	other.version++;
	assert_int_not_equal(inode_pack(&other), inode_pack(&base));
	assert_int_equal(inode_number(&other), inode_number(&base));
	other = base;
	other.model++;
	assert_int_not_equal(inode_number(&other), inode_number(&base));
	other = base;
	other.id++;
	assert_int_not_equal(inode_number(&other), inode_number(&base));
	other = base;
	other.kind = INODE_DRAFT;
	assert_int_not_equal(inode_number(&other), inode_number(&base));
}

/* A control file's serial number goes on past a version's ten bits. */
static void snapshots_are_counted_far(void **state)
{
	static const uint32_t serials[] = { 0, 1, 1023, 1024, 1048575, 1048576, 1073741823 };

	for (size_t i = 0; i < sizeof(serials) / sizeof(serials[0]); i++) {
		assert_round_trip(
			&(struct inode){ .kind = INODE_CONTROL, .version = serials[i], .id = 3 });
	}
}

static void foreign_numbers_are_stale(void **state)
{
	static const uint64_t nodes[] = {
		0, 3,		    /* no third one of the mount's own */
		0x80000001,	    /* of the mount, with a model */
		0x0008000000000001, /* … with a version */
		0x2000000000000000, /* a model without a number */
		0x2000002680000001, /* … with a record */
		0x2008002680000000, /* … with a version */
		0x4000000000000001, /* a record without a model */
		0x4000002680000000, /* … without an id */
		0xa000002680000000, /* a view without a serial number */
		0xc000000000000001, /* a binary field without a model */
		0xc000002680000000, /* a binary field without a record */
		0xe000000000000001, /* … without a model */
	};

	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		struct inode inode = { .id = 4711 };

		assert_int_equal(inode_unpack(nodes[i], &inode), -ESTALE);
		assert_int_equal(inode.id, 4711); /* written on success only */
	}
}

/* What unpacks packs to the same: no number has two meanings. */
static void what_unpacks_packs_again(void **state)
{
	uint64_t node = 88172645463325252;
	struct inode inode;
	unsigned valid = 0;

	for (int i = 0; i < 1000000; i++) {
		node ^= node << 13; /* xorshift */
		node ^= node >> 7;
		node ^= node << 17;
		if (inode_unpack(node, &inode) == 0) {
			assert_int_equal(inode_pack(&inode), node);
			valid++;
		}
	}
	assert_true(valid > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stay_what_they_are),
		cmocka_unit_test(every_part_has_room),
		cmocka_unit_test(neighbours_are_told_apart),
		cmocka_unit_test(snapshots_are_counted_far),
		cmocka_unit_test(foreign_numbers_are_stale),
		cmocka_unit_test(what_unpacks_packs_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
