// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "session_impl.h"

namespace fcngraph {

/// Turns an image into what the input takes: preprocessed planes [1, 3, H, W]. Throws GraphError that names the sizes.
Tensor preprocessed(const Image& image, const InputRules& rules);

/// An RGB image as the session's input takes it soonest: as bytes where a device preprocesses it, preprocessed where the host does.
Tensor image_input(const Image& image, const Session::Impl& session);

/// For which run inputs are: the one that comes now, or the one behind the run that was started last.
enum class For : std::uint8_t { now, next };

/// Binds the inputs of a run by name after holding them to their types; "image" may be the bytes of decoded images, u8 [N, H, W, 3].
/// Tensors that had to be converted are kept in `kept` until the run is over. For the next run only those are bound that take turns;
/// those that were, are left alone now. Throws GraphError: an input that is missing, unknown, of another size or type, a label out of range.
void bind_inputs(Session::Impl& session, const std::map<std::string, Tensor>& inputs, std::vector<Tensor>& kept,
                 For run = For::now);

}  // namespace fcngraph
