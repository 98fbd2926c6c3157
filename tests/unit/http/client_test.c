#include "support_http.h"

#include "http/client.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct sender {
    const char *remote_addr;
    const char *forwarded_for;
    const char *https;
    const char *scheme;
    const char *forwarded_proto;
};

/* The request after http_client_identify(); trusted is a list, NULL for no set at all. */
static struct http_request identify(const struct sender *sender, const char *trusted)
{
    FAKE_AUTO struct fake fake;
    struct http_trust *trust = NULL;
    fake_init(&fake);
    fake_param(&fake, "REMOTE_ADDR", sender->remote_addr);
    fake_param(&fake, "HTTP_X_FORWARDED_FOR", sender->forwarded_for);
    fake_param(&fake, "HTTPS", sender->https);
    fake_param(&fake, "REQUEST_SCHEME", sender->scheme);
    fake_param(&fake, "HTTP_X_FORWARDED_PROTO", sender->forwarded_proto);
    if (trusted)
        assert_int_equal(http_trust_parse(trusted, &trust), ERR_OK);
    struct http_request request = {.transport = &fake.transport};
    http_client_identify(&request, trust);
    http_trust_free(trust);
    request.transport = NULL;
    return request;
}

static const struct {
    int line;
    const char *list;
    const char *address;
    bool trusted;
} ranges[] = {
    {__LINE__, "", "127.0.0.1", false},
    {__LINE__, " ,\t, ", "127.0.0.1", false},
    {__LINE__, "127.0.0.1", "127.0.0.1", true},
    {__LINE__, "127.0.0.1", "127.0.0.2", false},
    {__LINE__, "127.0.0.1/32", "127.0.0.2", false},
    {__LINE__, "10.0.0.0/8", "10.255.255.255", true},
    {__LINE__, "10.0.0.0/8", "11.0.0.0", false},
    {__LINE__, "10.0.0.0/8", "9.255.255.255", false},
    {__LINE__, "10.1.2.3/8", "10.200.0.1", true},
    {__LINE__, "192.168.4.0/22", "192.168.7.255", true},
    {__LINE__, "192.168.4.0/22", "192.168.8.0", false},
    {__LINE__, "192.168.4.0/22", "192.168.3.255", false},
    {__LINE__, "10.0.0.128/25", "10.0.0.127", false},
    {__LINE__, "10.0.0.128/25", "10.0.0.128", true},
    {__LINE__, "10.0.0.2/31", "10.0.0.3", true},
    {__LINE__, "10.0.0.2/31", "10.0.0.4", false},
    {__LINE__, "0.0.0.0/0", "203.0.113.1", true},
    {__LINE__, "0.0.0.0/0", "2001:db8::1", false},
    {__LINE__, "::/0", "2001:db8::1", true},
    {__LINE__, "::1", "::1", true},
    {__LINE__, "::1", "127.0.0.1", false},
    {__LINE__, "2001:db8::/32", "2001:db8:ffff::1", true},
    {__LINE__, "2001:db8::/32", "2001:db9::1", false},
    {__LINE__, "2001:DB8::/33", "2001:db8:7fff::1", true},
    {__LINE__, "2001:db8::/33", "2001:db8:8000::1", false},
    {__LINE__, "2001:db8::5/128", "2001:db8::5", true},
    {__LINE__, "2001:db8::5/128", "2001:db8::4", false},
    /* IPv4 and IPv4-mapped IPv6 are the same address */
    {__LINE__, "10.0.0.0/8", "::ffff:10.1.2.3", true},
    {__LINE__, "10.0.0.0/8", "::ffff:11.1.2.3", false},
    {__LINE__, "::ffff:10.0.0.1", "10.0.0.1", true},
    {__LINE__, "10.0.0.0/8", "a01:203::", false},
    /* lists */
    {__LINE__, "10.0.0.1,::1,192.168.0.0/16", "192.168.9.9", true},
    {__LINE__, "10.0.0.1, ::1 , 192.168.0.0/16,", "::1", true},
    {__LINE__, ",,10.0.0.1 ::1\t192.168.0.0/16", "10.0.0.1", true},
    {__LINE__, "10.0.0.1 ::1 192.168.0.0/16", "10.0.0.2", false},
};

