#include "mint/mint.h"

#include "mint/minter.h"

enum err minter_mint(struct minter *minter, const struct mint_order *order,
                     struct mint_result *ret_result)
{
    *ret_result = (struct mint_result){.token = BUF_MAX(MINT_TOKEN_MAX_BYTES)};
    return minter->ops->mint(minter, order, ret_result);
}

void mint_result_free(struct mint_result *result)
{
    buf_free(&result->token);
}

const char *minter_mode(const struct minter *minter)
{
    return minter->ops->mode;
}

void minter_free(struct minter *minter)
{
    if (minter)
        minter->ops->free(minter);
}
