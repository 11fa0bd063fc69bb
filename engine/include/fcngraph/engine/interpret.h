// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include <fcngraph/engine/graph.h>

namespace fcngraph {

/// A tensor on the host in plain layout.
struct HostTensor {
  TensorType type;
  std::vector<std::byte> data;
  static FCNGRAPH_API HostTensor zeros(TensorType type);
  template <class T>
  T* as() {
    return reinterpret_cast<T*>(data.data());
  }
  template <class T>
  const T* as() const {
    return reinterpret_cast<const T*>(data.data());
  }
};

/// Results of one node by the reference loop of its op, from the bytes of its operands: null where absent.
FCNGRAPH_API std::vector<HostTensor> interpret_node(const Graph& graph, const Node& node,
                                                    std::span<const std::byte* const> operands);

/// Runs a graph by the reference loops of its ops, allocating as it goes: what a graph means. Every input, parameter and state
/// must be in `bound`, by name. Returns every value made, by name; updated states under the names of their results.
FCNGRAPH_API std::map<std::string, HostTensor> interpret(const Graph& graph,
                                                         const std::map<std::string, HostTensor>& bound);

}  // namespace fcngraph