static void trusts_the_addresses_of_its_list_and_no_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ranges); i++) {
        const struct sender sender = {.remote_addr = ranges[i].address,
                                      .forwarded_for = "203.0.113.77"};
        struct http_request request = identify(&sender, ranges[i].list);
        bool trusted = strcmp(request.client_address, "203.0.113.77") == 0;
        assert_row(ranges[i].line, trusted == ranges[i].trusted);
    }
}

static const struct {
    int line;
    const char *list;
} wrong_lists[] = {
    {__LINE__, "localhost"},
    {__LINE__, "example.com"},
    {__LINE__, "*"},
    {__LINE__, "10.0.0"},
    {__LINE__, "10"},
    {__LINE__, "010.0.0.1x"},
    {__LINE__, "10.0.0.256"},
    {__LINE__, "10.0.0.1:80"},
    {__LINE__, "10.0.0.1;10.0.0.2"},
    {__LINE__, "10.0.0.0/33"},
    {__LINE__, "10.0.0.0/-1"},
    {__LINE__, "10.0.0.0/"},
    {__LINE__, "10.0.0.0/ 8"},
    {__LINE__, "/8"},
    {__LINE__, "10.0.0.0/8/8"},
    {__LINE__, "10.0.0.0/8x"},
    {__LINE__, "10.0.0.0/x"},
    {__LINE__, "10.0.0.0/0x8"},
    {__LINE__, "10.0.0.0/255.0.0.0"},
    {__LINE__, "10.0.0.0/4294967304"},
    {__LINE__, "10.0.0.0/18446744073709551624"},
    {__LINE__, "[::1]"},
    {__LINE__, ":::"},
    {__LINE__, "2001:db8::/129"},
    {__LINE__, "fe80::1%eth0"},
    {__LINE__, "2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"},
    {__LINE__, "10.0.0.1, nonsense"},
    {__LINE__, "nonsense, 10.0.0.1"},
};

static void refuses_a_list_with_anything_else_in_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(wrong_lists); i++) {
        struct http_trust *trust = NULL;
        assert_row(wrong_lists[i].line,
                   http_trust_parse(wrong_lists[i].list, &trust) == ERR_INVALID);
        assert_row(wrong_lists[i].line, trust == NULL);
    }
}

static void a_prefix_length_is_digits_alone(void **state)
{
    (void)state;
    struct http_trust *trust = NULL;
    enum err err = http_trust_parse("10.0.0.0/+8", &trust);
    http_trust_free(trust);
    assert_int_equal(err, ERR_INVALID);
}

static void takes_64_ranges_and_no_more(void **state)
{
    (void)state;
    BUF_AUTO(list, 4096);
    struct http_trust *trust = NULL;
    for (int i = 0; i < 64; i++)
        buf_addf(&list, "10.0.%d.0/24,", i);
    assert_int_equal(http_trust_parse(buf_str(&list), &trust), ERR_OK);
    http_trust_free(trust);
    buf_adds(&list, "10.1.0.0/24");
    assert_int_equal(http_trust_parse(buf_str(&list), &trust), ERR_INVALID);
}

static void freeing_no_trust_is_fine(void **state)
{
    (void)state;
    http_trust_free(NULL);
}

static const char proxies[] = "10.0.0.1, 192.168.0.0/16, 2001:db8::/32";

