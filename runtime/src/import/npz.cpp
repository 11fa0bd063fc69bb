// SPDX-License-Identifier: Apache-2.0
#include "import/npz.h"

#include "npy.h"

namespace fcngraph::import {

Source list_npz(const std::shared_ptr<const ZipFile>& archive) {
  Source source;
  for (const auto& entry : archive->entries()) {
    if (!entry.name.ends_with(".npy")) continue;
    const std::string name = entry.name.substr(0, entry.name.size() - 4);
    VariableName parts = split_variable(name);
    source.push_back({name, std::move(parts.layer), std::move(parts.variable), [archive, entry] {
                        return parse_npy(archive->read(entry), archive->path() + ": " + entry.name);
                      }});
  }
  return source;
}

}  // namespace fcngraph::import
