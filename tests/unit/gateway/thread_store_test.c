#include "support.h"

#include "gateway/thread_store.h"
#include "store/schema.h"

#include <sodium.h>

enum { NOW_MS = 1000000, MESSAGES = 7, PIECE = 3 };

struct fixture {
    char folder[TEST_PATH_SIZE];
    char path[TEST_PATH_SIZE];
    struct db *db;
};

static int set_up(void **state)
{
    BUF_AUTO(problem, 1024);
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    assert_true(sodium_init() >= 0);
    test_folder_make(fixture->folder);
    test_path(fixture->path, fixture->folder, "gateway.db");
    assert_int_equal(db_open(&gateway_schema, fixture->path, &fixture->db, &problem), ERR_OK);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    db_close(fixture->db);
    test_folder_remove(fixture->folder);
    free(fixture);
    return 0;
}

static int64_t add_thread(struct db *db, const char *id, int64_t expires_at_ms)
{
    const struct thread_key key = {.project_id = "p", .user_id = "u", .id = id};
    const struct message message = {.part = PART_MESSAGE, .json = "{}"};
    int64_t serial = 0;
    int64_t message_id = 0;
    assert_int_equal(thread_insert(db, &key, "", 1, expires_at_ms, &serial), ERR_OK);
    for (int i = 0; i < MESSAGES; i++)
        assert_int_equal(message_insert(db, serial, &message, &message_id), ERR_OK);
    return serial;
}

static enum err count_one(void *context, const struct message *message)
{
    (void)message;
    (*(int *)context)++;
    return ERR_OK;
}

static int messages_of(struct db *db, int64_t serial)
{
    int count = 0;
    assert_int_equal(message_each_backwards(db, serial, INT64_MAX, count_one, &count), ERR_OK);
    return count;
}

static bool delete_expired(struct db *db)
{
    bool any = false;
    assert_int_equal(thread_delete_expired(db, NOW_MS, PIECE, &any), ERR_OK);
    return any;
}

static void deletes_what_has_expired_piece_by_piece(void **state)
{
    struct db *db = ((struct fixture *)*state)->db;
    int64_t expired = add_thread(db, "expired", NOW_MS);
    int64_t living = add_thread(db, "living", NOW_MS + 1);
    for (int left = MESSAGES - PIECE; left > 0; left -= PIECE) {
        assert_true(delete_expired(db));
        assert_int_equal(messages_of(db, expired), left);
    }
    assert_true(delete_expired(db));
    assert_int_equal(messages_of(db, expired), 0);
    assert_false(delete_expired(db));
    assert_int_equal(messages_of(db, living), MESSAGES);
    struct thread_key key = {.project_id = "p", .user_id = "u", .id = "expired"};
    int64_t serial = 0;
    assert_int_equal(thread_find(db, &key, 0, &serial), ERR_NOT_FOUND);
    key.id = "living";
    assert_int_equal(thread_find(db, &key, NOW_MS, &serial), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(deletes_what_has_expired_piece_by_piece, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
