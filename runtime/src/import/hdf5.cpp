// SPDX-License-Identifier: Apache-2.0
#include "import/hdf5.h"

#include <fmt/format.h>
#include <hdf5.h>

#include <filesystem>
#include <mutex>
#include <utility>

#include <fcngraph/engine/error.h>

#include "import/source.h"

namespace fcngraph::import {
namespace {

constexpr hsize_t kMostChildren = 100'000;
constexpr std::size_t kMostText = std::size_t{64} << 20;

/// Alone in the library, and the library quiet, as long as this lives.
class Access {
 public:
  Access() : lock_(mutex()) {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }
  ~Access() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

/// An object of the library, closed at the end of its scope; a call that failed gives an invalid one.
class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  explicit operator bool() const { return id_ >= 0; }
  hid_t operator*() const { return id_; }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

/// What the innermost function of the library had to say about the last failure.
std::string reason() {
  std::string text;
  const auto take = [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
    if (error->desc != nullptr) *static_cast<std::string*>(out) = error->desc;
    return 1;  // the first is enough
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take, &text);
  return text.empty() ? "no reason given" : text;
}

}  // namespace

struct Hdf5File::Impl {
  Impl(std::string name, std::uint64_t size, Handle handle)
      : shown(std::move(name)), bytes(size), file(std::move(handle)) {}

  [[noreturn]] void fail(const std::string& message) const { throw IoError(shown, message); }
  [[noreturn]] void fail_reading(const std::string& path) const {
    fail(fmt::format("'{}' cannot be read: {}", path, reason()));
  }

  /// Whether every step of the path is there, inside this file.
  bool has(const std::string& path) const {
    if (path == "/") return true;
    for (std::size_t end = 0; end != std::string::npos;) {
      end = path.find('/', end + 1);
      const std::string part = path.substr(0, end);
      if (H5Lexists(*file, part.c_str(), H5P_DEFAULT) <= 0) return false;
      H5L_info_t info;
      if (H5Lget_info(*file, part.c_str(), &info, H5P_DEFAULT) < 0) return false;
      if (info.type != H5L_TYPE_HARD) fail(fmt::format("'{}' is a link to elsewhere, which is not followed", part));
    }
    return true;
  }

  Handle object(const std::string& path) const {
    if (!has(path)) fail(fmt::format("holds no '{}'", path));
    Handle handle(H5Oopen(*file, path.c_str(), H5P_DEFAULT), H5Oclose);
    if (!handle) fail_reading(path);
    return handle;
  }

  /// What has not been written reads as zeros: no weights.
  void check_written(hid_t dataset, hid_t plist, hid_t space, const std::string& path) const {
    H5D_space_status_t status = H5D_SPACE_STATUS_ERROR;
    if (H5Dget_space_status(dataset, &status) < 0) fail_reading(path);
    if (status == H5D_SPACE_STATUS_NOT_ALLOCATED) fail(fmt::format("the numbers of '{}' were never written", path));
#if H5_VERSION_GE(1, 10, 5)
    if (H5Pget_layout(plist) != H5D_CHUNKED) return;
    const auto rank = static_cast<std::size_t>(H5Sget_simple_extent_ndims(space));
    std::vector<hsize_t> extents(rank), chunk(rank);
    H5Sget_simple_extent_dims(space, extents.data(), nullptr);
    if (H5Pget_chunk(plist, static_cast<int>(rank), chunk.data()) != static_cast<int>(rank)) fail_reading(path);
    hsize_t expected = 1, written = 0;
    for (std::size_t i = 0; i < rank; ++i) expected *= (extents[i] + chunk[i] - 1) / chunk[i];
    if (H5Dget_num_chunks(dataset, space, &written) < 0) fail_reading(path);
    if (written != expected) fail(fmt::format("'{}' was written in part: {} of {} chunks", path, written, expected));
#endif
  }

