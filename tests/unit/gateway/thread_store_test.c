#include "support.h"

#include "gateway/thread_store.h"
#include "store/schema.h"

#include <sodium.h>

enum { NOW_MS = 1000000, MESSAGES = 10, PIECE = 4 };

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
    const struct message message = {.turn = 1, .part = PART_MESSAGE, .json = "{}"};
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

static bool clear_piece(struct db *db, int64_t serial)
{
    bool cleared = false;
    assert_int_equal(thread_clear(db, serial, INT64_MAX, 0, &cleared), ERR_OK);
    return cleared;
}

static void removes_what_has_expired_piece_by_piece(void **state)
{
    struct db *db = ((struct fixture *)*state)->db;
    int64_t expired = add_thread(db, "expired", NOW_MS);
    int64_t living = add_thread(db, "living", NOW_MS + 1);
    int64_t found = 0;
    assert_int_equal(thread_find_expired(db, NOW_MS, &found), ERR_OK);
    assert_int_equal(found, expired);
    for (int left = MESSAGES - PIECE; left > 0; left -= PIECE) {
        assert_false(clear_piece(db, expired));
        assert_int_equal(messages_of(db, expired), left);
    }
    assert_false(clear_piece(db, expired));
    assert_int_equal(messages_of(db, expired), 0);
    assert_true(clear_piece(db, expired));
    assert_int_equal(thread_find_expired(db, NOW_MS, &found), ERR_NOT_FOUND);
    assert_int_equal(messages_of(db, living), MESSAGES);
    struct thread_key key = {.project_id = "p", .user_id = "u", .id = "expired"};
    int64_t serial = 0;
    assert_int_equal(thread_find(db, &key, 0, &serial), ERR_NOT_FOUND);
    key.id = "living";
    assert_int_equal(thread_find(db, &key, NOW_MS, &serial), ERR_OK);
}

static int64_t kept_by(struct db *db, const char *user_id)
{
    const struct thread_key key = {.project_id = "p", .user_id = user_id};
    int64_t bytes = -1;
    assert_int_equal(thread_kept_bytes(db, &key, &bytes), ERR_OK);
    return bytes;
}

static void a_deleted_thread_is_out_of_sight_before_it_is_gone(void **state)
{
    struct db *db = ((struct fixture *)*state)->db;
    const struct thread_key key = {.project_id = "p", .user_id = "u", .id = "one"};
    int64_t serial = add_thread(db, "one", NOW_MS);
    int64_t found = 0;
    assert_int_equal(thread_delete(db, serial), ERR_OK);
    assert_int_equal(thread_find(db, &key, 0, &found), ERR_NOT_FOUND);
    assert_int_equal(kept_by(db, "u"), 0);
    assert_int_equal(messages_of(db, serial), MESSAGES);
    int64_t again = add_thread(db, "one", NOW_MS);
    assert_int_not_equal(again, serial);
    assert_int_equal(thread_find_expired(db, 0, &found), ERR_OK);
    assert_int_equal(found, serial);
    while (!clear_piece(db, serial))
        ;
    assert_int_equal(messages_of(db, again), MESSAGES);
    assert_int_equal(thread_find_expired(db, 0, &found), ERR_NOT_FOUND);
}

static void a_thread_in_place_of_an_expired_one_has_none_of_its_messages(void **state)
{
    struct db *db = ((struct fixture *)*state)->db;
    int64_t expired = add_thread(db, "one", NOW_MS);
    int64_t again = add_thread(db, "one", NOW_MS + 1);
    assert_int_equal(messages_of(db, again), MESSAGES);
    assert_int_equal(messages_of(db, expired), MESSAGES);
    int64_t found = 0;
    assert_int_equal(thread_find_expired(db, 0, &found), ERR_OK);
    assert_int_equal(found, expired);
}

/* sql/gateway/0004-kept-bytes.sql */
enum { MESSAGE_BYTES = 64 + 2, THREAD_BYTES = 512 };

static void counts_what_is_kept(void **state)
{
    struct db *db = ((struct fixture *)*state)->db;
    const int64_t whole = THREAD_BYTES + MESSAGES * MESSAGE_BYTES;
    assert_int_equal(kept_by(db, "u"), 0);
    int64_t one = add_thread(db, "one", NOW_MS);
    int64_t two = add_thread(db, "two", NOW_MS);
    assert_int_equal(kept_by(db, "u"), 2 * whole);
    const struct message message = {.part = PART_MESSAGE, .turn = 2, .json = "{\"a\":\"ü\"}"};
    int64_t id = 0;
    assert_int_equal(message_insert(db, one, &message, &id), ERR_OK);
    assert_int_equal(kept_by(db, "u"), 2 * whole + 64 + 10);
    assert_int_equal(message_update(db, id, MESSAGE_COMPLETE, "{}", NOW_MS), ERR_OK);
    assert_int_equal(kept_by(db, "u"), 2 * whole + MESSAGE_BYTES);
    assert_int_equal(messages_delete(db, one, id, id), ERR_OK);
    assert_int_equal(kept_by(db, "u"), 2 * whole);
    assert_int_equal(thread_delete(db, one), ERR_OK);
    assert_int_equal(kept_by(db, "u"), whole);
    while (!clear_piece(db, one))
        ;
    assert_int_equal(kept_by(db, "u"), whole);
    assert_int_equal(kept_by(db, ""), 0);
    while (!clear_piece(db, two))
        ;
    assert_int_equal(kept_by(db, "u"), 0);
    assert_int_equal(kept_by(db, "somebody else"), 0);
}

/* A database of the version before, with a conversation in it. */
static void counts_what_was_there_before(void **state)
{
    const struct fixture *fixture = *state;
    char path[TEST_PATH_SIZE];
    BUF_AUTO(problem, 1024);
    struct embedded_file before[8] = {{NULL, NULL, 0}};
    for (int i = 0; i < 3; i++)
        before[i] = gateway_schema.migrations[i];
    const struct db_schema old = {.migrations = before,
                                  .application_id = gateway_schema.application_id};
    struct db *db = NULL;
    test_path(path, fixture->folder, "old.db");
    assert_int_equal(db_open(&old, path, &db, &problem), ERR_OK);
    add_thread(db, "one", NOW_MS);
    db_close(db);
    assert_int_equal(db_open(&gateway_schema, path, &db, &problem), ERR_OK);
    assert_int_equal(kept_by(db, "u"), THREAD_BYTES + MESSAGES * MESSAGE_BYTES);
    int64_t serial = 0;
    assert_int_equal(thread_find_expired(db, NOW_MS, &serial), ERR_OK);
    while (!clear_piece(db, serial))
        ;
    assert_int_equal(kept_by(db, "u"), 0);
    db_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(removes_what_has_expired_piece_by_piece, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_deleted_thread_is_out_of_sight_before_it_is_gone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_thread_in_place_of_an_expired_one_has_none_of_its_messages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_what_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_what_was_there_before, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
