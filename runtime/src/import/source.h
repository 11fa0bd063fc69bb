// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <fcngraph/tensor.h>

namespace fcngraph::import {

/// A tensor of a file that is not ours: where it lies, what its layer calls it, and its values when they are asked for.
struct SourceTensor {
  std::string path;              ///< in the file, for messages: "fc1/fc1_W_1:0"
  std::string layer;             ///< "fc1"
  std::string variable;          ///< kernel, bias, gamma, ...; as the file has it where it is none of those
  std::function<Tensor()> read;  ///< throws IoError
};

/// The tensors of a file in the order of its layers, which says what a fully connected layer stands behind.
using Source = std::vector<SourceTensor>;

/// "block1_conv1/kernel:0" is kernel of block1_conv1; so are "model/block1_conv1/kernel", "block1_conv1_W_1:0" and
/// "block1_conv1.kernel". `layer`, where it is known, is taken off the front. Both parts are empty where nothing can be told.
struct VariableName {
  std::string layer, variable;
};
VariableName split_variable(const std::string& name, const std::string& layer = {});

/// "conv2d_10" is number 10 of conv2d, and "conv2d" number -1, before them all.
struct NumberedName {
  std::string name;
  long number = -1;
};
NumberedName split_number(const std::string& name);

/// Whether the name ends as Keras ends that of a kernel.
bool is_keras_kernel(const std::string& name);

/// Whether so many bytes out of a file of `stored` bytes are an attack and not compressed weights: more than 100 times as many
/// and 16 MiB.
bool grows_too_much(std::uint64_t stored, std::uint64_t claimed) noexcept;

}  // namespace fcngraph::import
