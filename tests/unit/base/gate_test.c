#include "support.h"

#include "base/gate.h"

#include <stdatomic.h>

enum { THREADS = 16, PLACES = 3, ROUNDS = 50 };

struct crowd {
    struct gate gate;
    atomic_int inside;
    atomic_int most_inside;
    atomic_int entered;
    atomic_int refused;
};

static void note_inside(struct crowd *crowd)
{
    int inside = atomic_fetch_add(&crowd->inside, 1) + 1;
    int most = atomic_load(&crowd->most_inside);
    while (inside > most && !atomic_compare_exchange_weak(&crowd->most_inside, &most, inside))
        ;
    usleep(200);
    atomic_fetch_sub(&crowd->inside, 1);
}

static void *go_through(void *context)
{
    struct crowd *crowd = context;
    for (int i = 0; i < ROUNDS; i++) {
        if (gate_enter(&crowd->gate) != ERR_OK) {
            atomic_fetch_add(&crowd->refused, 1);
            continue;
        }
        atomic_fetch_add(&crowd->entered, 1);
        note_inside(crowd);
        gate_leave(&crowd->gate);
    }
    return NULL;
}

static void run_crowd(struct crowd *crowd, unsigned max_waiting)
{
    pthread_t threads[THREADS];
    gate_init(&crowd->gate, PLACES, max_waiting);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, go_through, crowd), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(crowd->gate.inside, 0);
    assert_int_equal(crowd->gate.waiting, 0);
    gate_destroy(&crowd->gate);
}

static void lets_no_more_in_than_it_may(void **state)
{
    (void)state;
    struct crowd crowd = {0};
    run_crowd(&crowd, THREADS);
    assert_int_equal(crowd.entered, THREADS * ROUNDS);
    assert_int_equal(crowd.refused, 0);
    assert_in_range(crowd.most_inside, 1, PLACES);
}

static void turns_away_whom_it_cannot_hold(void **state)
{
    (void)state;
    struct crowd crowd = {0};
    run_crowd(&crowd, 1);
    assert_int_equal(crowd.entered + crowd.refused, THREADS * ROUNDS);
    assert_true(crowd.refused > 0);
    assert_in_range(crowd.most_inside, 1, PLACES);
}

static void refuses_at_once_when_nobody_may_wait(void **state)
{
    (void)state;
    struct gate gate;
    gate_init(&gate, 2, 0);
    assert_int_equal(gate_enter(&gate), ERR_OK);
    assert_int_equal(gate_enter(&gate), ERR_OK);
    assert_int_equal(gate_enter(&gate), ERR_OVERLOADED);
    gate_leave(&gate);
    assert_int_equal(gate_enter(&gate), ERR_OK);
    assert_int_equal(gate_enter(&gate), ERR_OVERLOADED);
    gate_leave(&gate);
    gate_leave(&gate);
    gate_destroy(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lets_no_more_in_than_it_may),
        cmocka_unit_test(turns_away_whom_it_cannot_hold),
        cmocka_unit_test(refuses_at_once_when_nobody_may_wait),
    };
    return cmocka_run_group_tests_name("base/gate", tests, NULL, NULL);
}
