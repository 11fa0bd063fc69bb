// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <fcngraph/engine/op.h>

namespace fcngraph {

/// A JSON Schema (draft 2020-12) of model files, data files and backbones: the reader's keys, and the attributes of the ops of
/// `ops`. For editors that complete and check TOML.
FCNGRAPH_API std::string json_schema(const OpTable& ops = {});

}  // namespace fcngraph
