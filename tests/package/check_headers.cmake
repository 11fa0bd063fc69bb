# cmake -DINCLUDE=<folder> -DCOMPILER=<c++> [-DLAUNCHER=<ccache>] -DSCRATCH=<folder> -P check_headers.cmake
# Each installed header compiles alone, and nothing but fcngraph and the standard library enters with it. Objects are written,
# though nobody wants them, because ccache remembers those: the second run is quick.
set(third_party "/(dnnl|oneapi|toml|fmt|nlohmann|doctest|omp|png|jpeglib|turbojpeg|cuda|cudnn)[^/]*(/|\\.h|$)")

file(GLOB_RECURSE headers RELATIVE ${INCLUDE} ${INCLUDE}/fcngraph/*.h)
list(LENGTH headers count)
if(count EQUAL 0)
  message(FATAL_ERROR "no header was installed in ${INCLUDE}")
endif()
file(MAKE_DIRECTORY ${SCRATCH})

set(failed "")
foreach(header IN LISTS headers)
  file(WRITE ${SCRATCH}/alone.cpp "#include <${header}>\n")
  execute_process(
    COMMAND ${LAUNCHER} ${COMPILER} -std=c++20 -O0 -Wall -Wextra -Werror -I${INCLUDE} -MD -MF ${SCRATCH}/alone.d
            -c ${SCRATCH}/alone.cpp -o ${SCRATCH}/alone.o
    RESULT_VARIABLE status ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message("${header} does not compile alone:\n${output}")
    list(APPEND failed ${header})
    continue()
  endif()
  file(READ ${SCRATCH}/alone.d dependencies)
  string(REGEX REPLACE "[ \\\n]+" ";" dependencies "${dependencies}")
  foreach(file IN LISTS dependencies)
    if(file MATCHES "${third_party}" AND NOT file MATCHES "^${INCLUDE}|^${SCRATCH}|/c\\+\\+/")
      message("${header} includes ${file}")
      list(APPEND failed ${header})
    endif()
  endforeach()
endforeach()
if(failed)
  list(REMOVE_DUPLICATES failed)
  message(FATAL_ERROR "these headers are not fit for the public: ${failed}")
endif()
message(STATUS "${count} headers compile alone")