  void check_dataset(hid_t dataset, hid_t space, const std::string& path, std::uint64_t claimed) const {
    const Handle plist(H5Dget_create_plist(dataset), H5Pclose);
    if (!plist) fail_reading(path);
    if (H5Pget_layout(*plist) == H5D_VIRTUAL || H5Pget_external_count(*plist) > 0)
      fail(fmt::format("'{}' has its numbers in another file, which is not followed", path));
    if (grows_too_much(bytes, claimed))
      fail(fmt::format("'{}' would have {} bytes, too many for a file of {}", path, claimed, bytes));
    if (claimed > 0) check_written(dataset, *plist, space, path);
  }

  std::vector<std::string> fixed_strings(hid_t attribute, hid_t type, std::size_t count) const {
    const std::size_t size = H5Tget_size(type);
    if (size == 0 || count > kMostText / size) fail("has an attribute that is too long");
    std::vector<char> buffer(count * size);
    if (H5Aread(attribute, type, buffer.data()) < 0) fail(fmt::format("has a damaged attribute: {}", reason()));
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
      std::string text(buffer.data() + i * size, size);
      text.resize(std::min(text.find('\0'), size));
      if (H5Tget_strpad(type) == H5T_STR_SPACEPAD) text.resize(text.find_last_not_of(' ') + 1);
      out.push_back(std::move(text));
    }
    return out;
  }

  std::vector<std::string> variable_strings(hid_t attribute, hid_t type, hid_t space, std::size_t count) const {
    if (count > kMostText / sizeof(char*)) fail("has an attribute that is too long");
    std::vector<char*> pointers(count, nullptr);
    if (H5Aread(attribute, type, pointers.data()) < 0) fail(fmt::format("has a damaged attribute: {}", reason()));
    std::vector<std::string> out;
    for (const char* text : pointers) out.emplace_back(text == nullptr ? "" : text);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, pointers.data());
    return out;
  }

  std::string shown;
  std::uint64_t bytes;
  Handle file;
};

Hdf5File::Hdf5File(const std::string& path, std::string shown) {
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  if (error) throw IoError(shown, "cannot read: " + error.message());
  const Access access;
  const Handle plist(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
#if H5_VERSION_GE(1, 10, 7)
  H5Pset_file_locking(*plist, false, true);  // locks fail on some network file systems, and readers need none
#endif
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, *plist), H5Fclose);
  if (!file) throw IoError(shown, "cannot be read as HDF5: " + reason());
  impl_ = std::make_unique<Impl>(std::move(shown), bytes, std::move(file));
}

Hdf5File::~Hdf5File() {
  const Access access;
  impl_.reset();
}

const std::string& Hdf5File::shown() const noexcept { return impl_->shown; }

bool Hdf5File::has(const std::string& path) const {
  const Access access;
  return impl_->has(path);
}

bool Hdf5File::has_attribute(const std::string& path, const std::string& name) const {
  const Access access;
  const Handle object = impl_->object(path);
  return H5Aexists(*object, name.c_str()) > 0;
}

