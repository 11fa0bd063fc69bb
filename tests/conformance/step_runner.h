// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fcngraph/engine/backend.h>
#include <fcngraph/engine/interpret.h>

namespace fcngraph::testing {

/// An op with its attributes and its operands' values: absent ones have no data and an empty type.
struct Problem {
  const OpDef* op = nullptr;
  Attrs attrs;
  std::vector<HostTensor> operands;
  std::vector<bool> present;
  std::vector<TensorType> results;
  std::size_t wanted = SIZE_MAX;  ///< results from this one on are not asked for
  const Graph* body = nullptr;    ///< of a region
};

/// A case of an op with values drawn from `seed`. The values are f32 numbers, so that the f64 twin has the very same.
Problem make_problem(const OpDef& op, const OpCase& one, std::uint64_t seed);
/// The same numbers in f64.
Problem in_double(const Problem& problem);
/// The same with f32 numbers rounded to a type of 16 bits and stored in it.
Problem stored_as(const Problem& problem, DType storage);
/// Results of the op's own loop, in plain layout.
std::vector<HostTensor> run_reference(const Problem& problem);

/// What a backend said and made of a problem.
struct Outcome {
  Capability answer;
  std::vector<HostTensor> results;  ///< those wanted, plain; empty where the backend refused
};

struct RunOptions {
  int threads = 1;
  /// Rank-4 f32 operands are offered in this layout (one of oneDNN's: acdb, aBcd8b, aBcd16b).
  std::string offered_tag;
  std::string kernels = "auto";              ///< of the policy
  std::string storage = "f32";               ///< of the policy
  DType products = DType::f32;               ///< of the policy
  std::shared_ptr<const KernelTimes> times;  ///< of the policy
  bool in_place = false;                     ///< result 0 lies where operand 0 does, when their layouts agree
};

/// Offers the problem to the backend, brings operands into the layouts that it asks for and results back by reorder steps of the
/// backend's own, and runs it twice: throws when the second run's bits differ, or when a byte around a buffer was touched.
Outcome run_on(const Backend& backend, const Problem& problem, const RunOptions& options);

/// Whether the backend's convolutions of 32 channels leave a layout that is not plain: then others must cope with such.
bool has_layouts(const Backend& backend);

/// Whether the backend brings tensors into the layout called `tag`.
bool knows_layout(const Backend& backend, const std::string& tag);

/// The layout called `tag` of an NCHW tensor; plain for any other tensor.
Layout layout_in(const std::string& tag, const TensorType& type);

/// A step that changes a layout alone.
std::vector<std::byte> reordered(const Backend& backend, Device& device, const std::vector<std::byte>& data,
                                 const TensorType& from, const TensorType& to);

/// The worst |got - want| / max(|want|, rms(want)); infinite where one is NaN and the other is not.
double worst_error(const HostTensor& got, const HostTensor& want);

}  // namespace fcngraph::testing
