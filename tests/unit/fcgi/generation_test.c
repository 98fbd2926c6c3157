#include "support.h"

#include "fcgi/generation.h"

#include <stdatomic.h>

enum { THREADS = 4, TURNS = 2000, RELOADS = 200, ROUTES = 7 };

static atomic_int open_count;

static struct generation *make(void)
{
    struct generation *generation = calloc(1, sizeof *generation);
    assert_non_null(generation);
    generation->service.route_count = ROUTES;
    atomic_fetch_add(&open_count, 1);
    return generation;
}

static void discard(struct generation *generation)
{
    generation->service.route_count = 0;
    atomic_fetch_sub(&open_count, 1);
    free(generation);
}

static const struct generation_ops ops = {.close = discard};

static void closes_the_one_before_when_nobody_holds_it(void **state)
{
    (void)state;
    struct generations generations;
    generations_init(&generations, &ops);
    struct generation *first = make();
    generations_replace(&generations, first);
    assert_ptr_equal(generations_take(&generations), first);
    generations_give(&generations, first);
    assert_int_equal(open_count, 1);
    generations_replace(&generations, make());
    assert_int_equal(open_count, 1);
    generations_destroy(&generations);
    assert_int_equal(open_count, 0);
}

static void the_last_holder_closes(void **state)
{
    (void)state;
    struct generations generations;
    generations_init(&generations, &ops);
    struct generation *first = make();
    generations_replace(&generations, first);
    generations_take(&generations);
    generations_take(&generations);
    struct generation *second = make();
    generations_replace(&generations, second);
    assert_ptr_equal(generations_take(&generations), second);
    generations_give(&generations, second);
    generations_give(&generations, first);
    assert_int_equal(open_count, 2);
    generations_give(&generations, first);
    assert_int_equal(open_count, 1);
    generations_destroy(&generations);
    assert_int_equal(open_count, 0);
}

static void *take_and_give(void *context)
{
    struct generations *generations = context;
    for (int i = 0; i < TURNS; i++) {
        struct generation *generation = generations_take(generations);
        assert_true(generation->service.route_count == ROUTES);
        generations_give(generations, generation);
    }
    return NULL;
}

static void is_replaced_under_load(void **state)
{
    (void)state;
    struct generations generations;
    pthread_t threads[THREADS];
    generations_init(&generations, &ops);
    generations_replace(&generations, make());
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_give, &generations), 0);
    for (int i = 0; i < RELOADS; i++)
        generations_replace(&generations, make());
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(open_count, 1);
    generations_destroy(&generations);
    assert_int_equal(open_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closes_the_one_before_when_nobody_holds_it),
        cmocka_unit_test(the_last_holder_closes),
        cmocka_unit_test(is_replaced_under_load),
    };
    return cmocka_run_group_tests_name("fcgi/generation", tests, NULL, NULL);
}