static const struct {
    int line;
    const char *remote;
    const char *forwarded;
    const char *client;
} walks[] = {
    {__LINE__, "203.0.113.9", NULL, "203.0.113.9"},
    {__LINE__, "203.0.113.9", "198.51.100.1", "203.0.113.9"},
    {__LINE__, "203.0.113.9", "10.0.0.1", "203.0.113.9"},
    {__LINE__, "10.0.0.1", NULL, "10.0.0.1"},
    {__LINE__, "10.0.0.1", "", "10.0.0.1"},
    {__LINE__, "10.0.0.1", "198.51.100.1", "198.51.100.1"},
    {__LINE__, "10.0.0.1", " \t198.51.100.1\t ", "198.51.100.1"},
    {__LINE__, "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"},
    {__LINE__, "10.0.0.1", "1.1.1.1,198.51.100.1,192.168.1.1 , 10.0.0.1", "198.51.100.1"},
    {__LINE__, "10.0.0.1", "10.0.0.1, 1.1.1.1, 198.51.100.1", "198.51.100.1"},
    {__LINE__, "10.0.0.1", "192.168.1.1, 192.168.1.2", "192.168.1.1"},
    {__LINE__, "10.0.0.1", "nonsense, 198.51.100.1", "198.51.100.1"},
    {__LINE__, "2001:db8::1", "2a00:1450::8", "2a00:1450::8"},
    {__LINE__, "2001:db8::1", "2A00:1450:0:0:0:0:0:8", "2a00:1450::8"},
    {__LINE__, "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"},
    {__LINE__, "10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"},
    {__LINE__, "10.0.0.1", "1.1.1.1, ::ffff:192.168.1.1, ::ffff:10.0.0.1", "1.1.1.1"},
    {__LINE__, "::ffff:203.0.113.9", NULL, "203.0.113.9"},
    {__LINE__, "2001:0db8:0000::0001", NULL, "2001:db8::1"},
    /* no address at all: nothing to trust */
    {__LINE__, NULL, "198.51.100.1", ""},
    {__LINE__, "", "198.51.100.1", ""},
    {__LINE__, "unix:", "198.51.100.1", ""},
    {__LINE__, "localhost", "198.51.100.1", ""},
    {__LINE__, "10.0.0.1:80", "198.51.100.1", ""},
    {__LINE__, "2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001", NULL, ""},
};

static void the_client_is_the_rightmost_address_that_is_not_trusted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(walks); i++) {
        const struct sender sender = {.remote_addr = walks[i].remote,
                                      .forwarded_for = walks[i].forwarded};
        struct http_request request = identify(&sender, proxies);
        assert_row(walks[i].line, strcmp(request.client_address, walks[i].client) == 0);
    }
}

/* What a trusted proxy appended but nobody can read must not lend weight to what stood before. */
static void an_unreadable_entry_does_not_let_a_spoofed_one_through(void **state)
{
    (void)state;
    static const struct {
        int line;
        const char *forwarded;
    } rows[] = {
        {__LINE__, "1.1.1.1, unknown"},
        {__LINE__, "1.1.1.1, _hidden"},
        {__LINE__, "1.1.1.1, 198.51.100.1:41234"},
        {__LINE__, "1.1.1.1, [2a00:1450::8]:41234"},
        {__LINE__, "1.1.1.1, \"198.51.100.1\""},
        {__LINE__, "1.1.1.1, 198.51.100.999"},
        {__LINE__, "1.1.1.1, 198.51.100.1 198.51.100.2"},
        {__LINE__, "1.1.1.1, unknown, 10.0.0.1"},
        {__LINE__, "1.1.1.1, 2001:db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct sender sender = {.remote_addr = "10.0.0.1",
                                      .forwarded_for = rows[i].forwarded};
        struct http_request request = identify(&sender, proxies);
        assert_row(rows[i].line, strcmp(request.client_address, "1.1.1.1") != 0);
    }
}

static void by_default_nobody_is_believed(void **state)
{
    (void)state;
    const struct sender sender = {
        .remote_addr = "127.0.0.1", .forwarded_for = "198.51.100.1", .forwarded_proto = "https"};
    struct http_request request = identify(&sender, NULL);
    assert_string_equal(request.client_address, "127.0.0.1");
    assert_false(request.https);
}

