/* What minting can cost at the least: a libfcgi responder that signs a few bytes per request, and does nothing else. Serves the socket
 * on descriptor 0; the argument is a PEM file with an RSA key. */
#include <fcgiapp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 16 };

static void *serve(void *context)
{
    FCGX_Request request;
    FCGX_InitRequest(&request, 0, 0);
    while (FCGX_Accept_r(&request) == 0) {
        unsigned char signature[512];
        size_t len = sizeof signature;
        EVP_MD_CTX *digest = EVP_MD_CTX_new();
        EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, context);
        EVP_DigestSign(digest, signature, &len, (const unsigned char *)"bare", 4);
        EVP_MD_CTX_free(digest);
        FCGX_PutS("Status: 200 OK\r\nContent-Type: text/plain\r\n\r\nok\n", request.out);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    if (!key || FCGX_Init() != 0)
        return EXIT_FAILURE;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, serve, key);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return EXIT_SUCCESS;
}
