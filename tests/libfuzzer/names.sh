#!/bin/sh
# Prints a header with the names in these sources: of the attributes that
# kernels ask for, and every word that stands between quotation marks.
#
#   sh tests/libfuzzer/names.sh FILE...
set -eu

# list NAME: the words of the input as a function that gives them.
list() {
  printf 'inline const std::vector<const char*>& %s() {\n' "$1"
  printf '  static const std::vector<const char*> all = {\n'
  LC_ALL=C sort -u | sed 's/.*/      "&",/'
  printf '  };\n  return all;\n}\n'
}

printf '// Made by tests/libfuzzer/names.sh.\n#include <vector>\n'
asked='((numbers?|integers?|flag|text|has|read)\(|\((attributes|a), )'
grep -ohE "$asked\"[a-z0-9_]+\"|\"adam_[a-z0-9_]+\"" "$@" |
  sed 's/.*"\(.*\)"/\1/' | list attribute_names
grep -ohE '"[a-z][a-z0-9_]*"' "$@" | tr -d '"' | list words
