#include "base/secret.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <sodium.h>

char *secret_new(const char *text, size_t len)
{
    char *secret = sodium_malloc(len + 1);
    if (!secret)
        return NULL;
    memcpy(secret, text, len);
    secret[len] = '\0';
    return secret;
}

void secret_free(char *secret)
{
    sodium_free(secret);
}

bool secret_equal(const char *a, const char *b)
{
    unsigned char hash_a[crypto_generichash_BYTES];
    unsigned char hash_b[crypto_generichash_BYTES];
    crypto_generichash(hash_a, sizeof hash_a, (const unsigned char *)a, strlen(a), NULL, 0);
    crypto_generichash(hash_b, sizeof hash_b, (const unsigned char *)b, strlen(b), NULL, 0);
    return sodium_memcmp(hash_a, hash_b, sizeof hash_a) == 0;
}

void secret_protect_process(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
#ifndef __SANITIZE_ADDRESS__ /* its leak check inspects the process */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}
