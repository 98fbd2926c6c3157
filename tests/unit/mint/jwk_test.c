#include "support.h"

#include "base/json.h"
#include "mint/jwk.h"

/* The example of RFC 7638, section 3.1. */
static void makes_the_thumbprint_of_the_standard(void **state)
{
    (void)state;
    static const char example[] =
        "{\"kty\":\"RSA\",\"kid\":\"2011-04-29\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\""
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
        "BJECPeb"
        "WKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
        "FDW2QvzqY368Q"
        "QMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
        "bFTWhAI4vMQFh6WeZu0fM4lFd2"
        "NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\"}";
    AUTO_JSON struct json_object *jwk = NULL;
    const char *problem = NULL;
    assert_int_equal(json_parse_object(example, strlen(example), &jwk, &problem), ERR_OK);
    const char *kid = NULL;
    EVP_PKEY *key = NULL;
    assert_int_equal(jwk_parse(jwk, &kid, &key, &problem), ERR_OK);
    char thumbprint[JWK_THUMBPRINT_SIZE];
    assert_int_equal(jwk_thumbprint(key, thumbprint), ERR_OK);
    assert_string_equal(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_thumbprint_of_the_standard),
    };
    return cmocka_run_group_tests_name("mint/jwk", tests, NULL, NULL);
}