std::vector<std::string> Hdf5File::strings(const std::string& path, const std::string& name) const {
  const Access access;
  const Handle object = impl_->object(path);
  const Handle attribute(H5Aopen(*object, name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!attribute) impl_->fail(fmt::format("'{}' has no attribute '{}'", path, name));
  const Handle space(H5Aget_space(*attribute), H5Sclose), type(H5Aget_type(*attribute), H5Tclose);
  if (!space || !type) impl_->fail_reading(path);
  const hssize_t count = H5Sget_simple_extent_npoints(*space);
  if (count < 0) impl_->fail_reading(path);
  if (count == 0) return {};  // h5py writes an empty list as numbers
  if (H5Tget_class(*type) != H5T_STRING)
    impl_->fail(fmt::format("attribute '{}' of '{}' is no list of names", name, path));
  return H5Tis_variable_str(*type) > 0
             ? impl_->variable_strings(*attribute, *type, *space, static_cast<std::size_t>(count))
             : impl_->fixed_strings(*attribute, *type, static_cast<std::size_t>(count));
}

std::vector<Hdf5File::Child> Hdf5File::children(const std::string& path) const {
  const Access access;
  const Handle object = impl_->object(path);
  H5G_info_t info;
  if (H5Gget_info(*object, &info) < 0) impl_->fail_reading(path);
  if (info.nlinks > kMostChildren) impl_->fail(fmt::format("'{}' has {} parts, too many", path, info.nlinks));
  std::vector<Child> out;
  for (hsize_t i = 0; i < info.nlinks; ++i) {
    H5L_info_t link;
    if (H5Lget_info_by_idx(*object, ".", H5_INDEX_NAME, H5_ITER_INC, i, &link, H5P_DEFAULT) < 0)
      impl_->fail_reading(path);
    if (link.type != H5L_TYPE_HARD) continue;
    const auto length = H5Lget_name_by_idx(*object, ".", H5_INDEX_NAME, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT);
    if (length < 0) impl_->fail_reading(path);
    std::string name(static_cast<std::size_t>(length), '\0');
    H5Lget_name_by_idx(*object, ".", H5_INDEX_NAME, H5_ITER_INC, i, name.data(), name.size() + 1, H5P_DEFAULT);
    const Handle child(H5Oopen(*object, name.c_str(), H5P_DEFAULT), H5Oclose);
    if (!child) impl_->fail_reading(path + "/" + name);
    out.push_back({std::move(name), H5Iget_type(*child) == H5I_GROUP});
  }
  return out;
}

Tensor Hdf5File::read(const std::string& path) const {
  const Access access;
  const Handle dataset = impl_->object(path);
  if (H5Iget_type(*dataset) != H5I_DATASET) impl_->fail(fmt::format("'{}' is no data set", path));
  const Handle space(H5Dget_space(*dataset), H5Sclose), type(H5Dget_type(*dataset), H5Tclose);
  if (!space || !type) impl_->fail_reading(path);
  const H5T_class_t kind = H5Tget_class(*type);
  // Keras hands bfloat16 to the library as two bytes of its own, and says so in an attribute.
  const bool bfloat = kind == H5T_OPAQUE && H5Tget_size(*type) == 2 && H5Aexists(*dataset, "dtype") > 0;
  if (kind != H5T_FLOAT && kind != H5T_INTEGER && !bfloat) impl_->fail(fmt::format("'{}' holds no numbers", path));
  const int rank = H5Sget_simple_extent_ndims(*space);
  if (rank < 0) impl_->fail_reading(path);
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  H5Sget_simple_extent_dims(*space, extents.data(), nullptr);
  const DType dtype = bfloat ? DType::bf16 : kind == H5T_FLOAT ? DType::f32 : DType::i64;
  std::int64_t bytes = static_cast<std::int64_t>(std::max(H5Tget_size(*type), size_of(dtype)));
  std::vector<std::int64_t> dims;
  for (const hsize_t extent : extents) {
    dims.push_back(static_cast<std::int64_t>(extent));
    if (dims.back() < 0 || __builtin_mul_overflow(bytes, dims.back(), &bytes))
      impl_->fail(fmt::format("the shape of '{}' overflows", path));
  }
  impl_->check_dataset(*dataset, *space, path, static_cast<std::uint64_t>(bytes));
  Tensor tensor = Tensor::zeros({dtype, Shape(std::move(dims)), {}});
  const hid_t native = bfloat ? *type : kind == H5T_FLOAT ? H5T_NATIVE_FLOAT : H5T_NATIVE_INT64;
  if (bytes > 0 && H5Dread(*dataset, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.data.data()) < 0)
    impl_->fail_reading(path);
  return tensor;
}

}  // namespace fcngraph::import
