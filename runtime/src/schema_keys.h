// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace fcngraph {

/// What a key of a model file accepts.
enum class KeyType {
  text,
  integer,
  number,
  boolean,
  texts,
  integers,
  numbers,
  table,
  tables,
  colors,
  texts_or_integer,
  text_or_table,
  integer_or_table,
  any
};

/// A key of the form. Choices are separated by spaces.
struct SchemaKey {
  std::string_view table;  ///< "" is the file itself, "train.loss" a table inside another
  std::string_view name;
  KeyType type;
  std::string_view doc;
  std::string_view choices = {};
};

/// Every key that the reader knows, but the attributes of ops.
std::span<const SchemaKey> schema_keys();

}  // namespace fcngraph
