/* The names of all settings of this project. One file may hold those of both programs. */
#ifndef BEHEST_CONFIG_SETTING_NAMES_H
#define BEHEST_CONFIG_SETTING_NAMES_H

#include "base/settings.h"

/* Warns of each name in the settings' file that looks like one of ours (CHAT_..., BEHEST_...,
 * GATEWAY_...) and is none, and says which one is meant when one is written much the same. */
void setting_names_check(const struct settings *settings, struct problems *problems);

/* The setting whose name is nearest to one that is written wrong; NULL when none is near. */
const char *setting_names_nearest(const char *name);

#endif
