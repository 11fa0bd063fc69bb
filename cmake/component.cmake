# Functions that the build files are written with.

# Flags that every target of ours is compiled with.
add_library(fcngraph_flags INTERFACE)
target_compile_features(fcngraph_flags INTERFACE cxx_std_20)
# GCC 12 warns of overlaps in std::string's own operator+ (its bug 105651): hence -Wno-restrict.
target_compile_options(fcngraph_flags INTERFACE -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow
                                                -Wno-missing-field-initializers
                                                $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
                                                $<$<BOOL:${FCNGRAPH_WERROR}>:-Werror>)
if(FCNGRAPH_SANITIZE)
  target_compile_options(fcngraph_flags INTERFACE -fsanitize=${FCNGRAPH_SANITIZE} -fno-sanitize-recover=all
                                                  -fno-omit-frame-pointer)
  target_link_options(fcngraph_flags INTERFACE -fsanitize=${FCNGRAPH_SANITIZE})
endif()

if(FCNGRAPH_FUZZ)
  target_compile_options(fcngraph_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# fcngraph_component(NAME SOURCES...): a static, position-independent part of the library, `fcngraph_NAME` alias
# `fcngraph::NAME`, that exposes its own include/ folder and nothing else. The shared library is made of them all.
function(fcngraph_component name)
  set(target fcngraph_${name})
  add_library(${target} STATIC ${ARGN})
  add_library(fcngraph::${name} ALIAS ${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
                                       PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:fcngraph_flags>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                                             VISIBILITY_INLINES_HIDDEN ON)
  set_property(GLOBAL APPEND PROPERTY FCNGRAPH_COMPONENTS ${target})
endfunction()

# fcngraph_table(TARGET FOLDER TYPE FUNCTION INCLUDE NAMESPACE NAMES...): compiles FOLDER/<name>.cpp for each name and writes
# the table of them: `std::span<const TYPE* const> FUNCTION()`. Each file defines `const TYPE& NAMESPACE::<name>()`.
# The build's list is the registry: no static initialisers, nothing to dead-strip, a fixed order.
function(fcngraph_table target folder type function include namespace)
  set(declarations "")
  set(rows "")
  foreach(name IN LISTS ARGN)
    target_sources(${target} PRIVATE ${folder}/${name}.cpp)
    string(APPEND declarations "const ${type}& ${name}();\n")
    string(APPEND rows "      &${namespace}::${name}(),\n")
  endforeach()
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${function}.cpp)
  file(CONFIGURE OUTPUT ${file} @ONLY CONTENT [=[// Written by the build from its list of names; do not edit.
#include <span>

#include @include@

namespace @namespace@ {
@declarations@}  // namespace @namespace@

namespace fcngraph {

std::span<const @type@* const> @function@() {
  static const @type@* const table[] = {
@rows@  };
  return table;
}

}  // namespace fcngraph
]=])
  target_sources(${target} PRIVATE ${file})
endfunction()

# fcngraph_feature(NAME STATE TEXT): remembers a line of the summary printed at the end of the configuration.
function(fcngraph_feature name state text)
  set_property(GLOBAL APPEND PROPERTY FCNGRAPH_FEATURES "${name}: ${state} (${text})")
endfunction()

function(fcngraph_feature_summary)
  get_property(features GLOBAL PROPERTY FCNGRAPH_FEATURES)
  foreach(line IN LISTS features)
    message(STATUS "fcngraph ${line}")
  endforeach()
endfunction()
