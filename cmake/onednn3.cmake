# The oneDNN backend is written for oneDNN 2.6 and for 3.x. The build uses one of them; with FCNGRAPH_ONEDNN3_ROOT it compiles
# the backend a second time against the 3.x found there, for the conformance tests alone.
#
# backends/onednn/CMakeLists.txt, after everything that it says of its target (sources, tables, links):
#   include(onednn3)
#   fcngraph_onednn3_twin(fcngraph_onednn)
# tests/conformance/CMakeLists.txt, beside the conformance test of the onednn backend:
#   fcngraph_onednn3_test(conformance_onednn3 LABELS conformance SOURCES <files> LIBRARIES fcngraph::engine ...)
# The two oneDNN libraries define the same C names: a test of the twin must not link, even indirectly, fcngraph::onednn.

# fcngraph_onednn3_twin(TARGET): adds the static library fcngraph_onednn3, alias fcngraph::onednn3, with TARGET's sources,
# include folders, definitions and links, but for OneDNN::dnnl, in whose stead it links OneDNN3::dnnl.
function(fcngraph_onednn3_twin target)
  if(NOT FCNGRAPH_ONEDNN3_ROOT)
    fcngraph_feature("oneDNN 3.x conformance" off "FCNGRAPH_ONEDNN3_ROOT is not set")
    return()
  endif()
  if(NOT COMMAND onednn_locate)
    include(FindOneDNN)
  endif()
  onednn_locate(OneDNN3 ROOT ${FCNGRAPH_ONEDNN3_ROOT})
  if(NOT OneDNN3_LIBRARY OR OneDNN3_VERSION VERSION_LESS 3)
    fcngraph_feature("oneDNN 3.x conformance" off "no oneDNN 3.x in FCNGRAPH_ONEDNN3_ROOT")
    return()
  endif()
  onednn_target(OneDNN3::dnnl OneDNN3)

  get_target_property(folder ${target} SOURCE_DIR)
  get_target_property(sources ${target} SOURCES)
  list(TRANSFORM sources PREPEND ${folder}/ REGEX "^[^/$]")
  add_library(fcngraph_onednn3 STATIC EXCLUDE_FROM_ALL ${sources})
  add_library(fcngraph::onednn3 ALIAS fcngraph_onednn3)
  foreach(property IN ITEMS INCLUDE_DIRECTORIES INTERFACE_INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS
                            INTERFACE_COMPILE_DEFINITIONS COMPILE_FEATURES INTERFACE_COMPILE_FEATURES LINK_LIBRARIES
                            INTERFACE_LINK_LIBRARIES POSITION_INDEPENDENT_CODE CXX_VISIBILITY_PRESET)
    get_target_property(value ${target} ${property})
    if(value)
      string(REPLACE "OneDNN::dnnl" "OneDNN3::dnnl" value "${value}")
      set_property(TARGET fcngraph_onednn3 PROPERTY ${property} "${value}")
    endif()
  endforeach()
  fcngraph_feature("oneDNN 3.x conformance" on "oneDNN ${OneDNN3_VERSION}")
endfunction()

# fcngraph_onednn3_test(NAME <arguments of fcngraph_test>): the conformance test of the twin. Where there is no twin, ctest
# lists the test under "did not run".
function(fcngraph_onednn3_test name)
  if(TARGET fcngraph_onednn3)
    fcngraph_test(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE fcngraph::onednn3)
  else()
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "LABELS;SOURCES;LIBRARIES;ENVIRONMENT")
    add_test(NAME ${name} COMMAND ${CMAKE_COMMAND} -E echo "SKIPPED: no oneDNN 3.x in this build")
    set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" SKIP_REGULAR_EXPRESSION "SKIPPED")
  endif()
endfunction()
