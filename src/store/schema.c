#include "store/schema.h"

extern const struct embedded_file app_migrations[];
extern const struct embedded_file gateway_migrations[];

const struct db_schema app_schema = {app_migrations, 0x42485354};
const struct db_schema gateway_schema = {gateway_migrations, 0x42484757};

int schema_version(const struct db_schema *schema)
{
    int version = 0;
    while (schema->migrations[version].data)
        version++;
    return version;
}
