#!/bin/sh
# Writes C source with files as byte arrays:
#   embed.sh NAME FILE...
# defines `const struct embedded_file NAME[]` (base/embed.h), in the order given, ended by an entry without data.
set -eu
name=$1
shift
echo '#include "base/embed.h"'
i=0
for file in "$@"; do
    i=$((i + 1))
    echo "static const unsigned char data_$i[] = {"
    od -An -v -tx1 "$file" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
    echo '0};'
done
echo "extern const struct embedded_file $name[];"
echo "const struct embedded_file $name[] = {"
i=0
for file in "$@"; do
    i=$((i + 1))
    echo "{\"$(basename "$file")\", (const char *)data_$i, sizeof data_$i - 1},"
done
echo '{0, 0, 0}};'
