/* The title of a conversation: the beginning of its first question. */
#ifndef BEHEST_GATEWAY_TITLE_H
#define BEHEST_GATEWAY_TITLE_H

#include "gateway/chat_request.h"

enum { TITLE_SIZE = 256 };

/* Writes the text of the request's first message from a user, on one line, cut behind a word where
 * one ends: at most 60 characters. "" when there is no text. */
void title_of(const struct chat_request *request, char ret_title[static TITLE_SIZE]);

#endif
