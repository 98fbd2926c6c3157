/* What an implementation of minting provides; for those alone. */
#ifndef BEHEST_MINT_MINTER_H
#define BEHEST_MINT_MINTER_H

#include "mint/mint.h"

struct minter_ops {
    const char *mode;
    enum err (*mint)(struct minter *minter, const struct mint_order *order,
                     struct mint_result *result);
    void (*free)(struct minter *minter);
};

/* The first member of each implementation's own structure. */
struct minter {
    const struct minter_ops *ops;
};

#endif
