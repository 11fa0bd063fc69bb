# Options of the build. AUTO features are used when their libraries are found, and say why when they are not.
include(GNUInstallDirs)

set(FCNGRAPH_ONEDNN AUTO CACHE STRING "oneDNN backend: AUTO, ON or OFF")
set_property(CACHE FCNGRAPH_ONEDNN PROPERTY STRINGS AUTO ON OFF)
set(FCNGRAPH_ONEDNN3_ROOT "" CACHE PATH "root of a oneDNN 3.x that the backend is tested with a second time")
set(FCNGRAPH_CUDNN AUTO CACHE STRING "cuDNN backend, a module opened at run time: AUTO, ON or OFF")
set_property(CACHE FCNGRAPH_CUDNN PROPERTY STRINGS AUTO ON OFF)
set(FCNGRAPH_CUDNN_FRONTEND_ROOT "${PROJECT_SOURCE_DIR}/.cache/cudnn-frontend" CACHE PATH
    "folder whose include/ holds cudnn_frontend.h; ./dev setup fills this one")
option(FCNGRAPH_CLI "build the fcngraph program" ${PROJECT_IS_TOP_LEVEL})
option(FCNGRAPH_TESTS "build the tests" ${PROJECT_IS_TOP_LEVEL})
option(FCNGRAPH_BENCH "build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(FCNGRAPH_INSTALL "write install rules" ${PROJECT_IS_TOP_LEVEL})
option(FCNGRAPH_WERROR "turn warnings into errors" OFF)
option(FCNGRAPH_FUZZ "build the fuzz targets for libFuzzer, and nothing else (clang)" OFF)
set(FCNGRAPH_SANITIZE "" CACHE STRING "sanitizers, separated by commas: address,undefined")

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "build type" FORCE)
endif()

# ccache where it is there, and nobody asked for something else.
if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(FCNGRAPH_CCACHE ccache)
  mark_as_advanced(FCNGRAPH_CCACHE)
  if(FCNGRAPH_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${FCNGRAPH_CCACHE})
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${FCNGRAPH_CCACHE})
  endif()
endif()

list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
