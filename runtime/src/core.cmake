# What loads, compiles and runs models: safetensors, weights, executor, sessions.
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(minizip REQUIRED IMPORTED_TARGET minizip)

target_sources(fcngraph_runtime PRIVATE
  src/apply_weights.cpp
  src/available_memory.cpp
  src/backend_choice.cpp
  src/cache/cache_entry.cpp
  src/cache/cache_folder.cpp
  src/cache/cache_key.cpp
  src/cache/disk_store.cpp
  src/cache/entry_file.cpp
  src/cache/feature_cache.cpp
  src/cache/open_cache.cpp
  src/cache/recipe.cpp
  src/cache/resident_samples.cpp
  src/calibration.cpp
  src/data_classes.cpp
  src/device_confusion.cpp
  src/executor.cpp
  src/executor_setup.cpp
  src/frozen_reference.cpp
  src/half.cpp
  src/import/hdf5.cpp
  src/import/hdf5/attributes.cpp
  src/import/hdf5/bytes.cpp
  src/import/hdf5/chunks.cpp
  src/import/hdf5/data_set.cpp
  src/import/hdf5/data_type.cpp
  src/import/hdf5/dense.cpp
  src/import/hdf5/filters.cpp
  src/import/hdf5/links.cpp
  src/import/hdf5/numbers.cpp
  src/import/hdf5/object_header.cpp
  src/import/import_weights.cpp
  src/import/keras3.cpp
  src/import/keras_archive.cpp
  src/import/keras_legacy.cpp
  src/import/keras_names.cpp
  src/import/layout.cpp
  src/import/npz.cpp
  src/import/published.cpp
  src/import/source.cpp
  src/import/zip.cpp
  src/initialize.cpp
  src/mapped_file.cpp
  src/md5.cpp
  src/memory_budget.cpp
  src/model.cpp
  src/not_finite.cpp
  src/npy.cpp
  src/packed_folder.cpp
  src/pixel_input.cpp
  src/predictor.cpp
  src/program.cpp
  src/rename_weights.cpp
  src/safetensors.cpp
  src/session.cpp
  src/session_inputs.cpp
  src/tensor.cpp
  src/tensor_store.cpp
  src/tuning/kernel_table.cpp
  src/tuning/kernel_timer.cpp
  src/tuning/tune.cpp
  src/user_cache.cpp
  src/weights.cpp
  src/weights_report.cpp)
# Square roots vectorise when nobody asks for errno; no contraction: the same numbers on every machine.
set_source_files_properties(src/initialize.cpp PROPERTIES COMPILE_OPTIONS "-fno-math-errno;-ffp-contract=off;-O3")
target_link_libraries(fcngraph_runtime PRIVATE fcngraph::backends OpenMP::OpenMP_CXX nlohmann_json::nlohmann_json
                                              ZLIB::ZLIB PkgConfig::minizip)

configure_file(${CMAKE_CURRENT_SOURCE_DIR}/include/fcngraph/version.h.in ${CMAKE_CURRENT_BINARY_DIR}/include/fcngraph/version.h @ONLY)
target_include_directories(fcngraph_runtime PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_BINARY_DIR}/include>)
