// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>

#include <fcngraph/engine/error.h>
#include <fcngraph/import.h>

#include "import_files.h"
#include "temporary_folder.h"

namespace fcngraph {
namespace {

std::string problem(const std::string& path) {
  return message_of<IoError>([&] { (void)import_weights(path); });
}

TEST_CASE("HDF5 files that lack, hide or poison what they list") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"missing_layer.h5", "lists layer 'gone', but does not hold it"},
      {"missing_tensor.h5", "layer 'conv' lists 'conv/kernel:0', but the file does not hold it"},
      {"nan.h5", "tensor 'conv/conv/kernel:0' holds a value that is not finite (NaN or infinity) at index 4"},
      {"huge.h5", "would have 4398046511104 bytes, too many for a file of"},
      {"unwritten.h5", "were never written"},
      {"partly.h5", "was written in part: 1 of 2 chunks"},
      {"bomb.h5", "too many for a file of"},
      {"external_link.h5", "'conv/conv/kernel:0' is a link to elsewhere, which is not followed"},
      {"external_data.h5", "has its numbers in another file, which is not followed"},
      {"latest.h5", "'conv/conv/kernel:0' is in chunks as HDF5 makes them with libver=\"latest\""},
      {"empty.h5", "is HDF5, but not of Keras"},
  };
  for (const auto& [name, part] : cases) {
    CAPTURE(name);
    const std::string message = problem(fixture(name));
    CAPTURE(message);
    CHECK(says(message, name));
    CHECK(says(message, part));
  }
  CHECK(says(problem("/no/such/file.h5"), "cannot read"));
}

TEST_CASE("a file that is cut short is refused, or gives what the whole one gives, and never crashes") {
  const TemporaryFolder folder;
  for (const char* name : {"published.h5", "vgg16.weights.h5", "model.keras", "weights.npz"}) {
    CAPTURE(name);
    const std::string whole = TemporaryFolder::read(fixture(name));
    for (std::size_t part = 0; part < 24; ++part) {
      const std::size_t size = part < 12 ? whole.size() * part / 12 : whole.size() - (std::size_t{1} << (part - 12));
      if (size < 9) continue;
      CAPTURE(size);
      TemporaryFolder::write(folder / "cut", whole.substr(0, size));
      if (problem(folder / "cut") != "(no error)") continue;
      CHECK(size + 2 >= whole.size());  // a zip archive ends with the length of a comment that nobody reads
      const auto cut = import_weights(folder / "cut").weights, all = import_weights(fixture(name)).weights;
      for (const auto& tensor : all.names()) CHECK_EQ(values(cut.get(tensor)), values(all.get(tensor)));
    }
  }
  const std::string message = [&] {
    TemporaryFolder::write(folder / "cut", TemporaryFolder::read(fixture("published.h5")).substr(0, 20'000));
    return problem(folder / "cut");
  }();
  CHECK(says(message, "is cut short: it had 29496 bytes when it was written, now 20000"));
}

TEST_CASE("archives that lie, lead out of themselves or would fill the memory") {
  const TemporaryFolder folder;
  const auto zip = folder / "w.npz";
  write_zip(zip, {{"../../evil.npy", "x"}});
  CHECK(says(problem(zip), "'../../evil.npy', whose name leads out of the archive"));
  write_zip(zip, {{"/evil.npy", "x"}});
  CHECK(says(problem(zip), "leads out of the archive"));
  write_zip(zip, {{"a.npy", std::string(std::size_t{40} << 20, '\0')}});
  CHECK(says(problem(zip), "would unpack to 41943040 bytes up to 'a.npy', too many"));
  write_zip(zip, {{"archive/data.pkl", "x"}});
  CHECK(says(problem(zip), "pickle of PyTorch"));
  write_zip(zip, {{"readme.txt", "x"}});
  CHECK(says(problem(zip), "holds no 'model.weights.h5'"));
  write_zip(zip, {{"model.weights.h5", "no HDF5 at all"}});
  CHECK(says(problem(zip), "is damaged: its first block cannot be read"));
  write_zip(zip, {{"conv_W.npy", "no array"}});
  CHECK(says(problem(zip), "conv_W.npy: is no .npy file"));

  std::string damaged = TemporaryFolder::read(fixture("weights.npz"));
  damaged[200] = static_cast<char>(damaged[200] ^ 1);  // in the numbers of the first array
  TemporaryFolder::write(zip, damaged);
  CHECK(says(problem(zip), "its checksum is wrong"));
}

TEST_CASE("doubles that no float can hold, NaN in an archive, and 4 GiB in the header of an array") {
  const TemporaryFolder folder;
  const auto zip = folder / "w.npz";
  Tensor tensor = Tensor::zeros({DType::f64, {2}, {}});
  for (const double value : {1e300, std::nan("")}) {
    tensor.as<double>()[1] = value;
    save_npy(folder / "b.npy", tensor);
    write_zip(zip, {{"conv_W.npy", TemporaryFolder::read(fixture("short.fc1.npy"))},
                    {"conv_b.npy", TemporaryFolder::read(folder / "b.npy")}});
    CHECK(says(problem(zip), "tensor 'conv_b' holds a value that is not finite (NaN or infinity) at index 1"));
  }
  write_zip(zip, {{"conv_W.npy", std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff{}", 14)}});
  CHECK(says(problem(zip), "conv_W.npy: is cut short: its header says 4294967295 bytes"));
}

TEST_CASE("safetensors whose header would have 4 GiB, and do") {
  const TemporaryFolder folder;
  std::string file(16, '\0');
  file[4] = 1;
  TemporaryFolder::write(folder / "w", file);
  CHECK(says(problem(folder / "w"), "its header would have 4294967296 bytes"));
  std::filesystem::resize_file(folder / "w", std::uintmax_t{5} << 30);  // of nothing: they take no room
  CHECK(says(problem(folder / "w"), "its header would have 4294967296 bytes"));
}

}  // namespace
}  // namespace fcngraph
