// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include <fcngraph/engine/diagnostics.h>

namespace fcngraph::dsl {

/// The names that a model has given away. All parts share one space: a head cannot be called like a node.
class NameTable {
 public:
  explicit NameTable(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  /// Takes a name; one that is taken is reported (E0201) at `span`, with the place of the first. `what` is "head", "node".
  bool declare(const std::string& name, const SourceSpan& span, const std::string& what);
  bool has(const std::string& name) const { return taken_.count(name) > 0; }

 private:
  struct Owner {
    std::string what;
    SourceSpan span;
  };
  std::map<std::string, Owner> taken_;
  Diagnostics& diagnostics_;
};

/// "graphs/fcn8s.toml:12:8", for notes.
std::string place_of(const SourceSpan& span);

}  // namespace fcngraph::dsl
