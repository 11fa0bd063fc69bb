// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <fcngraph/engine/error.h>
#include <fcngraph/tensor.h>
#include <array>

#include "temporary_folder.h"

namespace fcngraph {
namespace {

std::string npy(const std::string& header, std::size_t data, char major = 1) {
  std::string file = std::string("\x93NUMPY", 6) + major + std::string(1, '\0');
  file += static_cast<char>(header.size() & 0xff);
  file += static_cast<char>(header.size() >> 8);
  if (major > 1) file += std::string(2, '\0');
  return file + header + std::string(data, '\x02');
}

TEST_CASE("tensors of each dtype and rank come back") {
  const TemporaryFolder folder;
  for (const DType dtype : {DType::f32, DType::f64, DType::u8, DType::i32, DType::i64}) {
    for (const Shape& shape : {Shape{}, Shape{3}, Shape{2, 0, 3}, Shape{1, 2, 3, 4}}) {
      Tensor tensor = Tensor::zeros({dtype, shape, {}});
      for (std::size_t i = 0; i < tensor.data.size(); ++i) tensor.data[i] = static_cast<std::byte>(i * 37);
      save_npy(folder / "t.npy", tensor);
      const Tensor back = load_npy(folder / "t.npy");
      CHECK_EQ(back.type, tensor.type);
      CHECK_EQ(back.data, tensor.data);
      // The data is aligned, as NumPy writes it.
      CHECK_EQ((TemporaryFolder::read(folder / "t.npy").size() - tensor.data.size()) % 64, 0);
    }
  }
}

TEST_CASE("headers are read in every spelling that NumPy accepts") {
  const TemporaryFolder folder;
  const std::array<std::string, 4> headers{"{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n",
                                           "{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"<f4\"}",
                                           "  {'descr':'<f4' , 'shape' :( 2 , ) ,'fortran_order':False}   ",
                                           "{'descr': '<f4', 'fortran_order': False, 'shape': (2L,)}"};
  for (const auto& header : headers) {
    for (const char major : {'\1', '\2', '\3'}) {
      folder.put("t.npy", npy(header, 8, major));
      CHECK_EQ(load_npy(folder / "t.npy").type, TensorType{DType::f32, {2}, {}});
    }
  }
}

TEST_CASE("bad files are refused in words") {
  struct Bad {
    std::string file;
    const char* says;
  };
  const std::string good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}";
  const std::vector<Bad> files{
      {"", "no .npy file"},
      {"PK", "no .npy file"},
      {npy(good, 7), "cut short"},
      {npy(good, 9), "bytes after its data"},
      {npy(good, 8, 9), "version 9"},
      {npy(good, 0).substr(0, 20), "cut short"},
      {npy("{'descr': '>c8', 'fortran_order': False, 'shape': (2,)}", 8), "type '>c8'"},
      {npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}", 8), "Fortran order"},
      {npy("{'descr': '<f4', 'fortran_order': 1, 'shape': (2,)}", 8), "neither True nor False"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", 8), "tuple of sizes"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2", 8), "tuple of sizes"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", 8), "overflows"},
      {npy("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", 8), "overflows"},
      {npy("{'descr': '<f4', 'fortran_order': False}", 8), "lacks"},
      {npy("{'descr': '<f4', 'more': 'x'}", 8), "unknown key 'more'"},
      {npy("{'descr': '<f4", 8), "without end"},
      {npy("[]", 8), "lacks '{'"},
      {npy(good + " x", 8), "goes on"},
  };
  const TemporaryFolder folder;
  for (const Bad& bad : files) {
    CAPTURE(bad.says);
    folder.put("t.npy", bad.file);
    const std::string message = message_of<IoError>([&] { (void)load_npy(folder / "t.npy"); });
    CHECK_MESSAGE(says(message, bad.says), message);
  }
  CHECK_THROWS_AS((void)load_npy(folder / "missing.npy"), IoError);
  CHECK_THROWS_AS((void)load_npy(folder.path()), IoError);
  CHECK_THROWS_AS(save_npy(folder / "x.npy", Tensor::zeros({DType::bf16, {2}, {}})), GraphError);
}

}  // namespace
}  // namespace fcngraph
