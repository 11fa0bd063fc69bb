# Finds cuDNN 9 by its headers, and its library where there is one: a program that opens cuDNN at run time needs headers alone.
#
#   find_package(CUDNN [version])   CUDNN_FOUND, CUDNN_VERSION ("9.19.0") and the target CUDNN::headers; CUDNN_LIBRARY may be empty
#   CUDNN_ROOT                      where to look first
#
# Looks in CUDNN_ROOT, the system, the CUDA toolkit, and the folder nvidia/cudnn of the Python packages that pip installs.
include_guard(GLOBAL)

# The folders in which this machine's Python keeps packages; nothing where there is no Python.
function(cudnn_python_folders out)
  set(found "")
  find_program(CUDNN_PYTHON NAMES python3)
  mark_as_advanced(CUDNN_PYTHON)
  if(CUDNN_PYTHON)
    execute_process(COMMAND ${CUDNN_PYTHON} -c "import sys; print(';'.join(p for p in sys.path if p))"
                    OUTPUT_VARIABLE paths OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    foreach(path IN LISTS paths)
      if(IS_DIRECTORY "${path}/nvidia/cudnn")
        list(APPEND found "${path}/nvidia/cudnn")
      endif()
    endforeach()
  endif()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

cudnn_python_folders(folders)
find_path(CUDNN_INCLUDE_DIR cudnn_version.h
  HINTS ${CUDNN_ROOT} $ENV{CUDNN_ROOT} ${CUDAToolkit_INCLUDE_DIRS}
  PATHS ${folders} PATH_SUFFIXES include include/x86_64-linux-gnu)
find_library(CUDNN_LIBRARY NAMES cudnn libcudnn.so.9
  HINTS ${CUDNN_ROOT} $ENV{CUDNN_ROOT} ${CUDAToolkit_LIBRARY_DIR} ${CUDAToolkit_ROOT} /usr/local/cuda
  PATHS ${folders} PATH_SUFFIXES lib lib64)
mark_as_advanced(CUDNN_INCLUDE_DIR CUDNN_LIBRARY)

set(CUDNN_VERSION "")
if(EXISTS "${CUDNN_INCLUDE_DIR}/cudnn_version.h")
  file(STRINGS "${CUDNN_INCLUDE_DIR}/cudnn_version.h" defines REGEX "#define CUDNN_(MAJOR|MINOR|PATCHLEVEL) ")
  set(parts "")
  foreach(part IN ITEMS MAJOR MINOR PATCHLEVEL)
    if(defines MATCHES "CUDNN_${part} +([0-9]+)")
      list(APPEND parts ${CMAKE_MATCH_1})
    endif()
  endforeach()
  list(JOIN parts "." CUDNN_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CUDNN REQUIRED_VARS CUDNN_INCLUDE_DIR VERSION_VAR CUDNN_VERSION)
if(CUDNN_FOUND AND NOT TARGET CUDNN::headers)
  add_library(CUDNN::headers INTERFACE IMPORTED GLOBAL)
  set_target_properties(CUDNN::headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${CUDNN_INCLUDE_DIR}")
endif()
