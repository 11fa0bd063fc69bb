# Finds oneDNN 2.6 or later by its header and library. (Debian's libdnnl-dev carries a config file that fails for want of
# OpenCL; oneDNN's own config files are therefore not asked.)
#
#   find_package(OneDNN [version])   OneDNN_FOUND, OneDNN_VERSION ("2.6.3") and the target OneDNN::dnnl
#   OneDNN_ROOT                      where to look first: an installation (include/, lib/), or a folder in which wheels of the
#                                    PyPI packages onednn-devel-* and onednn-* were unpacked (<name>-<version>.data/data/)
#
# onednn_locate(PREFIX [ROOT <dir>]) is the search itself: sets PREFIX_INCLUDE_DIR, PREFIX_LIBRARY and PREFIX_VERSION, which
# are empty where nothing was found. With ROOT it looks nowhere else, and nothing is kept in the cache.
include_guard(GLOBAL)

function(onednn_locate prefix)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ROOT" "")
  set(hints ${OneDNN_ROOT} $ENV{OneDNN_ROOT})
  set(elsewhere "")
  if(arg_ROOT)
    set(hints ${arg_ROOT})
    set(elsewhere NO_DEFAULT_PATH NO_CACHE)
  endif()
  foreach(hint IN LISTS hints)
    file(GLOB unpacked LIST_DIRECTORIES TRUE ${hint}/*.data/data)
    list(APPEND hints ${unpacked})
  endforeach()

  find_path(${prefix}_INCLUDE_DIR oneapi/dnnl/dnnl.hpp HINTS ${hints} PATH_SUFFIXES include ${elsewhere})
  find_library(${prefix}_LIBRARY dnnl HINTS ${hints} PATH_SUFFIXES lib lib64 ${elsewhere})
  if(arg_ROOT)
    set(${prefix}_INCLUDE_DIR "${${prefix}_INCLUDE_DIR}" PARENT_SCOPE)
    set(${prefix}_LIBRARY "${${prefix}_LIBRARY}" PARENT_SCOPE)
  else()
    mark_as_advanced(${prefix}_INCLUDE_DIR ${prefix}_LIBRARY)
  endif()

  set(version "")
  set(header "${${prefix}_INCLUDE_DIR}/oneapi/dnnl/dnnl_version.h")
  if(EXISTS "${header}")
    file(STRINGS "${header}" defines REGEX "#define DNNL_VERSION_(MAJOR|MINOR|PATCH) ")
    foreach(part IN ITEMS MAJOR MINOR PATCH)
      if(defines MATCHES "DNNL_VERSION_${part} +([0-9]+)")
        list(APPEND version ${CMAKE_MATCH_1})
      endif()
    endforeach()
    list(JOIN version "." version)
  endif()
  set(${prefix}_VERSION "${version}" PARENT_SCOPE)
endfunction()

# onednn_target(NAME PREFIX): the imported target of what onednn_locate found.
function(onednn_target name prefix)
  if(NOT TARGET ${name})
    add_library(${name} SHARED IMPORTED GLOBAL)
    # The library's real file: a program then records where it lies, not a link that another version may take over.
    file(REAL_PATH "${${prefix}_LIBRARY}" location)
    set_target_properties(${name} PROPERTIES
      IMPORTED_LOCATION "${location}"
      INTERFACE_INCLUDE_DIRECTORIES "${${prefix}_INCLUDE_DIR}")
  endif()
endfunction()

onednn_locate(OneDNN)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OneDNN REQUIRED_VARS OneDNN_LIBRARY OneDNN_INCLUDE_DIR VERSION_VAR OneDNN_VERSION)
if(OneDNN_FOUND)
  onednn_target(OneDNN::dnnl OneDNN)
endif()