static const struct {
    int line;
    struct sender sender;
    bool https;
} schemes[] = {
    {__LINE__, {.remote_addr = "10.0.0.1"}, false},
    {__LINE__, {.https = "on"}, true},
    {__LINE__, {.https = "On"}, true},
    {__LINE__, {.https = "1"}, true},
    {__LINE__, {.https = "off"}, false},
    {__LINE__, {.https = ""}, false},
    {__LINE__, {.https = "0"}, false},
    {__LINE__, {.scheme = "https"}, true},
    {__LINE__, {.scheme = "HTTPS"}, true},
    {__LINE__, {.scheme = "http"}, false},
    {__LINE__, {.https = "", .scheme = "https"}, true},
    /* another's word counts from trusted proxies alone */
    {__LINE__, {.remote_addr = "10.0.0.1", .forwarded_proto = "https"}, true},
    {__LINE__, {.remote_addr = "10.0.0.1", .forwarded_proto = "HTTPS"}, true},
    {__LINE__, {.remote_addr = "10.0.0.1", .https = "on", .forwarded_proto = "http"}, false},
    {__LINE__, {.remote_addr = "10.0.0.1", .forwarded_proto = "ws"}, false},
    {__LINE__, {.remote_addr = "203.0.113.9", .forwarded_proto = "https"}, false},
    {__LINE__, {.remote_addr = "203.0.113.9", .https = "on", .forwarded_proto = "http"}, true},
    {__LINE__, {.forwarded_proto = "https"}, false},
};

static void tells_whether_the_request_came_over_https(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        struct http_request request = identify(&schemes[i].sender, proxies);
        assert_row(schemes[i].line, request.https == schemes[i].https);
    }
}

static const struct {
    int line;
    const char *address;
    const char *key;
} keys[] = {
    {__LINE__, "203.0.113.9", "203.0.113.9"},
    {__LINE__, "203.0.113.10", "203.0.113.10"},
    {__LINE__, "::ffff:203.0.113.9", "203.0.113.9"},
    {__LINE__, "2a00:1450:4001:82b::200e", "2a00:1450:4001:82b::"},
    {__LINE__, "2a00:1450:4001:82b:ffff:ffff:ffff:ffff", "2a00:1450:4001:82b::"},
    {__LINE__, "2a00:1450:4001:82c::200e", "2a00:1450:4001:82c::"},
    {__LINE__, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff::"},
    {__LINE__, "::1", "::"},
    {__LINE__, "unix:", "unknown"},
    {__LINE__, "", "unknown"},
    {__LINE__, NULL, "unknown"},
};

static void rate_limits_count_an_ipv6_network_as_one_client(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(keys); i++) {
        const struct sender sender = {.remote_addr = keys[i].address};
        struct http_request request = identify(&sender, NULL);
        char key[HTTP_ADDRESS_SIZE];
        http_client_key(&request, key);
        assert_row(keys[i].line, strcmp(key, keys[i].key) == 0);
    }
}

/* Some servers make one variable of X-Forwarded-For and X_Forwarded_For. */
static void a_header_that_came_twice_does_not_count(void **state)
{
    (void)state;
    FAKE_AUTO struct fake fake;
    struct http_trust *trust = NULL;
    fake_init(&fake);
    fake_param(&fake, "REMOTE_ADDR", "127.0.0.1");
    fake_param(&fake, "HTTP_X_FORWARDED_FOR", "198.51.100.7");
    fake_param(&fake, "HTTP_X_FORWARDED_FOR", "203.0.113.9");
    fake_param(&fake, "HTTP_X_FORWARDED_PROTO", "https");
    fake_param(&fake, "HTTP_X_FORWARDED_PROTO", "http");
    assert_int_equal(http_trust_parse("127.0.0.1", &trust), ERR_OK);
    struct http_request request = {.transport = &fake.transport};
    http_client_identify(&request, trust);
    http_trust_free(trust);
    assert_string_equal(request.client_address, "127.0.0.1");
    assert_false(request.https);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_that_came_twice_does_not_count),
        cmocka_unit_test(trusts_the_addresses_of_its_list_and_no_others),
        cmocka_unit_test(refuses_a_list_with_anything_else_in_it),
        cmocka_unit_test(a_prefix_length_is_digits_alone),
        cmocka_unit_test(takes_64_ranges_and_no_more),
        cmocka_unit_test(freeing_no_trust_is_fine),
        cmocka_unit_test(the_client_is_the_rightmost_address_that_is_not_trusted),
        cmocka_unit_test(an_unreadable_entry_does_not_let_a_spoofed_one_through),
        cmocka_unit_test(by_default_nobody_is_believed),
        cmocka_unit_test(tells_whether_the_request_came_over_https),
        cmocka_unit_test(rate_limits_count_an_ipv6_network_as_one_client),
    };
    return cmocka_run_group_tests_name("http/client", tests, NULL, NULL);
}
