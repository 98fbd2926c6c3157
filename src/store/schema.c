#include "store/schema.h"

extern const struct embedded_file app_migrations[];
extern const struct embedded_file gateway_migrations[];

const struct db_schema app_schema = {app_migrations, 0x42485354};
const struct db_schema gateway_schema = {gateway_migrations, 0x42484757};
