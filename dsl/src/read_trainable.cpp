// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "read.h"

namespace fcngraph::dsl {

bool read_trainable(StrictTable& table, TrainableSpec& spec) {
  static const std::string expected = "\"heads\", \"all\" or a list such as [\"block5_*\", \"head:*\"]";
  const auto* value = table.take("trainable");
  if (value == nullptr) return false;
  spec.span = value->span;
  if (value->is_string()) {
    static const std::array<std::string, 2> words{"heads", "all"};
    if (value->text != words[0] && value->text != words[1])
      table.wrong("E0109", "trainable", *value, expected, did_you_mean(value->text, words));
    spec.kind = value->text == "all" ? TrainableSpec::Kind::all : TrainableSpec::Kind::heads;
    return true;
  }
  if (!value->is_array()) {
    table.wrong("E0106", "trainable", *value, expected);
    return false;
  }
  spec.kind = TrainableSpec::Kind::globs;
  table.read_strings("trainable", spec.globs);
  return true;
}

}  // namespace fcngraph::dsl
