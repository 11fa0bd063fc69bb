// SPDX-License-Identifier: Apache-2.0
#include "import/keras_archive.h"

#include <memory>

#include <fcngraph/engine/error.h>

#include "import/keras_hdf5.h"
#include "import/keras_names.h"

namespace fcngraph::import {

Source list_keras_archive(const ZipFile& archive) {
  constexpr std::uint64_t kMostConfig = std::uint64_t{64} << 20;
  const auto* const weights = archive.find("model.weights.h5");
  if (weights == nullptr) throw IoError(archive.path(), "holds no 'model.weights.h5'");
  const auto unpacked = std::make_shared<const std::vector<std::byte>>(archive.read(*weights));
  const auto file = std::make_shared<const Hdf5File>(*unpacked, unpacked, archive.path());
  if (is_legacy(*file)) return list_legacy(file);
  Source source = list_keras3(file);
  const auto* const config = archive.find("config.json");
  if (config == nullptr || config->bytes > kMostConfig) return source;
  const auto text = archive.read(*config);
  name_by_config(source, {reinterpret_cast<const char*>(text.data()), text.size()});
  return source;
}

}  // namespace fcngraph::import
